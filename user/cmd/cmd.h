/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands: each takes main's arguments and returns the exit status. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

enum exit_status {
	EXIT_FINE = 0,
	EXIT_FAILED = 1, /* while running */
	EXIT_USAGE = 2,
	EXIT_LOST = 3,		 /* events were lost, under --strict */
	EXIT_FOUND = 4,		 /* findings, under --fail-on */
	EXIT_UNSUPPORTED = 77,	 /* this kernel or user lacks what is needed */
	EXIT_COMMAND_OURS = 125, /* with -- COMMAND: our own failure */
	EXIT_COMMAND_NOEXEC = 126,
	EXIT_COMMAND_NOTFOUND = 127,
};

/* A verb: argv[0] is the program, what follows are the verb's own arguments. */
struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help; /* one line for the list in --help */
};

/* Ends with an all-NULL row. */
extern const struct command commands[];

/* The live trace, where no verb is named. */
int cmd_trace(int argc, char **argv);
/* The same, which shows findings only. */
int cmd_findings(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_query(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_maps(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_timeline(int argc, char **argv);
int cmd_audit(int argc, char **argv);
int cmd_doctor(int argc, char **argv);

#endif
