/* SPDX-License-Identifier: BSD-2-Clause */
/* The pipeline's two parts: pipeline.c for its life, sinks and queries; feed.c applies events. */
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
	struct judge *judge;	 /* NULL: there is none */
	struct totals totals;
	bool some_stale;	/* set when pipeline_next_stale() may have a mirror to name */
	bool some_racy;		/* set when pipeline_next_racy() may have one */
	uint64_t lost_until_ns; /* time of the latest loss that may be of any process */
	struct weight weight;
	/* the event that is being applied */
	struct member member; /* whether its process is wanted */
	struct change change;
	bool caller_known; /* set when change.caller is valid */
	unsigned int nr_changes;
	uint64_t nr_counted; /* of the stream so far: see change_is_counted() */
};

/* Apply one event to the mirrors, and call the outputs. */
void feed_event(struct pipeline *pl, const struct event *ev);
/* p leaves its address space, or the stream is over: count its memory if it was not known. */
void feed_doubt(struct pipeline *pl, const struct proc *p);

#endif
