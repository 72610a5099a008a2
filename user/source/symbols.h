/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stacks of calls, from the raw material that came with them, the mirror of the process, and the
 * files that it runs. Files are copied when they are first seen mapped as code, so that a process
 * that is gone has its names, too.
 */
#ifndef SOURCE_SYMBOLS_H
#define SOURCE_SYMBOLS_H

#include "core/event.h"
#include "core/proc.h"

struct object_table;
struct reader;
struct symbols;

/* r is borrowed, as is objects, which keeps names. Forks, if servers of debug files are named (debuginfod.h). */
struct symbols *symbols_new(struct reader *r, struct object_table *objects);
/* Forget the files that nobody holds (core/object.h). */
void symbols_forget(struct symbols *s);
void symbols_free(struct symbols *s);

/*
 * Takes note of every event, before it is applied. p is the event's process as known by then, or
 * NULL. An event with ev->raw gets ev->stack, borrowed until the next event.
 */
void symbols_event(struct symbols *s, const struct proc *p, struct event *ev);

#endif
