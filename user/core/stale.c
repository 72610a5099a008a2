/* SPDX-License-Identifier: BSD-2-Clause */
/* Stale ranges are kept in a set like a mirror: mapped means stale. */
#include "core/stale.h"

#include "core/aspace.h"
#include "wire.h"

void stale_mark(struct mm *mm, uint64_t lo, uint64_t hi)
{
	static const struct object nothing;
	const struct attr mark = { .flags = VMA_MAPPED, .obj = &nothing };

	if (!mm->stale) {
		mm->stale = aspace_new();
		mm->snapshot_requested = false;
	}
	aspace_assign(mm->stale, lo, hi, &mark, NULL, NULL);
}

/*
 * At the end of a snapshot the ranges that are still stale need another one. A loss is reported
 * before its place in the stream, never after: so snapshots that are older than lost_until_ns, and
 * come later, heal nothing.
 */
void stale_clear(struct mm *mm, uint64_t lo, uint64_t hi, uint64_t ts_ns)
{
	if (!mm->stale)
		return;
	if (ts_ns >= mm->lost_until_ns)
		aspace_assign(mm->stale, lo, hi, NULL, NULL, NULL);
	if (!aspace_nr_vmas(mm->stale)) {
		aspace_free(mm->stale);
		mm->stale = NULL;
		aspace_set_known(mm->as, true);
	} else if (hi == MPW_TASK_MAX) {
		mm->snapshot_requested = false;
	}
}

bool stale_at(const struct mm *mm, uint64_t addr, uint64_t *ret_end)
{
	const struct vma *v = mm->stale ? aspace_find(mm->stale, addr) : NULL;

	*ret_end = !v ? MPW_TASK_MAX : v->start > addr ? v->start : v->end;
	return v && v->start <= addr;
}

struct attr stale_written(const struct proc *p, const struct event *ev)
{
	const struct event_write *w = &ev->write;
	uint64_t end;

	if (!w->addr || w->flags & MPW_WRITE_OUTWARD || stale_at(p->mm, w->addr, &end) ||
	    stale_ahead(p->mm, ev))
		return (struct attr){ .flags = VMA_UNKNOWN };
	return aspace_at(p->mm->as, w->addr);
}

bool stale_everywhere(const struct mm *mm)
{
	uint64_t end;

	return stale_at(mm, 0, &end) && end == MPW_TASK_MAX;
}

bool stale_ahead(const struct mm *mm, const struct event *ev)
{
	return ev->ts_ns < mm->maps_ns;
}

bool stale_copy(const struct mm *parent, const struct event *ev)
{
	return ev->racy || stale_ahead(parent, ev);
}

uint64_t stale_lost_until(const struct proc *p)
{
	return p && p->mm ? p->mm->lost_until_ns : 0;
}

bool stale_guards(const struct mm *mm)
{
	return mm->guards_stale || !mm->guards_known || mm->guards_dropped;
}
