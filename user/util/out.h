/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Data for stdout or a file, buffered and written with write(2); the first error is kept. Regular
 * files are made with O_NOFOLLOW and mode 0600, and one that is there and is not ours alone is
 * replaced.
 */
#ifndef UTIL_OUT_H
#define UTIL_OUT_H

#include <signal.h>
#include <stdbool.h>

#include "util/buf.h"

struct out {
	int fd;
	bool is_tty, is_ours; /* set for a terminal; set for a file opened by name */
	bool begun;	      /* set by the first write, which empties a file */
	char *replaces;	      /* path of the file in whose place another is put; NULL: none */
	int err; /* the first error of a write, as -errno; nothing is written after it */
	/*
	 * borrowed, may be NULL; once *stop is set, a reader that takes nothing is not waited for
	 */
	const volatile sig_atomic_t *stop;
	struct buf buf; /* sinks format into this */
};

/*
 * path NULL or "-": stdout. A file keeps what it holds until the first flush. 0, or -errno
 * (nothing to close then): -EMEDIUMTYPE for a FIFO or a socket.
 */
int out_open(struct out *o, const char *path);
/* Called after adding to o->buf: writes when 64 KiB wait. 0, or the first error as -errno. */
int out_commit(struct out *o);
/* Writes all that waits. 0, or the first error as -errno: -ETIMEDOUT after *stop. */
int out_flush(struct out *o);
/* Writes all that waits, and closes, which may bring errors of close(2). 0, or -errno. */
int out_close(struct out *o);

#endif
