/* SPDX-License-Identifier: BSD-2-Clause */
/* Stacks as lines of text, and as an array of JSON. */
#ifndef SINK_STACK_WORDS_H
#define SINK_STACK_WORDS_H

#include "sink/line_config.h"
#include "util/buf.h"

/* A line for each frame, indented; nothing if s is NULL, or cfg wants no stacks. */
void stack_text(const struct line_config *cfg, const struct stack *s);
/* The member "stack" of an object, behind a comma; nothing likewise. */
void stack_json(struct buf *b, const struct line_config *cfg, const struct stack *s);

#endif
