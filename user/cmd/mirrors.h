/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mirrors of what runs, kept in step with the kernel through the source: filled when a run
 * begins, asked for again when they went stale, compared for --verify.
 */
#ifndef CMD_MIRRORS_H
#define CMD_MIRRORS_H

#include "cmd/run.h"

/*
 * Fill those of all that runs already and that r->whom wants. 0, -ESRCH after a sentence on stderr about
 * a process that can't be traced, or as run_go().
 */
int mirrors_seed(struct run *r);
/* Ask for what went stale: after losses, where inference can't know, and after races. As run_go(). */
int mirrors_heal(struct run *r);
/* Compare all with the kernel. As run_go(). */
int mirrors_verify(struct run *r);

#endif
