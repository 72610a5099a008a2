/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of functions as people know them, from those in files. Those that C++ and Rust compilers made
 * are read by the reader's workers (demangle.h), each once.
 */
#ifndef SOURCE_NAMING_H
#define SOURCE_NAMING_H

#include "core/object.h"
#include "core/proc.h"
#include "core/stack.h"

struct naming;
struct reader;

/* Both are borrowed; objects keeps the names. */
struct naming *naming_new(struct reader *r, struct object_table *objects);
void naming_free(struct naming *n);

/*
 * The name for one of len bytes that a file of p, or p itself, gives. It lasts as long as objects
 * (object_symbol()) or, where that has no room, is in room.
 */
const char *naming_of(struct naming *n, const struct proc *p, const char *raw, size_t len,
		      char room[STACK_SYMBOL_MAX + 1]);

#endif
