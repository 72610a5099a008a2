/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stale ranges of mirrors: they may be wrong, after a loss, a race, or a call whose effect can't be
 * inferred.
 */
#ifndef CORE_STALE_H
#define CORE_STALE_H

#include "core/event.h"
#include "core/proc.h"

/* The mirror may be wrong in [lo, hi), until stale_clear(). */
void stale_mark(struct mm *mm, uint64_t lo, uint64_t hi);
/* The kernel's list of mappings in [lo, hi), as of ts_ns, is in the mirror now. */
void stale_clear(struct mm *mm, uint64_t lo, uint64_t hi, uint64_t ts_ns);
/* True if the mirror may be wrong at addr; the answer is the same up to *ret_end. */
bool stale_at(const struct mm *mm, uint64_t addr, uint64_t *ret_end);
/*
 * True if the mirror was read from /proc after ev happened: it is ahead of the stream, and what was
 * mapped before ev is not known.
 */
bool stale_ahead(const struct mm *mm, const struct event *ev);
/* True if the fork ev may have copied something else than the mirror of the parent. */
bool stale_copy(const struct mm *parent, const struct event *ev);
/* The time until which records of p (may be NULL) were lost; 0: none were. */
uint64_t stale_lost_until(const struct proc *p);
/*
 * The state of the first byte of a write, as the mirror has it; unknown where the mirror may be
 * wrong, or is not the one that was written to.
 */
struct attr stale_written(const struct proc *p, const struct event *ev);
/* True if the mirror may lack guard regions, or have some that are gone. */
bool stale_guards(const struct mm *mm);
/* True if the whole mirror is stale. */
bool stale_everywhere(const struct mm *mm);

#endif
