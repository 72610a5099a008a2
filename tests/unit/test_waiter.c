/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions are called for descriptors that are ready and timers that are due, and for nothing
 * else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/waiter.h"

#define MS	 1000000ULL
#define NEVER_NS (3600 * 1000 * MS)
#define LONG_MS	 10000 /* not waited for, if all is well */
#define TOO_MANY 1000

static int setup(void **state)
{
	return waiter_new((struct waiter **)state);
}

static int teardown(void **state)
{
	waiter_free(*state);
	return 0;
}

static void count(void *ctx)
{
	++*(int *)ctx;
}

static void test_descriptor(void **state)
{
	struct waiter *w = *state;
	int fds[2], nr = 0;

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(waiter_add(w, fds[0], EPOLLIN, count, &nr), 0);
	assert_int_equal(waiter_wait(w, 0), 0);
	assert_int_equal(nr, 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(waiter_wait(w, LONG_MS), 0);
	assert_int_equal(waiter_wait(w, LONG_MS), 0); /* it was not read */
	assert_int_equal(nr, 2);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(waiter_add(w, fds[0], EPOLLIN, count, &nr), -EBADF);
}

/* Without a function it ends the wait. */
static void test_wake(void **state)
{
	uint64_t start_ns = clock_ns(CLOCK_BOOTTIME);
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	close(fds[1]);
	assert_int_equal(waiter_add(*state, fds[0], EPOLLIN, NULL, NULL), 0);
	assert_int_equal(waiter_wait(*state, LONG_MS), 0);
	assert_true(clock_ns(CLOCK_BOOTTIME) - start_ns < LONG_MS * MS);
	close(fds[0]);
}

static void test_timers(void **state)
{
	uint64_t start_ns = clock_ns(CLOCK_BOOTTIME);
	int once = 0, often = 0, never = 0, i;

	assert_int_equal(waiter_add_timer(*state, 1, 0, count, &once), 0);
	assert_int_equal(waiter_add_timer(*state, MS, MS, count, &often), 0);
	assert_int_equal(waiter_add_timer(*state, NEVER_NS, NEVER_NS, count, &never), 0);
	for (i = 0; often < 3 && i < TOO_MANY; i++)
		assert_int_equal(waiter_wait(*state, -1), 0);
	assert_int_equal(once, 1);
	assert_int_equal(often, 3);
	assert_int_equal(never, 0);
	assert_true(clock_ns(CLOCK_BOOTTIME) - start_ns >= 3 * MS);
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void test_signal(void **state)
{
	const struct itimerval soon = { .it_value.tv_usec = 1000 };
	struct sigaction sa = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	assert_int_equal(waiter_wait(*state, LONG_MS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_descriptor, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wake, setup, teardown),
		cmocka_unit_test_setup_teardown(test_timers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_signal, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
