/* SPDX-License-Identifier: BSD-2-Clause */
/* Members of JSON lines that are objects themselves; json_schema.in describes them. */
#ifndef SINK_JSON_PARTS_H
#define SINK_JSON_PARTS_H

#include "core/change.h"
#include "util/buf.h"

void json_put_state(struct buf *b, const char *key, const struct attr *a);
/* Its rights as a word: "rw-", "unmapped", "unknown". */
void json_put_side(struct buf *b, const char *key, const struct attr *a);
/* obj may be NULL: null. */
void json_put_object(struct buf *b, const char *key, const struct object *obj);
/* The member "caller"; null if caller->addr is 0, not known. */
void json_put_caller(struct buf *b, const struct caller *caller);
/* The members "flags" and "missed_hint" of a call, where it has such. */
void json_put_flags(struct buf *b, const struct event_call *c);
/* The member "refusal" of a call that failed, if a cause is known. */
void json_put_refusal(struct buf *b, const struct event *ev, const struct mm *mm);
/*
 * The members of a write: how, where, into what ("at" is its mapping), and the other process as
 * "writer", or "target" for a process of which nobody traces the memory.
 */
void json_put_write(struct buf *b, const struct event *ev, const struct attr *at);

/* An EVENT_FAULT, behind time and process. */
void json_put_fault(struct buf *b, const struct event *ev, const struct proc *proc);

#endif
