/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands, and dispatch; nothing else. */
#include <string.h>

#include "cmd/cmd.h"

const struct command commands[] = {
	{ "record", cmd_record, "keep what happens in a file, for later" },
	{ "report", cmd_report, "sums: who changes, holds and shares how much" },
	{ "timeline", cmd_timeline, "protections over time, live or of a recording" },
	{ "maps", cmd_maps, "/proc/PID/maps now, or as a recording has it" },
	{ "query", cmd_query, "ask a recording in SQL" },
	{ "info", cmd_info, "what a recording is of, and whether it is whole" },
	{ "export", cmd_export, "a recording as JSON or CSV" },
	{ "findings", cmd_findings, "trace, and show what detectors find only" },
	{ "audit", cmd_audit, "may it run under MemoryDenyWriteExecute=?" },
	{ "doctor", cmd_doctor, "tell what this kernel and user can do" },
	{ NULL, NULL, NULL },
};

int main(int argc, char **argv)
{
	const struct command *c;

	for (c = commands; argc > 1 && c->name; c++) {
		if (strcmp(argv[1], c->name) != 0)
			continue;
		argv[1] = argv[0]; /* the program's name, for messages */
		return c->run(argc - 1, argv + 1);
	}
	return cmd_trace(argc, argv);
}
