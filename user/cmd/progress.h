/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Progress of a long job over a recording, in one line on the terminal that is erased at the
 * end, and the end of the job by SIGINT, SIGTERM or SIGHUP. Only one job at a time.
 *
 *	progress_begin(&p, "reading the recording", show);
 *	… progress_step or progress_tick, now and then: -EINTR after a signal …
 *	err = progress_end(&p);
 *	… close what is open, keep what was written …
 *	return progress_status(&p, status);
 */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Steps of SQLite's machine between two calls of progress_tick(): some milliseconds. */
#define PROGRESS_SQL_STEPS 100000

struct progress {
	const char *doing; /* static */
	bool show;	   /* set if there is a terminal to show it on */
	bool is_shown;
	uint64_t start_ns, next_ns; /* CLOCK_MONOTONIC: when it began, when to show it next */
	int percent;		    /* -1: not known */
	int signal;		    /* the signal that ended the job; 0: none */
};

/*
 * show is set if progress is wanted, and nothing else is written to the terminal until
 * progress_end().
 */
void progress_begin(struct progress *p, const char *doing, bool show);
/* Shows that "done" of total were read. 0, or -EINTR after a signal. */
int progress_step(struct progress *p, uint64_t done, uint64_t total);
/*
 * A step of a job of unknown length, for sqlite3_progress_handler(). 0, or -EINTR after a signal.
 */
int progress_tick(void *progress);
/* Erases the line; signals have their old effect again. 0, or -EINTR: one ended the job. */
int progress_end(struct progress *p);
/*
 * Returns status. After a signal, it writes a sentence and ends the program by the signal instead.
 */
int progress_status(const struct progress *p, int status);

#endif
