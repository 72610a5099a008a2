/* SPDX-License-Identifier: BSD-2-Clause */
/* The flags of calls by their names. */
#ifndef CORE_CALL_FLAGS_H
#define CORE_CALL_FLAGS_H

#include "core/event.h"
#include "util/buf.h"

#define CALL_FLAGS_MAX 16

/* The names of the flags that a call was made with: "MAP_PRIVATE", … Returns how many. */
size_t call_flags(const struct event_call *c, const char *ret[CALL_FLAGS_MAX]);
/*
 * Those of an mmap on which it depends what it does, each in short and behind a space: " HUGETLB".
 * Flags that say where are left out unless the call failed: the address shows it.
 */
void word_call_flags(struct buf *b, const struct event_call *c);
/* The address that an mmap would rather have had than the one it got; 0: it had none, or got it. */
uint64_t call_missed_hint(const struct event_call *c);

#endif
