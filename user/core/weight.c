/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A count walks over all processes, so one is made only when the additions since the
 * last could be too much. Then at least an eighth must be free, or the next count
 * would come too soon.
 */
#include "core/weight.h"

#include "core/judge.h"
#include "core/past.h"
#include "core/proctab.h"

#define PROC_RANGES 96 /* a process without any mapping: some 7 KB, mostly detectors' state */
#define RANGE_BYTES 80 /* size of a mirror's range, to weigh the words of facts */

static size_t mirror_ranges(const struct mm *mm)
{
	return aspace_nr_vmas(mm->as) + (mm->stale ? aspace_nr_vmas(mm->stale) : 0) +
	       (mm->copies ? aspace_nr_vmas(mm->copies) : 0) +
	       (mm->hidden ? aspace_nr_vmas(mm->hidden) : 0);
}

static size_t count(const struct proctab *procs, const struct judge *judge)
{
	size_t n = judge ? judge_nr_marks(judge) : 0;
	const struct proc *p;

	for (p = proctab_next(procs, NULL); p; p = proctab_next(procs, p))
		n += PROC_RANGES + mirror_ranges(p->mm) / p->mm->nr_users +
		     facts_bytes(&p->facts) / RANGE_BYTES;
	return n;
}

bool weight_fits(struct weight *w, const struct event *ev, unsigned int nr_changes,
		 struct proctab *procs, const struct judge *judge, size_t max)
{
	const struct proc *child;

	w->at_most += PROC_RANGES + 2 * (ev->nr_seen + nr_changes);
	if (ev->type == EVENT_FORK) {
		child = proctab_find(procs, ev->child.pid);
		w->at_most += PAST_MARKS + (child ? mirror_ranges(child->mm) : 0);
	}
	if (ev->facts.has)
		w->at_most += facts_bytes(&ev->facts) / RANGE_BYTES + 1;
	if (w->at_most < max)
		return true;
	w->at_most = count(procs, judge);
	return w->at_most < max - max / 8;
}
