/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mirrors of what runs, kept in step with the kernel through the source: filled when a run begins,
 * filled again when they are stale, compared for --verify.
 */
#ifndef CMD_MIRRORS_H
#define CMD_MIRRORS_H

#include "cmd/run.h"

/*
 * Fills the mirrors of all running processes that r->whom wants. 0, -ESRCH after a sentence on
 * stderr about a process that can't be traced, or as run_go().
 */
int mirrors_seed(struct run *r);
/*
 * Fills stale mirrors again: after losses, where inference can't know, and after races; those for
 * which the time is short in a later round, of which there is none after the last. As run_go().
 */
int mirrors_heal(struct run *r, bool last);
/* Compares all mirrors with the kernel. As run_go(). */
int mirrors_verify(struct run *r);

#endif
