/* SPDX-License-Identifier: BSD-2-Clause */
/* The places are a set of ranges, kept as a mirror is: mapped means unsure. */
#include "core/unsure.h"

#include "core/aspace.h"
#include "wire.h"

void unsure_mark(struct mm *mm, uint64_t lo, uint64_t hi)
{
	static const struct object nothing;
	const struct attr mark = { .flags = VMA_MAPPED, .obj = &nothing };

	if (!mm->unsure) {
		mm->unsure = aspace_new();
		mm->asked = false;
	}
	aspace_assign(mm->unsure, lo, hi, &mark, NULL, NULL);
}

/*
 * With the end of a snapshot, what it missed is to be asked for again. A loss is told of before
 * the place in the stream where it happened, never after it: words from before it, which come
 * still, count for nothing.
 */
void unsure_clear(struct mm *mm, uint64_t lo, uint64_t hi, uint64_t ts_ns)
{
	if (!mm->unsure)
		return;
	if (ts_ns >= mm->lost_until_ns)
		aspace_assign(mm->unsure, lo, hi, NULL, NULL, NULL);
	if (!aspace_nr_vmas(mm->unsure)) {
		aspace_free(mm->unsure);
		mm->unsure = NULL;
		aspace_set_known(mm->as, true);
	} else if (hi == MPW_TASK_MAX) {
		mm->asked = false;
	}
}

bool unsure_at(const struct mm *mm, uint64_t addr, uint64_t *ret_end)
{
	const struct vma *v = mm->unsure ? aspace_find(mm->unsure, addr) : NULL;

	*ret_end = !v ? MPW_TASK_MAX : v->start > addr ? v->start : v->end;
	return v && v->start <= addr;
}

bool unsure_everywhere(const struct mm *mm)
{
	uint64_t end;

	return unsure_at(mm, 0, &end) && end == MPW_TASK_MAX;
}

bool unsure_ahead(const struct mm *mm, const struct event *ev)
{
	return ev->ts_ns < mm->maps_ns;
}

bool unsure_copy(const struct mm *parent, const struct event *ev)
{
	return ev->racy || unsure_ahead(parent, ev);
}

uint64_t unsure_lost_until(const struct proc *p)
{
	return p && p->mm ? p->mm->lost_until_ns : 0;
}
