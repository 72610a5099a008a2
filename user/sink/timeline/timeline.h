/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the timeline's collector (timeline_sink.c) hands to its page (timeline_page.c):
 * the story of every process, as a chain of images. An image is one address space;
 * exec starts a new one. Everything is copied, nothing points into mirrors.
 */
#ifndef SINK_TIMELINE_H
#define SINK_TIMELINE_H

#include "core/history.h"
#include "sink/sinks.h"

/* An address space, told under the first process that had it. */
struct image {
	uint64_t mm_id;
	uint32_t owner_pid;
	struct history *history;
	const struct object *exe; /* NULL: not known */
	uint64_t start_ns, end_ns;
	bool by_exec;
	unsigned int nr_users; /* living stories that have it */
	struct image *next;    /* of the same story */
	UT_hash_handle hh;     /* by mm_id, while it lives */
};

/* How much there is to see, for sorting: greater is more. Counts of changes break ties. */
struct interest {
	int level; /* 4: few programs do what it did; 3: writable and executable; 2: one, then the other; 1: changes; 0: nothing */
	uint64_t nr_changes;
};

struct story {
	uint32_t pid;
	uint64_t id_ns;		   /* start time of the process; 0: not known */
	uint64_t start_ns, end_ns; /* as far as it was watched */
	bool is_over;
	uint32_t exit_code; /* see event.exit_code */
	char comm[17];
	const struct object *exe; /* of the last image; NULL: not known */
	uint32_t shares_with;	  /* pid under which its first address space is told; 0: its own */
	uint64_t nr_failed;
	uint64_t nr_findings;
	enum severity worst;  /* of these */
	struct note *notes;   /* the worst of them: timeline_notes.h */
	uint64_t nr_no_room;  /* of those severe enough to be told: not among the notes */
	struct image *images; /* told here, oldest first */
	unsigned int nr_images;
	unsigned int nr_gone;  /* images that were dropped, the oldest, and ... */
	struct interest gone;  /* ... what was to be seen in them */
	struct image *current; /* may be told under another story */
	struct story *next;    /* all stories, in no order */
	UT_hash_handle hh;     /* by pid, while it lives */
};

struct timeline {
	struct timeline_config cfg;
	struct history_budget budget;
	struct story *stories;
	size_t nr_stories;
	struct story *by_pid;
	struct image *by_mm;
	struct note *open_notes;
	uint64_t nr_dropped;	     /* stories told in full no more, and ... */
	uint64_t nr_dropped_changes; /* ... their changes */
};

struct interest story_interest(const struct story *s);
int interest_compare(struct interest a, struct interest b);

/* Format the page into t->cfg.out->buf. */
void timeline_page(const struct timeline *t, const struct totals *totals);
/* The same as a picture. */
void timeline_svg(const struct timeline *t, const struct totals *totals);

#endif
