/* SPDX-License-Identifier: BSD-2-Clause */
/* Buffered output over write(2): nothing is lost silently, nothing follows an error. */
#include "util/out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUT_BYTES 65536

int out_open(struct out *o, const char *path)
{
	memset(o, 0, sizeof(*o));
	if (!path || !strcmp(path, "-")) {
		o->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	} else {
		o->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	}
	if (o->fd < 0)
		return -errno;
	o->is_tty = isatty(o->fd);
	return 0;
}

int out_commit(struct out *o)
{
	return o->buf.len < OUT_BYTES ? o->err : out_flush(o);
}

int out_flush(struct out *o)
{
	size_t done = 0;

	while (!o->err && done < o->buf.len) {
		ssize_t n = write(o->fd, o->buf.data + done, o->buf.len - done);

		if (n >= 0) {
			done += n;
		} else if (errno == EAGAIN) {
			struct pollfd p = { .fd = o->fd, .events = POLLOUT };

			poll(&p, 1, 1000);
		} else if (errno != EINTR) {
			o->err = -errno;
		}
	}
	o->buf.len = 0;
	return o->err;
}

int out_close(struct out *o)
{
	int err = out_flush(o);

	if (close(o->fd) && !err)
		err = -errno;
	buf_done(&o->buf);
	return err;
}
