/* SPDX-License-Identifier: BSD-2-Clause */
/* Errands: done by a process that keeps the rights which this one gives up. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "cmd/request.h"
#include "cmd/rights.h"
#include "cmd/verb.h"
#include "util/errand.h"

static int twice(void *ctx, const char *text, struct buf *ret, int *ret_fd)
{
	buf_printf(ret, "%s%s%s", (const char *)ctx, text, text);
	*ret_fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	return 7;
}

/* The other process has no descriptor of this one, whose end of a pipe would else stay open. */
static int holds_nothing(void *ctx, const char *text, struct buf *ret, int *ret_fd)
{
	(void)text, (void)ret, (void)ret_fd;
	return fcntl(*(int *)ctx, F_GETFD) < 0;
}

static int too_long(void *ctx, const char *text, struct buf *ret, int *ret_fd)
{
	(void)ctx, (void)text, (void)ret_fd;
	buf_fill(ret, 'x', ERRAND_BYTES + 1);
	return 0;
}

static int dies(void *ctx, const char *text, struct buf *ret, int *ret_fd)
{
	(void)ctx, (void)text, (void)ret, (void)ret_fd;
	_exit(1);
}

/* Fork first, since its rights are gone then. 0 is right. */
static int asks_for_what_it_cannot(void)
{
	static const struct verb plain_verb;
	const struct request req = { .verb = &plain_verb };
	const char *const nothing[] = { NULL };
	struct errand *e = errand_new(twice, "so: ");
	struct buf answer = { 0 };
	int fd, status;

	rights_recording(&req, nothing, NULL);
	status = errand_run(e, "ab", &answer, &fd);
	if (status != 7 || fd < 0 || strcmp(buf_str(&answer), "so: abab") != 0)
		return 1;
	close(fd);
	buf_done(&answer);
	errand_free(e);
	return 0;
}

static void done_elsewhere(void **state)
{
	pid_t pid;
	int status;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	print_message("# SKIP: the sanitizer's own calls are refused, too\n");
	return;
#endif
	pid = fork();
	if (!pid)
		_exit(asks_for_what_it_cannot());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void in_bounds(void **state)
{
	int pipe_ends[2];
	struct buf answer = { 0 };
	struct errand *e = errand_new(too_long, NULL);

	(void)state;
	assert_int_equal(errand_run(e, "x", &answer, NULL), -E2BIG);
	assert_int_equal(answer.len, 0);
	errand_free(e);
	e = errand_new(dies, NULL);
	assert_int_equal(errand_run(e, "x", &answer, NULL), -EPIPE);
	assert_int_equal(errand_run(e, "x", &answer, NULL), -EPIPE);
	errand_free(e);
	assert_int_equal(pipe(pipe_ends), 0);
	dup2(pipe_ends[1], 100);
	pipe_ends[1] = 100;
	e = errand_new(holds_nothing, &pipe_ends[1]);
	assert_int_equal(errand_run(e, "x", &answer, NULL), 1);
	errand_free(e);
	close(100);
	buf_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(done_elsewhere),
		cmocka_unit_test(in_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
