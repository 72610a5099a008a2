/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch findings: what detectors find and nothing else, or a baseline of it. */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/trace.h"

static const struct opt own_rows[] = {
	{ 0, "learn", NULL, "write rules that suppress what is found, as a baseline", opt_set_true,
	  offsetof(struct trace_options, learn), 0, "Baseline" },
	{ 0 },
};

static void print_help(const struct opt *rows)
{
	puts("Usage: mprotwatch findings [OPTION]... -i FILE | [-p PID]... | -- COMMAND [ARG]...\n"
	     "       mprotwatch findings --learn [-o RULES] -i FILE | ...\n"
	     "Show what detectors find, in a recording or in what happens until the end.\n");
	opt_help(rows, stdout);
}

int cmd_findings(int argc, char **argv)
{
	struct opt *rows = trace_rows_with(own_rows);
	struct trace_options opt;
	int status = EXIT_FINE;

	if (trace_options_parse(&opt, rows, true, argc, argv)) {
		status = EXIT_USAGE;
	} else if (opt.help) {
		print_help(rows);
	} else if (opt.version) {
		puts("mprotwatch " MPW_VERSION);
	} else if (opt.schema) {
		fputs(json_sink_schema, stdout);
	} else if (opt.learn && (opt.json || opt.timeline)) {
		complain("--learn writes rules alone: leave out -j and --timeline (see --help)");
		status = EXIT_USAGE;
	} else {
		status = opt.input ? trace_recording(&opt) : trace_live(&opt);
	}
	trace_options_done(&opt);
	free(rows);
	return stdout_status(status);
}
