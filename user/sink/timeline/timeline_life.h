/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A life and a space (core/cast.h) as the timeline keeps them. A space stands under the first life
 * that had it. Everything is copied, nothing points into mirrors.
 */
#ifndef SINK_TIMELINE_LIFE_H
#define SINK_TIMELINE_LIFE_H

#include "core/cast.h"
#include "core/finding.h"
#include "core/history.h"

struct timeline_life;

struct timeline_space {
	struct space *space;	     /* NULL: no life that is shown has it any more */
	struct timeline_life *owner; /* the first that had it */
	uint64_t nr;		     /* space.nr */
	uint64_t nr_writes;	     /* among timeline.writes, when they were added */
	struct history *history;     /* owned */
	const struct object *exe;    /* NULL: not known */
	uint64_t start_ns, end_ns;
	bool by_exec;		     /* set when an exec made it */
	struct timeline_space *next; /* of the same owner, younger */
};

/* How much there is to see, for sorting: greater is more. Counts of changes break ties. */
struct interest {
	/*
	 * 4: a finding of medium or high severity; 3: memory was writable and executable at once;
	 * 2: one, then the other, or somebody wrote into it by the process's number; 1: changes; 0:
	 * none
	 */
	int level;
	uint64_t nr_changes;
};

struct timeline_life {
	struct life *life;    /* held until this is freed */
	uint32_t shares_with; /* pid of the owner of its first space; 0: it owns that */
	uint64_t nr_failed;   /* calls */
	uint64_t nr_findings;
	enum severity worst;	       /* of the findings */
	struct note *notes;	       /* owned: the worst findings, see timeline_notes.h */
	uint64_t nr_no_room;	       /* findings, severe enough to print, without a note */
	struct timeline_space *spaces; /* owned, oldest first */
	unsigned int nr_spaces;
	unsigned int nr_dropped; /* spaces before these, which were dropped */
	struct interest dropped; /* of the dropped ones, summed up */
	struct timeline_life *next;
};

/* Interest of all that tl owns, dropped spaces included. */
struct interest timeline_life_interest(const struct timeline_life *tl);
/* Less than 0 if a is less than b, 0 if they are equal, else greater than 0. */
int interest_compare(struct interest a, struct interest b);

/*
 * Adds sp to the spaces of tl, with what it has mapped at ts_ns. From 64 spaces on, the oldest that
 * nobody has any more is dropped. budget outlives the space.
 */
struct timeline_space *timeline_space_new(struct timeline_life *tl, struct space *sp,
					  struct history_budget *budget, uint64_t ts_ns);
/* Frees all spaces of tl. */
void timeline_spaces_free(struct timeline_life *tl);

#endif
