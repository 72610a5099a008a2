/* SPDX-License-Identifier: BSD-2-Clause */
/* The command after "--": made first, held until tracing runs, waited for at the end. */
#ifndef CMD_CHILD_H
#define CMD_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;  /* 0: none */
	int pidfd;  /* readable when it is over; -1: this kernel or user has none */
	int gate;   /* written to let it go */
	int report; /* carries the errno of a failed exec */
	bool over;
	int status;   /* as wait(2) gives it, when over */
	int exec_err; /* errno of a failed exec; 0: it ran */
};

/* Fork the command; it waits before its exec. 0, or -errno. */
int child_make(struct child *c, char **argv);
/* Let it exec, and see it done. 0, or -errno: then it is over. */
int child_go(struct child *c);
/* Is it over? Does not wait. */
bool child_is_over(struct child *c);
/* Kill it if it was never let go, or wait for it if it is over anyway. */
void child_done(struct child *c);
/* The exit status that passes its end on: its own, 128+signal, 126 or 127. */
int child_exit_status(const struct child *c);

#endif
