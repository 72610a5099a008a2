/* SPDX-License-Identifier: BSD-2-Clause */
/* How stacks are written: lines of text, an array of JSON. */
#ifndef SINK_STACK_WORDS_H
#define SINK_STACK_WORDS_H

#include "core/event.h"
#include "util/buf.h"

/* A line for each frame, indented; at most width columns (0: any number). */
void stack_text(struct buf *b, const struct stack *s, int width);
/* The member "stack" of an object that has others, if ev is a call which has one; ev may be NULL. */
void stack_json(struct buf *b, const struct event *ev);

#endif
