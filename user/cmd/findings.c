/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch findings: nothing but what detectors find, or a baseline of it. */
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/verb.h"

struct findings_options {
	bool learn;
};

static const struct opt findings_rows[] = {
	{ 0, "learn", NULL, "write rules that suppress what is found, as a baseline", opt_set_true,
	  offsetof(struct findings_options, learn), 0 },
	{ 0 },
};

static int run(struct request *req)
{
	const struct findings_options *own = req->own;
	void *options;

	req->learn = own->learn;
	if (own->learn && (strcmp(request_output(req, OUTPUT_LINES, &options)->name, "text") != 0 ||
			   req->epilogue.wanted)) {
		complain("--learn writes rules alone: leave out what shows findings otherwise "
			 "(see --help)");
		return EXIT_USAGE;
	}
	return verb_trace(req);
}

const struct verb findings_verb = {
	.name = "findings",
	.help = "trace, and show what detectors find only",
	.usage =
		"Usage: mprotwatch findings [OPTION]... -i FILE | [-p PID]... | -- COMMAND [ARG]...\n"
		"       mprotwatch findings --learn [-o RULES] -i FILE | ...\n"
		"Show what detectors find, in a recording or in what happens until the end.\n",
	.after = "\nExit status: 3 findings may be missing; else as for a trace.",
	.groups = GROUP(WHOM) | GROUP(WHOM_MORE) | GROUP(LINES) | GROUP(STACK) | GROUP(TURNS) |
		  GROUP(PLACE) | GROUP(ALL) | GROUP(SEVERITY) | GROUP(RULES) | GROUP(EPILOGUE) |
		  GROUP(INPUT) | GROUP(MOMENT) | GROUP(OUTPUT) | GROUP(SCHEMA) | GROUP(UTC) |
		  GROUP(COLOR) | GROUP(FORMS) | GROUP(STOP) | GROUP(UNTIL) | GROUP(ENGINE) |
		  GROUP(CHECK) | GROUP(DROP) | GROUP(QUIET) | GROUP(VERBOSE) | GROUP(ABOUT),
	.kinds = 1 << OUTPUT_LINES,
	.findings_only = true,
	.words = WORDS_COMMAND,
	.own_heading = "Baseline",
	.own_rows = findings_rows,
	.own_bytes = sizeof(struct findings_options),
	.run = run,
};
