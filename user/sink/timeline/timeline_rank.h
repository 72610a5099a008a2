/* SPDX-License-Identifier: BSD-2-Clause */
/* Lives and lanes of a timeline in order of interest, and how many of them are shown. */
#ifndef SINK_TIMELINE_RANK_H
#define SINK_TIMELINE_RANK_H

#include "sink/timeline/timeline_row.h"

struct ranked_row {
	struct row row;
	struct interest interest;
	uint64_t looks;	       /* a hash of its cells: equal for rows that are drawn alike */
	unsigned int space_nr; /* which of its life's spaces, counted from 0 */
	size_t rank;	       /* 0: most to see; set by ranking_sort() */
};

/* All zero: empty. */
struct ranking {
	struct ranked_row *v;
	size_t nr, cap;
	size_t nr_quiet;  /* rows left out, as nothing happened to them */
	size_t nr_alike;  /* rows that others stand for */
	size_t nr_beside; /* regions left out, as they are not in the scope */
};

/*
 * Adds lanes of ts as rows; neighbours of one object that look alike in the layout are one row, and
 * rows that come again and again, one by one or in turns, are one row that stands for them. Rows
 * to which nothing happened are only counted, unless all is to be shown.
 */
void ranking_add_space(struct ranking *r, const struct timeline_layout *l, const struct timeline *t,
		       const struct timeline_space *ts, unsigned int space_nr);
/*
 * Puts the rows with most to see first, at most max, in order of space and rank. Returns how many
 * these are.
 */
size_t ranking_sort(struct ranking *r, size_t max);
/* Regions behind the rows that are shown. *ret_most: the most changes that one of them has. */
size_t ranking_hidden(const struct ranking *r, size_t nr_shown, uint64_t *ret_most);
void ranking_done(struct ranking *r);

/* All t->nr_lives lives, those with most to see first. The array is to be freed. */
struct timeline_life **lives_sorted(const struct timeline *t);
/* Returns how many of sorted are shown. *ret_max_rows: rows that each may have. */
size_t lives_shown(const struct timeline *t, struct timeline_life *const *sorted,
		   size_t *ret_max_rows);

#endif
