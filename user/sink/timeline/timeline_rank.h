/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a timeline is worth showing: processes and lanes with most to see first. */
#ifndef SINK_TIMELINE_RANK_H
#define SINK_TIMELINE_RANK_H

#include "sink/timeline/timeline_row.h"

struct ranked_row {
	struct row row;
	struct interest interest;
	unsigned int space_nr;
	size_t rank;
};

struct ranking {
	struct ranked_row *v;
	size_t nr, cap;
	size_t nr_quiet; /* left out: nothing happened to them */
};

/*
 * Adds lanes of the space_nr-th address space as rows: neighbours of one object that look the same in the
 * layout are one. all: those too to which nothing happened.
 */
void ranking_add_space(struct ranking *r, const struct timeline_layout *l,
		       const struct timeline_space *ts, unsigned int space_nr, bool all);
/* Puts the max rows with most to see first, in order of space and rank. How many these are. */
size_t ranking_sort(struct ranking *r, size_t max);
void ranking_done(struct ranking *r);

/* The lives of t, those with most to see first. To be freed. */
struct timeline_life **lives_sorted(const struct timeline *t);
/* How many of them are shown, and with how many rows each, if a page has not all. */
size_t lives_shown(const struct timeline *t, struct timeline_life *const *sorted,
		   size_t *ret_max_rows);

#endif
