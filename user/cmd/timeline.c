/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch timeline: protections over time, and nothing else. */
#include "cmd/verb.h"

const struct verb timeline_verb = {
	.name = "timeline",
	.help = "protections over time, live or of a recording",
	.usage = "Usage: mprotwatch timeline -i FILE [OPTION]...\n"
		 "       mprotwatch timeline [OPTION]... [-p PID]... | -- COMMAND [ARG]...\n"
		 "Show each process's protections over time: of a recording, or of what happens\n"
		 "until the end.\n",
	.groups = GROUP(WHOM) | GROUP(WHOM_MORE) | GROUP(TURNS) | GROUP(PLACE) | GROUP(ALL) |
		  GROUP(SEVERITY) | GROUP(RULES) | GROUP(INPUT) | GROUP(MOMENT) | GROUP(OUTPUT) |
		  GROUP(UTC) | GROUP(COLOR) | GROUP(FORMS) | GROUP(STOP) | GROUP(UNTIL) |
		  GROUP(ENGINE) | GROUP(CHECK) | GROUP(DROP) | GROUP(QUIET) | GROUP(VERBOSE) |
		  GROUP(ABOUT),
	.kinds = 1 << OUTPUT_TIMELINE,
	.words = WORDS_COMMAND,
	.run = verb_trace,
};
