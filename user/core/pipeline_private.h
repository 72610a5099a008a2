/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pipeline's two parts: pipeline.c is its life, its outputs and what it answers; feed.c is how
 * events are applied to mirrors.
 */
#ifndef CORE_PIPELINE_PRIVATE_H
#define CORE_PIPELINE_PRIVATE_H

#include "core/cast.h"
#include "core/outputs.h"
#include "core/pipeline.h"
#include "core/proctab.h"
#include "core/weight.h"

struct pipeline {
	struct object_table *objects; /* borrowed */
	struct proctab *procs;
	struct cast *cast;
	struct outputs outputs;
	const struct whom *whom; /* borrowed; NULL: all are wanted */
	struct judge *judge;	 /* NULL: nobody judges */
	struct totals totals;
	bool some_stale; /* a stale mirror that pipeline_next_stale() has not named yet */
	bool some_racy;
	uint64_t lost_until_ns; /* of losses that may be anybody's */
	struct weight weight;
	/* the event that is being applied */
	struct member member; /* is its process wanted? */
	struct change change;
	bool caller_known;
	unsigned int nr_changes;
	uint64_t nr_counted; /* changes of the stream */
};

/* Apply one event to the mirrors, and tell the outputs. */
void feed_event(struct pipeline *pl, const struct event *ev);

#endif
