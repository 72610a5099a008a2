/* SPDX-License-Identifier: BSD-2-Clause */
/* Buffered output over write(2): nothing is lost silently, nothing follows an error. */
#include "util/out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUT_BYTES    65536
#define STOP_WAIT_MS 2000

/*
 * A file that others may read, or have open, is no place for what is written here: another takes its
 * name. A FIFO or a socket is somebody's who waits for it.
 */
static int check_file(struct out *o, const char *path)
{
	struct stat st;

	if (fstat(o->fd, &st))
		return -errno;
	if (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))
		return -EMEDIUMTYPE;
	if (S_ISREG(st.st_mode) &&
	    (st.st_uid != geteuid() || st.st_mode & 0077 || st.st_nlink != 1))
		o->replaces = strdup(path);
	fcntl(o->fd, F_SETFL, 0); /* without O_NONBLOCK, which kept a FIFO from blocking us */
	return 0;
}

int out_open(struct out *o, const char *path)
{
	int err;

	memset(o, 0, sizeof(*o));
	if (!path || !strcmp(path, "-")) {
		o->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	} else {
		o->is_ours = true;
		o->fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	}
	if (o->fd < 0)
		return errno == ENXIO ? -EMEDIUMTYPE : -errno;
	err = o->is_ours ? check_file(o, path) : 0;
	if (err) {
		close(o->fd);
		return err;
	}
	o->is_tty = isatty(o->fd);
	return 0;
}

int out_commit(struct out *o)
{
	return o->buf.len < OUT_BYTES ? o->err : out_flush(o);
}

/* Puts a file of our own in the place of the one that is there. 0, or -errno. */
static int replace(struct out *o)
{
	char name[PATH_MAX];
	int fd, err = 0;

	if (snprintf(name, sizeof(name), "%s.XXXXXX", o->replaces) >= (int)sizeof(name))
		return -ENAMETOOLONG;
	fd = mkostemp(name, O_CLOEXEC); /* with mode 0600 */
	if (fd < 0)
		return -errno;
	if (rename(name, o->replaces) || dup3(fd, o->fd, O_CLOEXEC) < 0) {
		err = -errno;
		unlink(name);
	}
	close(fd);
	return err;
}

/* A file is emptied by the first write, so that a run that can't begin leaves it alone. */
static void begin(struct out *o)
{
	struct stat st;

	o->begun = true;
	if (o->replaces)
		o->err = replace(o);
	else if (fstat(o->fd, &st))
		o->err = -errno;
	else if (S_ISREG(st.st_mode) && o->is_ours && ftruncate(o->fd, 0))
		o->err = -errno;
}

/* Waits until the reader takes something; once the run is to end, only STOP_WAIT_MS. */
static void wait_for_reader(struct out *o)
{
	struct pollfd p = { .fd = o->fd, .events = POLLOUT };
	bool stop = o->stop && *o->stop;

	if (!poll(&p, 1, STOP_WAIT_MS) && stop)
		o->err = -ETIMEDOUT;
}

int out_flush(struct out *o)
{
	size_t done = 0;

	if (!o->begun)
		begin(o);
	while (!o->err && done < o->buf.len) {
		size_t len = o->buf.len - done;
		ssize_t n;

		if (o->stop && *o->stop) {
			wait_for_reader(o);
			if (o->err)
				break;
			len = len < PIPE_BUF ?
				      len :
				      PIPE_BUF; /* poll(2) promises no more room than that */
		}
		n = write(o->fd, o->buf.data + done, len);
		if (n >= 0)
			done += n;
		else if (errno == EAGAIN)
			wait_for_reader(o);
		else if (errno != EINTR)
			o->err = -errno;
	}
	o->buf.len = 0;
	return o->err;
}

int out_close(struct out *o)
{
	int err = o->buf.len ? out_flush(o) : o->err;

	if (close(o->fd) && !err)
		err = -errno;
	buf_done(&o->buf);
	free(o->replaces);
	o->replaces = NULL;
	return err;
}
