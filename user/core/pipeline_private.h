/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pipeline's parts: pipeline.c for its life, sinks and queries; feed.c applies events; mirror.c
 * brings mirrors up to date.
 */
#ifndef CORE_PIPELINE_PRIVATE_H
#define CORE_PIPELINE_PRIVATE_H

#include "core/cast.h"
#include "core/outputs.h"
#include "core/pipeline.h"
#include "core/proctab.h"
#include "core/weight.h"

#define HEAL_WAIT_NS \
	1000000000ULL /* between a snapshot that healed nothing and the next, at first */

/* Mirrors that were given up since pipeline_put_given_up(): the last, and how many. */
struct given_up {
	uint64_t nr, nr_ranges;
	uint32_t pid;
	char comm[17];
};

struct pipeline {
	struct object_table *objects; /* borrowed */
	struct proctab *procs;
	struct cast *cast;
	struct outputs outputs;
	const struct whom *whom;    /* borrowed; NULL: all are wanted */
	struct judge *judge;	    /* NULL: there is none */
	struct maker_table *makers; /* NULL: nobody asks who made what is mapped */
	struct totals totals;
	bool some_stale;	/* set when pipeline_next_stale() may have a mirror to name */
	bool some_racy;		/* set when pipeline_next_racy() may have one */
	uint64_t lost_until_ns; /* time of the latest loss that may be of any process */
	struct weight weight;
	struct given_up given_up;
	/* the event that is being applied */
	struct member member; /* whether its process is wanted */
	struct change change;
	bool caller_known; /* set when change.caller is valid */
	unsigned int nr_changes;
	uint64_t nr_counted; /* of the stream so far: see change_is_counted() */
};

/* The mirror may be wrong in [lo, hi), or anywhere: it is stale, and the kernel will be asked. */
void mirror_mark(struct pipeline *pl, struct mm *mm, uint64_t lo, uint64_t hi);
void mirror_mark_all(struct pipeline *pl, struct mm *mm);
/* Replace [ev->lo, ev->hi) by the mappings that the kernel saw there. */
void mirror_read(struct pipeline *pl, struct mm *mm, const struct event *ev);
/* Report a difference: an aspace_diff_fn, with the pipeline as its context. */
void mirror_diff(void *ctx, uint64_t start, uint64_t end, const struct attr *before,
		 const struct attr *after);

/* Apply one event to the mirrors, and call the outputs. */
void feed_event(struct pipeline *pl, const struct event *ev);
/* The mirror of p was given up, which the outputs learn from ev, an EVENT_LOSS. */
void feed_given_up(struct pipeline *pl, const struct event *ev, struct proc *p);
/* p leaves its address space, or the stream is over: count its memory if it was not known. */
void feed_doubt(struct pipeline *pl, const struct proc *p);

#endif
