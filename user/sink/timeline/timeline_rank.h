/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a timeline is worth showing: processes and lanes with most to see first. */
#ifndef SINK_TIMELINE_RANK_H
#define SINK_TIMELINE_RANK_H

#include "sink/timeline/timeline_row.h"

struct ranked {
	struct row row;
	struct interest interest;
	unsigned int image_nr;
	size_t rank;
};

struct ranking {
	struct ranked *v;
	size_t nr, cap;
	size_t nr_quiet; /* left out: nothing happened to them */
};

/*
 * Adds lanes of the image_nr-th image as rows: neighbours of one object that look the same in the
 * layout are one. all: those too to which nothing happened.
 */
void ranking_add_image(struct ranking *r, const struct layout *l, const struct image *im,
		       unsigned int image_nr, bool all);
/* Puts the max rows with most to see first, in order of image and rank. How many these are. */
size_t ranking_sort(struct ranking *r, size_t max);
void ranking_done(struct ranking *r);

/* The stories of t, those with most to see first. To be freed. */
struct story **stories_sorted(const struct timeline *t);
/* How many of them are shown, and with how many rows each, if a page has not all. */
size_t stories_shown(const struct timeline *t, struct story *const *sorted, size_t *ret_max_rows);

#endif
