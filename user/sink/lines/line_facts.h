/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts on a line: those that the user asked for, and in JSON all that are the event's own. */
#ifndef SINK_LINE_FACTS_H
#define SINK_LINE_FACTS_H

#include "core/proc.h"

/* NAME=VALUE of each fact in fields (a bit per enum mpw_fact), behind a space unless b is empty. */
void line_facts_text(struct buf *b, uint32_t fields, const struct event *ev,
		     const struct proc *proc);
/*
 * Members of an object: the event's own facts, and those of its process that are in fields; none of
 * those in but, which are on the line already.
 */
void line_facts_json(struct buf *b, uint32_t fields, uint32_t but, const struct event *ev,
		     const struct proc *proc);

/* Their values as cells of CSV, each behind a comma, and so the names; what is not known is empty. */
void line_facts_csv(struct buf *b, uint32_t fields, const struct event *ev,
		    const struct proc *proc);
void line_facts_csv_names(struct buf *b, uint32_t fields);

#endif
