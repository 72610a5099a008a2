/* SPDX-License-Identifier: BSD-2-Clause */
/* One wait for many things: descriptors, and timers. */
#ifndef UTIL_WAITER_H
#define UTIL_WAITER_H

#include <stdint.h>

struct waiter;

/*
 * A function that waiter_wait() calls when its descriptor is ready or its timer is due. New watches
 * may be added from there; the waiter must not be freed.
 */
typedef void waiter_fn(void *ctx);

/* 0, or -errno. */
int waiter_new(struct waiter **ret);
void waiter_free(struct waiter *w);
/*
 * Watches fd for events, as in epoll_ctl(2). fd is borrowed, and must stay open as long as the
 * waiter is used. fn may be NULL: readiness then only ends the wait. 0, or -errno.
 */
int waiter_add(struct waiter *w, int fd, uint32_t events, waiter_fn *fn, void *ctx);
/*
 * Adds a timer, due first_ns from now (1: at once) and then every period_ns (0: never again). Time
 * asleep counts. 0, or -errno.
 */
int waiter_add_timer(struct waiter *w, uint64_t first_ns, uint64_t period_ns, waiter_fn *fn,
		     void *ctx);
/*
 * Waits until something is ready, for timeout_ms (-1: for ever), or until a signal. 0, or -errno.
 */
int waiter_wait(struct waiter *w, int timeout_ms);

#endif
