/* SPDX-License-Identifier: BSD-2-Clause */
/* The two sources that a trace can have; options say what is shown of it. */
#ifndef CMD_TRACE_H
#define CMD_TRACE_H

#include "cmd/trace_options.h"

/* The running kernel. Returns the exit status, after a sentence on stderr if it is no success. */
int trace_live(struct trace_options *opt);
/* The recording opt->input, as if it happened now. Returns as trace_live(). */
int trace_recording(const struct trace_options *opt);

#endif
