/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copies: memory that a module put over its own code, in huge pages say. Callers in it are named by
 * the module, and marked: nobody saw what was copied.
 */
#ifndef CORE_COPIES_H
#define CORE_COPIES_H

#include "core/change.h"

/* A range of the mirror changes: a copy begins or ends there. */
void copies_change(struct mm *mm, const struct change *ch);
/* A successful call maps something anew, where a copy may have been: called before its changes. */
void copies_drop_mapped(struct mm *mm, const struct event_call *c);
/* True if addr is in a copy: *ret is the code that was there, at addr. */
bool copies_at(const struct mm *mm, uint64_t addr, struct attr *ret);

#endif
