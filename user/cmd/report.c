/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch report: who changed how much, who holds what, and who shares what with whom. */
#include "cmd/verb.h"

const struct verb report_verb = {
	.name = "report",
	.help = "sums: who changes, holds and shares how much",
	.usage = "Usage: mprotwatch report -i FILE [OPTION]...\n"
		 "       mprotwatch report [OPTION]... [-p PID]... | -- COMMAND [ARG]...\n"
		 "Sum up who changed how much memory, what is writable and executable, and what\n"
		 "grew: of a recording, or of what happens until the end.\n",
	.groups = GROUP(WHOM) | GROUP(WHOM_MORE) | GROUP(RULES) | GROUP(INPUT) | GROUP(OUTPUT) |
		  GROUP(UTC) | GROUP(FORMS) | GROUP(STOP) | GROUP(ENGINE) | GROUP(CHECK) |
		  GROUP(QUIET) | GROUP(VERBOSE) | GROUP(ABOUT),
	.kinds = 1 << OUTPUT_REPORT,
	.words = WORDS_COMMAND,
	.run = verb_trace,
};
