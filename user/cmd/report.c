/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch report: who changed how much, who holds what, and who shares what with whom. */
#include "cmd/verb.h"

const struct verb report_verb = {
	.name = "report",
	.help = "what remains mapped, who changes, who shares",
	.usage =
		"Usage: mprotwatch report -i FILE [OPTION]...\n"
		"       mprotwatch report [OPTION]... [-p PID]... | -- COMMAND [ARG]...\n"
		"Sum up what is mapped and who made it, who changed how much memory, what is\n"
		"writable and executable, and what grew: of a recording, or of what happens until\n"
		"the end.\n",
	.groups = GROUP(WHOM) | GROUP(WHOM_MORE) | GROUP(STACK) | GROUP(TURNS) | GROUP(PLACE) |
		  GROUP(RULES) | GROUP(INPUT) | GROUP(OUTPUT) | GROUP(MOMENT) | GROUP(UTC) |
		  GROUP(FORMS) | GROUP(STOP) | GROUP(UNTIL) | GROUP(ENGINE) | GROUP(CHECK) |
		  GROUP(DROP) | GROUP(QUIET) | GROUP(VERBOSE) | GROUP(ABOUT),
	.kinds = 1 << OUTPUT_REPORT,
	.words = WORDS_COMMAND,
	.run = verb_trace,
};
