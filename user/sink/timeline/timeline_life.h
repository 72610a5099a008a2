/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the timeline keeps of a life (core/cast.h), and of the address spaces that are told under it:
 * those which no life before it had, oldest first. Everything is copied, nothing points into mirrors.
 */
#ifndef SINK_TIMELINE_LIFE_H
#define SINK_TIMELINE_LIFE_H

#include "core/cast.h"
#include "core/finding.h"
#include "core/history.h"

struct timeline_life;

/* An address space. */
struct timeline_space {
	struct space *space; /* NULL: nobody that is told of has it any more */
	struct timeline_life *owner;
	struct history *history;
	const struct object *exe; /* NULL: not known */
	uint64_t start_ns, end_ns;
	bool by_exec;
	struct timeline_space *next; /* of the same life */
};

/* How much there is to see, for sorting: greater is more. Counts of changes break ties. */
struct interest {
	int level; /* 4: few programs do what it did; 3: writable and executable; 2: one, then the other; 1: changes; 0: nothing */
	uint64_t nr_changes;
};

struct timeline_life {
	struct life *life;    /* held, as long as this is kept */
	uint32_t shares_with; /* pid under which its first address space is told; 0: its own */
	uint64_t nr_failed;
	uint64_t nr_findings;
	enum severity worst;	       /* of these */
	struct note *notes;	       /* the worst of them: timeline_notes.h */
	uint64_t nr_no_room;	       /* of those severe enough to be told: not among the notes */
	struct timeline_space *spaces; /* oldest first */
	unsigned int nr_spaces;
	unsigned int nr_dropped; /* spaces that were dropped, the oldest, and ... */
	struct interest dropped; /* ... what was to be seen in them */
	struct timeline_life *next;
};

struct interest timeline_life_interest(const struct timeline_life *tl);
int interest_compare(struct interest a, struct interest b);

/* Begins under tl, with what sp has mapped now. */
struct timeline_space *timeline_space_new(struct timeline_life *tl, struct space *sp,
					  struct history_budget *budget, uint64_t ts_ns);
/* Frees all that are told under tl. */
void timeline_spaces_free(struct timeline_life *tl);

#endif
