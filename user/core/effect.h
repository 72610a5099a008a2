/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The effect of a call: whether it ran at all, and where memory may have changed if nobody knows.
 * A seccomp filter (seccomp(2): SECCOMP_RET_ERRNO, TRAP, KILL, USER_NOTIF) or a tracer (ptrace(2):
 * PTRACE_SYSEMU) can give a result without a call.
 */
#ifndef CORE_EFFECT_H
#define CORE_EFFECT_H

#include "core/event.h"

/*
 * True for a call that certainly did not run: its result is none that the kernel gives, or the
 * memory is not as the call would have left it.
 */
bool event_is_answered(const struct event *ev);
/* True for a call of which nobody knows whether it ran: its range is stale. */
bool event_is_undecided(const struct event *ev);
/* True for a call that did not do what it says: it failed, or did not run. */
bool event_is_vain(const struct event *ev);
/* True for an error that the kernel or a seccomp filter may have given: which one is not known. */
bool event_is_doubtful(const struct event *ev);
/* The addresses that the call can have changed: all, where its arguments and result don't say. */
void call_extent(const struct event_call *c, uint64_t *ret_lo, uint64_t *ret_hi);
/* True if the call installs or removes guard regions (madvise(2), Linux 6.13). */
bool call_guards(const struct event_call *c);
/* madvise's or process_madvise's advice: an int, whatever the register's upper half has. */
int32_t call_advice(const struct event_call *c);

#endif
