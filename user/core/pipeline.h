/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pure heart: events in, mirrors kept, changes out to the sinks. Knows no
 * clock, no /proc, no kernel: the same events give the same changes for ever.
 */
#ifndef CORE_PIPELINE_H
#define CORE_PIPELINE_H

#include "core/object.h"
#include "core/sink.h"
#include "core/whom.h"

struct judge;
struct pipeline;

/* objects is borrowed: the source interns names into it too. */
struct pipeline *pipeline_new(struct object_table *objects);
/* Frees the sinks too. */
void pipeline_free(struct pipeline *pl);
/* Takes sink over. Sinks are called in the order in which they were added. */
void pipeline_add_sink(struct pipeline *pl, struct sink sink);
/* Show only what those that are wanted do; the others' events are fed all the same. Borrowed. */
void pipeline_choose(struct pipeline *pl, const struct whom *whom);
/* Takes judge over; its findings go to the sinks, after the changes they rest on. */
void pipeline_set_judge(struct pipeline *pl, struct judge *judge);

/*
 * Apply one event. 0, or the first error of a sink as -errno: then stop. -ENOMEM: there are more
 * processes and mappings than are mirrored (weight.h).
 *
 * An EVENT_RANGE with check set verifies: what differs goes to the sinks as changes, is counted in
 * totals.differences, and is repaired. A mirror that is stale is repaired without being judged.
 */
int pipeline_feed(struct pipeline *pl, const struct event *ev);
/* The source has nothing more for now. 0, or -errno of a sink. */
int pipeline_flush(struct pipeline *pl);
/* The stream ended at end_ns. 0, or -errno of a sink. ret_totals may be NULL. */
int pipeline_finish(struct pipeline *pl, uint64_t end_ns, struct totals *ret_totals);

/*
 * A process whose mirror needs a snapshot (EVENT_RANGE events that cover all its
 * addresses), or 0. Asked for once: the next call names another.
 */
uint32_t pipeline_next_stale(struct pipeline *pl);

/*
 * The same for a mirror that is racy (proc.h). Ask when the source is at rest: until then a
 * snapshot would make it as racy.
 */
uint32_t pipeline_next_racy(struct pipeline *pl);

const struct proc *pipeline_find(struct pipeline *pl, uint32_t pid);
/* The process after p in no particular order; the first if p is NULL. */
const struct proc *pipeline_next(const struct pipeline *pl, const struct proc *p);

#endif
