/* SPDX-License-Identifier: BSD-2-Clause */
/* Events as text, for tests: one event a line, see script.c for the words. */
#ifndef SOURCE_SCRIPT_H
#define SOURCE_SCRIPT_H

#include <stdio.h>

#include "core/event.h"
#include "core/object.h"

typedef int script_event_fn(void *ctx, const struct event *ev);

/*
 * Feed the events of f to fn. 0, the first negative value of fn, or -EINVAL with *ret_line
 * and *ret_why (static) set.
 */
int script_read(FILE *f, struct object_table *objects, script_event_fn *fn, void *ctx,
		unsigned int *ret_line, const char **ret_why);

#endif
