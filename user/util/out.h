/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where data goes: stdout or a file, buffered, written with write(2), errors
 * kept. Regular files are made with O_NOFOLLOW and mode 0600.
 */
#ifndef UTIL_OUT_H
#define UTIL_OUT_H

#include <stdbool.h>

#include "util/buf.h"

struct out {
	int fd;
	bool is_tty;
	int err;	/* first write error, as -errno; nothing is written after it */
	struct buf buf; /* sinks format into this */
};

/* path NULL or "-": stdout. 0, or -errno (nothing to close then). */
int out_open(struct out *o, const char *path);
/* Call after adding to o->buf: writes when 64 KiB wait. 0, or the first error as -errno. */
int out_commit(struct out *o);
/* Write all that waits. 0, or the first error as -errno. */
int out_flush(struct out *o);
/* Flush and close; also reports errors that only close(2) sees. 0, or -errno. */
int out_close(struct out *o);

#endif
