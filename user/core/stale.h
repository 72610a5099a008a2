/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a mirror may be wrong: after a loss, a race, or a call that nobody can infer. */
#ifndef CORE_STALE_H
#define CORE_STALE_H

#include "core/event.h"
#include "core/proc.h"

/* What was said of [lo, hi) may be wrong, until the kernel's word on it comes. */
void stale_mark(struct mm *mm, uint64_t lo, uint64_t hi);
/* The kernel's word of ts_ns on [lo, hi) has come. */
void stale_clear(struct mm *mm, uint64_t lo, uint64_t hi, uint64_t ts_ns);
/* Is addr where the mirror may be wrong? *ret_end: up to where the answer holds. */
bool stale_at(const struct mm *mm, uint64_t addr, uint64_t *ret_end);
/* Does the mirror hold what came after ev, as /proc had it? Then what was there before ev is not known. */
bool stale_ahead(const struct mm *mm, const struct event *ev);
/* May a fork have copied something else than the mirror of its parent is now? */
bool stale_copy(const struct mm *parent, const struct event *ev);
/* Up to when records of p were lost; 0: none were. */
uint64_t stale_lost_until(const struct proc *p);
bool stale_everywhere(const struct mm *mm);

#endif
