/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch record: a live trace that is kept. */
#include "cmd/trace.h"
#include "cmd/verb.h"

const struct verb record_verb = {
	.name = "record",
	.help = "keep what happens in a file, for later",
	.usage = "Usage: mprotwatch record -o FILE [OPTION]... [-p PID]... | -- COMMAND [ARG]...\n"
		 "Record who changes which memory mappings, for mprotwatch -i FILE, mprotwatch\n"
		 "timeline, maps, query, info and export, and for any program that reads SQLite.\n",
	.groups = GROUP(WHOM) | GROUP(WHOM_MORE) | GROUP(LINES) | GROUP(TURNS) | GROUP(PLACE) |
		  GROUP(STACK) | GROUP(ALL) | GROUP(SEVERITY) | GROUP(RULES) | GROUP(EPILOGUE) |
		  GROUP(MOMENT) | GROUP(UTC) | GROUP(COLOR) | GROUP(FORMS) | GROUP(STOP) |
		  GROUP(UNTIL) | GROUP(ENGINE) | GROUP(CHECK) | GROUP(DROP) | GROUP(QUIET) |
		  GROUP(VERBOSE) | GROUP(ABOUT),
	.kinds = 1 << OUTPUT_RECORDING | 1 << OUTPUT_LINES,
	.words = WORDS_COMMAND,
	.run = trace_live,
};
