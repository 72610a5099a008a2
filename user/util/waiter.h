/* SPDX-License-Identifier: BSD-2-Clause */
/* Waits for many things at once: descriptors, and timers. */
#ifndef UTIL_WAITER_H
#define UTIL_WAITER_H

#include <stdint.h>

struct waiter;

/* Called by waiter_wait() when it is ready, or due; may add, and must not free the waiter. */
typedef void waiter_fn(void *ctx);

/* 0, or -errno. */
int waiter_new(struct waiter **ret);
void waiter_free(struct waiter *w);
/*
 * events as for epoll_ctl(2). fd is borrowed, and must stay open as long as the waiter is used. fn may
 * be NULL: it only ends the wait. 0, or -errno.
 */
int waiter_add(struct waiter *w, int fd, uint32_t events, waiter_fn *fn, void *ctx);
/* Due first_ns from now (1: at once) and then every period_ns (0: never again); sleep counts. */
int waiter_add_timer(struct waiter *w, uint64_t first_ns, uint64_t period_ns, waiter_fn *fn,
		     void *ctx);
/* Wait until something is ready, or for timeout_ms (-1: for ever), or a signal. 0, or -errno. */
int waiter_wait(struct waiter *w, int timeout_ms);

#endif
