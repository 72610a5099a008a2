/* SPDX-License-Identifier: BSD-2-Clause */
/* The timeline as an output. */
#ifndef SINK_TIMELINE_SINK_H
#define SINK_TIMELINE_SINK_H

#include "core/scope.h"
#include "core/sink.h"
#include "util/out.h"

struct timeline_config {
	struct out *out;	    /* borrowed */
	const struct run_info *run; /* borrowed */
	struct scope scope;	    /* regions that no change in it touched are left out */
	uint64_t since_ns;	    /* what happened up to this is not shown; 0: all is */
	bool all;		    /* every lane of every process */
	enum severity min_severity; /* of findings that are told */
	bool color;
	int width; /* columns, at least 40 */
	bool utc;
	bool svg; /* as a picture, not as text */
};

/* Prints when the stream has ended. */
struct sink timeline_sink_new(const struct timeline_config *cfg);

#endif
