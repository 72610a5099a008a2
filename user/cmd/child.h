/* SPDX-License-Identifier: BSD-2-Clause */
/* The command after "--": made first, held until tracing runs, waited for at the end. */
#ifndef CMD_CHILD_H
#define CMD_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;    /* 0: none */
	int pidfd;    /* readable once the command ended; -1: this kernel or user has none */
	int gate;     /* written to, to let the command go */
	int report;   /* carries the errno of a failed exec */
	bool over;    /* set once its end was seen */
	int status;   /* as wait(2) gives it, once over */
	int exec_err; /* errno of a failed exec; 0: the command ran */
};

/* Forks the command, which waits before its exec. 0, or -errno. */
int child_make(struct child *c, char **argv);
/* Lets the command exec, and waits until it has. 0, or -errno: then it is over. */
int child_go(struct child *c);
/* True if the command has ended. Does not wait. */
bool child_is_over(struct child *c);
/* Likewise; one that is about to end, by the signal that ended us, is given a moment. */
#define CHILD_END_MS 300
bool child_ends(struct child *c);
/* Ends a command that was never let go, and closes what belongs to it. */
void child_done(struct child *c);
/* The exit status that passes the end on: the command's own, 128+signal, 126 or 127. */
int child_exit_status(const struct child *c);

#endif
