/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The timeline: lives with their spaces and findings, as the collector (timeline_sink.c) hands them
 * to the pages (timeline_page.c, timeline_svg.c).
 */
#ifndef SINK_TIMELINE_H
#define SINK_TIMELINE_H

#include "sink/timeline/timeline_sink.h"
#include "sink/timeline/timeline_life.h"
#include "sink/writes.h"

struct timeline {
	struct timeline_config cfg;
	unsigned int slot;	      /* in the cast's lives and spaces */
	struct history_budget budget; /* of all histories */
	struct timeline_life *lives;  /* owned, in no order */
	size_t nr_lives;
	struct writes writes;	     /* into memory, by timeline_space.nr; sorted at finish */
	struct note *open_notes;     /* hash by finding.id; their lives own them */
	uint64_t nr_dropped;	     /* lives that are not among these; set at finish */
	uint64_t nr_dropped_changes; /* changes of those that were dropped */
};

/* The first moment of a life that is shown. */
static inline uint64_t timeline_start_ns(const struct timeline *t, const struct timeline_life *tl)
{
	return tl->life->start_ns > t->cfg.since_ns ? tl->life->start_ns : t->cfg.since_ns;
}

/* Format the timeline, as text and as a picture, into t->cfg.out->buf. The caller commits it. */
void timeline_page(const struct timeline *t, const struct totals *totals);
void timeline_svg(const struct timeline *t, const struct totals *totals);

#endif
