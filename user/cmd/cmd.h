/* SPDX-License-Identifier: BSD-2-Clause */
/* Exit statuses of the program. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

enum exit_status {
	EXIT_FINE = 0,
	EXIT_FAILED = 1, /* while running */
	EXIT_USAGE = 2,
	EXIT_LOST = 3,		 /* not certain: events were lost, findings may be missing */
	EXIT_FOUND = 4,		 /* findings, under --fail-on */
	EXIT_UNSUPPORTED = 77,	 /* this kernel or user lacks what is needed */
	EXIT_COMMAND_OURS = 125, /* with -- COMMAND: our own failure */
	EXIT_COMMAND_NOEXEC = 126,
	EXIT_COMMAND_NOTFOUND = 127,
};

#endif
