/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the timeline's collector (timeline_sink.c) hands to its pages (timeline_page.c,
 * timeline_svg.c): the lives that are told.
 */
#ifndef SINK_TIMELINE_H
#define SINK_TIMELINE_H

#include "sink/sinks.h"
#include "sink/timeline/timeline_life.h"

struct timeline {
	struct timeline_config cfg;
	unsigned int slot; /* in lives and spaces */
	struct history_budget budget;
	struct timeline_life *lives; /* in no order */
	size_t nr_lives;
	struct note *open_notes;
	uint64_t nr_dropped;	     /* lives told in full no more, and ... */
	uint64_t nr_dropped_changes; /* ... their changes */
};

/* Format the page into t->cfg.out->buf. */
void timeline_page(const struct timeline *t, const struct totals *totals);
/* The same as a picture. */
void timeline_svg(const struct timeline *t, const struct totals *totals);

#endif
