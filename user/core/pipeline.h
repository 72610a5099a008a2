/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pure heart: events come in, mirrors are kept, changes go out to the sinks.
 * There is no clock, no /proc, no kernel here: the same events give the same
 * changes for ever.
 */
#ifndef CORE_PIPELINE_H
#define CORE_PIPELINE_H

#include "core/object.h"
#include "core/sink.h"
#include "core/whom.h"

struct judge;
struct maker_table;
struct pipeline;

/* objects is borrowed: the source interns names there too. */
struct pipeline *pipeline_new(struct object_table *objects);
/* Frees the sinks and the judge too. */
void pipeline_free(struct pipeline *pl);
/* Takes sink over. Sinks, CAST_SLOTS at most, are called in the order in which they were added. */
void pipeline_add_sink(struct pipeline *pl, struct sink sink);
/* Show only the events of wanted processes; the others feed the mirrors. whom is borrowed. */
void pipeline_choose(struct pipeline *pl, const struct whom *whom);
/* Takes judge over; its findings go to the sinks, each after the changes it is about. */
void pipeline_set_judge(struct pipeline *pl, struct judge *judge);

/*
 * Keep who made what is mapped, beside each mirror (makers.h), from now on; to be called before the
 * first event, by whoever keeps objects.
 */
void pipeline_keep_makers(struct pipeline *pl);
/* NULL: they are not kept. */
const struct maker_table *pipeline_makers(const struct pipeline *pl);

/*
 * When that is due, free the names that nobody holds; to be called between two events. source (NULL:
 * none) is called to forget what is not held.
 */
void pipeline_sweep(struct pipeline *pl, void (*source)(void *priv), void *priv);
/* Keep no more ranges of mirrors than max, a power of 2: see weight.h. */
void pipeline_limit(struct pipeline *pl, size_t max);

/*
 * Apply one event. 0, or the first error of a sink as -errno: then stop.
 *
 * An EVENT_RANGE with check set verifies the mirror: differences go to the sinks as changes, are
 * counted in totals.differences, and are repaired. Where the mirror is stale they are repaired
 * only.
 */
int pipeline_feed(struct pipeline *pl, const struct event *ev);
/* The source has nothing more for now. 0, or -errno of a sink. */
int pipeline_flush(struct pipeline *pl);
/* The stream ended at end_ns. 0, or -errno of a sink. ret_totals may be NULL. */
int pipeline_finish(struct pipeline *pl, uint64_t end_ns, struct totals *ret_totals);
/* Adds what an output has to say about itself in the end; nothing if it is complete. */
void pipeline_remark(const struct pipeline *pl, struct buf *b);

/*
 * The pid of a process whose mirror needs a snapshot (EVENT_RANGE events that cover all
 * addresses), or 0. Each is named once: the next call names another. now_ns is CLOCK_BOOTTIME: a
 * process that loses records time and again has to wait.
 */
uint32_t pipeline_next_stale(struct pipeline *pl, uint64_t now_ns);

/*
 * The pid of a process whose mirror is racy (proc.h), or 0; each is named once. To be called when
 * the source is at rest: a snapshot before that would leave the mirror as racy.
 */
uint32_t pipeline_next_racy(struct pipeline *pl);

/*
 * Put which mirror was given up last (give_up.h), and how many were, since this was asked; nothing if
 * none was.
 */
void pipeline_put_given_up(struct pipeline *pl, struct buf *b);

/* The process with this pid, or NULL. */
const struct proc *pipeline_find(struct pipeline *pl, uint32_t pid);
/* The process after p in no particular order; the first if p is NULL; NULL at the end. */
const struct proc *pipeline_next(const struct pipeline *pl, const struct proc *p);

#endif
