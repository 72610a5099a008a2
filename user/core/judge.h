/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The judge shows changes to detectors, and folds what they raise into findings.
 * Memory per address space is bounded: see past.h, and at most FINDINGS_MAX
 * findings of a rule; further regions are folded into the last of these.
 */
#ifndef CORE_JUDGE_H
#define CORE_JUDGE_H

#include "core/detector.h"

#define FINDINGS_MAX 8

/* Told of each finding, borrowed for the callback. 0, or -errno. */
typedef int finding_fn(void *ctx, struct finding *f);

struct verdicts {
	uint64_t nr[NR_SEVERITIES]; /* findings, by the worst they were */
	uint64_t nr_suppressed;	    /* changes */
	uint64_t nr_dropped;	    /* changes that found no room in a past */
};

/* detectors ends with NULL; both are borrowed. */
struct judge *judge_new(const struct detector *const *detectors, struct rules *rules);
void judge_free(struct judge *j);
/* Where findings go. */
void judge_set_reporter(struct judge *j, finding_fn *fn, void *ctx);

/* All return 0, or the first error of finding_fn. */
int judge_change(struct judge *j, const struct change *ch);
/* The event has been applied: judge what it failed to do, and tell what was found. */
int judge_event(struct judge *j, const struct event *ev, const struct proc *p);
/* child has got a copy of parent's address space. */
void judge_fork(struct judge *j, const struct proc *parent, const struct proc *child);
/* The last process leaves the address space: its findings are over. */
int judge_leave(struct judge *j, struct mm *mm);
/* The stream ended: all findings are over. */
int judge_finish(struct judge *j);

const struct verdicts *judge_verdicts(const struct judge *j);
/* Ranges that are remembered of all address spaces. */
size_t judge_nr_marks(const struct judge *j);

#endif
