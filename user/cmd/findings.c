/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch findings: what detectors find and nothing else, or a baseline of it. */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/verb.h"

static const struct opt own_rows[] = {
	{ 'k', "stack", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "learn", NULL, "write rules that suppress what is found, as a baseline", opt_set_true,
	  offsetof(struct trace_options, learn), 0, "Baseline" },
	{ 0 },
};

static int run(struct trace_options *opt, int argc, char **argv)
{
	if (opt->learn && (opt->json || opt->timeline)) {
		complain("--learn writes rules alone: leave out -j and --timeline (see --help)");
		return EXIT_USAGE;
	}
	return verb_trace(opt, argc, argv);
}

int cmd_findings(int argc, char **argv)
{
	static const struct verb verb = {
		.rows = own_rows,
		.usage =
			"Usage: mprotwatch findings [OPTION]... -i FILE | [-p PID]... | -- COMMAND [ARG]...\n"
			"       mprotwatch findings --learn [-o RULES] -i FILE | ...\n"
			"Show what detectors find, in a recording or in what happens until the end.\n",
		.findings_only = true,
		.run = run,
	};

	return verb_main(&verb, argc, argv);
}
