/* SPDX-License-Identifier: BSD-2-Clause */
/* One packet for a question, one for its answer. */
#include "util/errand.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <stdbool.h>
#include <unistd.h>

#include "util/detach.h"
#include "util/mem.h"
#include "util/packet.h"

struct errand {
	int fd; /* -1: none */
	pid_t pid;
};

struct errand_answer {
	int32_t status;
	char text[ERRAND_BYTES];
};

static ssize_t take(int fd, void *data, size_t len, int *ret_file)
{
	ssize_t n;

	do
		n = packet_take(fd, data, len, 0, ret_file);
	while (n == -EINTR);
	return n;
}

static bool answer(int fd, errand_fn *fn, void *ctx, const char *text)
{
	static struct errand_answer a;
	struct buf b = { 0 };
	int file = -1;
	bool ok;

	a.status = fn(ctx, text, &b, &file);
	if (b.len > sizeof(a.text)) {
		a.status = -E2BIG;
		b.len = 0;
	}
	if (b.len)
		memcpy(a.text, b.data, b.len);
	ok = packet_send(fd, &a, offsetof(struct errand_answer, text) + b.len, file, 0);
	if (file >= 0)
		close(file);
	buf_done(&b);
	return ok;
}

static _Noreturn void serve(int fd, errand_fn *fn, void *ctx)
{
	static char text[ERRAND_BYTES + 1];
	ssize_t n;
	int file;

	fd = detach(fd);
	while (fd >= 0 && (n = take(fd, text, ERRAND_BYTES, &file)) > 0) {
		if (file >= 0)
			close(file);
		text[n] = '\0';
		if (!answer(fd, fn, ctx, text))
			break;
	}
	_exit(0);
}

struct errand *errand_new(errand_fn *fn, void *ctx)
{
	struct errand *e = mem_alloc(sizeof(*e));
	int ends[2];

	e->fd = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return e;
	e->pid = fork();
	if (!e->pid)
		serve(ends[1], fn, ctx);
	close(ends[1]);
	e->fd = ends[0];
	return e;
}

int errand_run(struct errand *e, const char *text, struct buf *ret, int *ret_fd)
{
	struct errand_answer *a = mem_alloc(sizeof(*a));
	const size_t head = offsetof(struct errand_answer, text);
	int file = -1, status = -EPIPE;
	ssize_t n;

	if (e->fd >= 0 && packet_send(e->fd, text, strlen(text), -1, 0)) {
		n = take(e->fd, a, sizeof(*a), &file);
		if (n >= (ssize_t)head) {
			status = a->status;
			buf_add(ret, a->text, n - head);
		}
	}
	if (ret_fd)
		*ret_fd = file;
	else if (file >= 0)
		close(file);
	free(a);
	return status;
}

void errand_free(struct errand *e)
{
	if (!e)
		return;
	if (e->fd >= 0)
		close(e->fd);
	if (e->pid > 0)
		waitpid(e->pid, NULL, 0);
	free(e);
}
