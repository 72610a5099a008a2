/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings of a life, kept with it and printed under its lanes. */
#ifndef SINK_TIMELINE_NOTES_H
#define SINK_TIMELINE_NOTES_H

#include "sink/timeline/timeline_row.h"

#define NOTES_MAX   32 /* of a life; more are only counted */
#define NOTES_SHOWN 8  /* of these, unless all is to be shown */

struct note {
	struct finding finding; /* as last reported; finding.why is a copy */
	bool is_open;		/* set until the finding is over */
	struct note *next;	/* of the same life, younger */
	UT_hash_handle hh;	/* in timeline.open_notes, while it is open */
};

/* Keeps f, new or changed. tl: whose f is; NULL: of no life that is kept. */
void note_take(struct timeline *t, struct timeline_life *tl, const struct finding *f);
void notes_free(struct timeline *t, struct timeline_life *tl);

/* Notes of a life that are yet to be printed, oldest first. */
struct note_list {
	const struct note *v[NOTES_MAX]; /* borrowed */
	size_t nr, nr_hidden;		 /* hidden: severe enough, but too many */
	uint64_t nr_no_room;		 /* see struct timeline_life */
};

/*
 * Fills list with the worst notes of at least cfg->min_severity, or, with cfg->all, all of these.
 */
void notes_choose(struct note_list *list, const struct timeline_config *cfg,
		  const struct timeline_life *tl);
/* Prints the notes that began in row, and takes them off list. width: columns of a line. */
void notes_print(struct note_list *list, const struct timeline_layout *l, int width,
		 const struct row *row);
/* Prints the notes that are left, with their addresses, and counts those that are not shown. */
void notes_print_rest(struct note_list *list, const struct timeline_layout *l, int width);

#endif
