/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The judge shows changes to detectors, and folds what they raise into findings.
 * Memory per address space is bounded: by past.h, and by FINDINGS_MAX findings
 * of a rule; further regions are folded into the last of these.
 */
#ifndef CORE_JUDGE_H
#define CORE_JUDGE_H

#include "core/detector.h"

#define FINDINGS_MAX 8

/* Called with each finding that is new, worse or over; f is borrowed. 0, or -errno. */
typedef int finding_fn(void *ctx, struct finding *f);

struct verdicts {
	uint64_t nr[NR_SEVERITIES]; /* findings, by their highest severity */
	uint64_t nr_suppressed;	    /* changes that a suppression of the user matched */
};

/* detectors ends with NULL; both are borrowed. */
struct judge *judge_new(const struct detector *const *detectors, struct rules *rules);
void judge_free(struct judge *j);
/* Findings go to fn, with ctx. */
void judge_set_reporter(struct judge *j, finding_fn *fn, void *ctx);

/* To be called before ev is applied. */
void judge_begin(struct judge *j, const struct event *ev, const struct proc *p);
/* All return 0, or the first error of finding_fn. */
int judge_change(struct judge *j, const struct change *ch);
/* To be called after ev was applied: judges a failed call, a fault, a write or an exit, and reports findings. */
int judge_event(struct judge *j, const struct event *ev, const struct proc *p);
/* child got a copy of parent's address space: its past and its detectors' state are copied too. */
void judge_fork(struct judge *j, const struct proc *parent, const struct proc *child);
/* The last process leaves the address space mm: all its findings are over, and reported. */
int judge_leave(struct judge *j, struct mm *mm);
/* The stream ended: all findings are over, and reported. */
int judge_finish(struct judge *j);

const struct verdicts *judge_verdicts(const struct judge *j);
/*
 * Changes that found no room in what is remembered of mm, since this was asked before; at first with
 * those of the parent that mm is a copy of.
 */
uint64_t judge_take_dropped(struct mm *mm);
/* Hold the objects of all that is remembered, and found (object.h). */
void judge_hold(struct judge *j);
/* Ranges that the past of mm remembers; for weight.h. */
size_t judge_nr_marks(const struct mm *mm);
/* Remember nothing of mm's ranges any more, but its findings. */
void judge_give_up(struct mm *mm);

#endif
