/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which processes of a recording are meant: the verdict that the kernel side makes of a live
 * trace, from the events alone. Mirrors see all; what others did is marked as not to be shown.
 */
#ifndef CMD_WHOM_H
#define CMD_WHOM_H

#include "cmd/trace_options.h"
#include "core/pipeline.h"

struct member;

struct whom {
	const struct trace_options *opt; /* borrowed */
	struct member *members;
};

/* Do the options mean a part of the processes? */
bool whom_is_some(const struct trace_options *opt);
/* What they mean, in words: "process 4242", "all processes that match", "the whole machine". */
void whom_describe(struct buf *b, const struct trace_options *opt);

/* Is the next event one of those that are meant? pl is as it was before the event. */
bool whom_wants(struct whom *w, struct pipeline *pl, const struct event *ev);
void whom_done(struct whom *w);

#endif
