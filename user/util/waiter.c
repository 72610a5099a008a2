/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll(7). A timer is a descriptor like any other, read before its function is called. */
#include "util/waiter.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "util/mem.h"

#define NS_PER_S      1000000000ULL
#define READY_AT_ONCE 16 /* the rest comes with the next wait */

struct watch {
	struct watch *next;
	int fd;
	bool is_timer;
	waiter_fn *fn;
	void *ctx;
};

struct waiter {
	int epoll;
	struct watch *watches;
};

int waiter_new(struct waiter **ret)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);
	struct waiter *w;

	if (fd < 0)
		return -errno;
	w = mem_alloc(sizeof(*w));
	w->epoll = fd;
	*ret = w;
	return 0;
}

void waiter_free(struct waiter *w)
{
	struct watch *next;

	if (!w)
		return;
	for (; w->watches; w->watches = next) {
		next = w->watches->next;
		if (w->watches->is_timer)
			close(w->watches->fd);
		free(w->watches);
	}
	close(w->epoll);
	free(w);
}

static int add(struct waiter *w, const struct watch *like, uint32_t events)
{
	struct watch *watch = mem_alloc(sizeof(*watch));
	struct epoll_event ev = { .events = events, .data.ptr = watch };

	*watch = *like;
	if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, watch->fd, &ev)) {
		free(watch);
		return -errno;
	}
	watch->next = w->watches;
	w->watches = watch;
	return 0;
}

int waiter_add(struct waiter *w, int fd, uint32_t events, waiter_fn *fn, void *ctx)
{
	return add(w, &(struct watch){ .fd = fd, .fn = fn, .ctx = ctx }, events);
}

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){ .tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S };
}

int waiter_add_timer(struct waiter *w, uint64_t first_ns, uint64_t period_ns, waiter_fn *fn,
		     void *ctx)
{
	const struct itimerspec when = { .it_value = timespec_of(first_ns),
					 .it_interval = timespec_of(period_ns) };
	int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	int err;

	if (fd < 0)
		return -errno;
	err = timerfd_settime(fd, 0, &when, NULL) ? -errno : 0;
	if (!err)
		err = add(w, &(struct watch){ .fd = fd, .is_timer = true, .fn = fn, .ctx = ctx },
			  EPOLLIN);
	if (err)
		close(fd);
	return err;
}

static void watch_fire(const struct watch *watch)
{
	uint64_t times;

	if (watch->is_timer && read(watch->fd, &times, sizeof(times)) != sizeof(times))
		return;
	if (watch->fn)
		watch->fn(watch->ctx);
}

int waiter_wait(struct waiter *w, int timeout_ms)
{
	struct epoll_event ready[READY_AT_ONCE];
	int nr = epoll_wait(w->epoll, ready, READY_AT_ONCE, timeout_ms), i;

	if (nr < 0)
		return errno == EINTR ? 0 : -errno;
	for (i = 0; i < nr; i++)
		watch_fire(ready[i].data.ptr);
	return 0;
}
