/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long jobs over recordings: how far they are, in one line on the terminal that is taken
 * back at the end, and their end by SIGINT, SIGTERM or SIGHUP. Only one at a time.
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

/* Of SQLite's machine, between two calls of progress_tick(): some milliseconds. */
#define PROGRESS_SQL_STEPS 100000

struct progress {
	const char *doing; /* static */
	bool show;	   /* there is a terminal for it */
	bool is_shown;
	uint64_t start_ns, next_ns; /* CLOCK_MONOTONIC: when it began, when to show it next */
	int percent;		    /* -1: not known */
	int signal;		    /* that ended it; 0: none did */
};

/* show: nothing else is written to the terminal until progress_end(), and it is wanted. */
void progress_begin(struct progress *p, const char *doing, bool show);
/* So far done of total were read. 0, or -EINTR. */
int progress_step(struct progress *p, uint64_t done, uint64_t total);
/* The same where nobody knows how much there is; fit for sqlite3_progress_handler(). */
int progress_tick(void *progress);
/* Signals do again what they did before. 0, or -EINTR: one ended the job. */
int progress_end(struct progress *p);
/* Returns status; if a signal ended the job it says so, and ends the program as the signal does. */
int progress_status(const struct progress *p, int status);

#endif
