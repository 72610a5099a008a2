/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where data goes: stdout or a file, buffered, written with write(2), errors
 * kept. Regular files are made with O_NOFOLLOW and mode 0600.
 */
#ifndef UTIL_OUT_H
#define UTIL_OUT_H

#include <signal.h>
#include <stdbool.h>

#include "util/buf.h"

struct out {
	int fd;
	bool is_tty, is_ours; /* a terminal; opened by name */
	bool begun;	      /* what a file held before is gone */
	int err;	      /* first write error, as -errno; nothing is written after it */
	/* NULL, or says that the run is to end: a reader that takes nothing is waited for no longer */
	const volatile sig_atomic_t *stop;
	struct buf buf; /* sinks format into this */
};

/*
 * path NULL or "-": stdout. A file keeps what it holds until the first flush. 0, or -errno
 * (nothing to close then).
 */
int out_open(struct out *o, const char *path);
/* Call after adding to o->buf: writes when 64 KiB wait. 0, or the first error as -errno. */
int out_commit(struct out *o);
/* Write all that waits. 0, or the first error as -errno: -ETIMEDOUT after *stop. */
int out_flush(struct out *o);
/* Flush what waits, and close; also reports errors that only close(2) sees. 0, or -errno. */
int out_close(struct out *o);

#endif
