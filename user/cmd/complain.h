/* SPDX-License-Identifier: BSD-2-Clause */
/* One clear sentence on stderr: what failed, on what, why, what to try. */
#ifndef CMD_COMPLAIN_H
#define CMD_COMPLAIN_H

#include <stdint.h>

/* "mprotwatch: sentence". Strings from outside must have been escaped. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/*
 * "cannot load the BPF programs: Operation not permitted (try)". err is an -errno; try may be NULL.
 */
void complain_errno(const char *what, int err, const char *try);
/* "cannot open '/a/b': Permission denied (try)". */
void complain_name(const char *what, const char *name, int err, const char *try);

/* An output that out_open() did not open. */
void complain_file(const char *name, int err);

/* "cannot look at process 42: no such process"; err as by procmaps_event(). */
void complain_process(const char *what, uint32_t pid, int err);

/* The exit status after writing to stdout: status, or EXIT_FAILED if not all could be written. */
int stdout_status(int status);

#endif
