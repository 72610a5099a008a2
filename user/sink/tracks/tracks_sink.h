/* SPDX-License-Identifier: BSD-2-Clause */
/* Traces for viewers as an output. */
#ifndef SINK_TRACKS_SINK_H
#define SINK_TRACKS_SINK_H

#include "core/sink.h"
#include "util/out.h"

/* For trace viewers: Perfetto's format, or Chrome's JSON. */
struct tracks_config {
	struct out *out;	    /* borrowed */
	const struct run_info *run; /* borrowed */
	bool chrome;
	bool all;		    /* regions to which no call happens, too */
	enum severity min_severity; /* of findings */
};

/* Writes as it goes; what it wrote is whole when the stream has ended. */
struct sink tracks_sink_new(const struct tracks_config *cfg);

#endif
