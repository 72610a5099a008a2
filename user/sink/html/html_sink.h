/* SPDX-License-Identifier: BSD-2-Clause */
/* The page as an output. */
#ifndef SINK_HTML_SINK_H
#define SINK_HTML_SINK_H

#include "core/sink.h"
#include "util/out.h"

struct html_config {
	struct out *out;	    /* borrowed */
	const struct run_info *run; /* borrowed */
	bool utc;		    /* times of day; else those of who looks */
};

/* Writes one self-contained page when the stream has ended. */
struct sink html_sink_new(const struct html_config *cfg);

#endif
