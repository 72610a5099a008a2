/* SPDX-License-Identifier: BSD-2-Clause */
/* A verb that is much like the live trace: its options are, and most that becomes of them. */
#ifndef CMD_VERB_H
#define CMD_VERB_H

#include "cmd/trace_options.h"

struct verb {
	const struct opt *rows; /* see trace_rows_with() */
	const char *usage;	/* stands before the options in --help */
	const char *after;	/* and behind them; NULL: nothing */
	bool findings_only;
	/* Neither help nor the like is asked for. Returns the exit status, after a sentence on
	 * stderr if it is no success. */
	int (*run)(struct trace_options *opt, int argc, char **argv);
};

int verb_main(const struct verb *v, int argc, char **argv);
/* What most of them run: the recording that is named, or else the running kernel. */
int verb_trace(struct trace_options *opt, int argc, char **argv);

#endif
