/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands, and dispatch; nothing else. */
#include <string.h>

#include "cmd/cmd.h"

const struct command commands[] = {
	{ "findings", cmd_findings, "trace, and show what detectors find only" },
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
