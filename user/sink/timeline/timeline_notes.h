/* SPDX-License-Identifier: BSD-2-Clause */
/* What was found of a life: kept while it is told of, and printed under its lanes. */
#ifndef SINK_TIMELINE_NOTES_H
#define SINK_TIMELINE_NOTES_H

#include "sink/timeline/timeline_row.h"

#define NOTES_MAX   32 /* of a life; more are counted alone */
#define NOTES_SHOWN 8  /* unless all is to be shown */

struct note {
	struct finding finding; /* as it was told last; why is the note's own */
	bool is_open;		/* more may be told of it */
	struct note *next;	/* of the same life, oldest first */
	UT_hash_handle hh;	/* by the finding's id, while it is open */
};

/* s: whose it is; NULL: nobody's here. */
void note_take(struct timeline *t, struct timeline_life *tl, const struct finding *f);
void notes_free(struct timeline *t, struct timeline_life *tl);

/* Those that are yet to be printed, oldest first. */
struct note_list {
	const struct note *v[NOTES_MAX];
	size_t nr, nr_hidden;
	uint64_t nr_no_room;
};

/* The worst, or all that are severe enough. */
void notes_choose(struct note_list *list, const struct timeline_config *cfg,
		  const struct timeline_life *tl);
/* Under its row, what was found there first. */
void notes_print(struct note_list *list, const struct timeline_layout *l, int width,
		 const struct row *row);
/* The others, with their addresses, and how many are hidden. */
void notes_print_rest(struct note_list *list, const struct timeline_layout *l, int width);

#endif
