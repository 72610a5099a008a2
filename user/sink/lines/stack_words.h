/* SPDX-License-Identifier: BSD-2-Clause */
/* Stacks as lines of text, and as an array of JSON. */
#ifndef SINK_STACK_WORDS_H
#define SINK_STACK_WORDS_H

#include "core/event.h"
#include "util/buf.h"

/* A line for each frame, indented, of at most width columns; width 0: never cut. */
void stack_text(struct buf *b, const struct stack *s, int width);
/* The member "stack" of an object, behind a comma; nothing if ev is NULL or has no stack. */
void stack_json(struct buf *b, const struct event *ev);

#endif
