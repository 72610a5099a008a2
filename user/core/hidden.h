/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hidden: protection keys and DONTCOPY are not in /proc/<pid>/maps, from which the inference tier
 * learns what came of calls that need not have run. For those it believes what was asked.
 */
#ifndef CORE_HIDDEN_H
#define CORE_HIDDEN_H

#include "core/proc.h"

/* A call that may have done what it was asked to, before the mirror has it. */
void hidden_ask(struct mm *mm, const struct event *ev);
/* Set key and DONTCOPY of a mapping as it was seen at addr; *to is lowered to where they may change. */
void hidden_fill(const struct mm *mm, uint64_t addr, uint64_t *to, struct attr *seen);
/* The mirror has all of them. */
void hidden_done(struct mm *mm);

#endif
