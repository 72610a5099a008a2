/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A mirror is brought up to date: by what the kernel read back, and by what a call did. Each
 * difference is a change, which goes to the sinks and the judge.
 */
#include "core/pipeline_private.h"

#include "core/copies.h"
#include "core/effect.h"
#include "core/hidden.h"
#include "core/judge.h"
#include "core/makers.h"
#include "core/seen.h"
#include "core/stale.h"
#include "wire.h"

void mirror_mark(struct pipeline *pl, struct mm *mm, uint64_t lo, uint64_t hi)
{
	stale_mark(mm, lo, hi);
	pl->some_stale = pl->some_stale || !mm->snapshot_requested;
}

void mirror_mark_all(struct pipeline *pl, struct mm *mm)
{
	mirror_mark(pl, mm, 0, MPW_TASK_MAX);
}

static void mark_sure(struct pipeline *pl, struct mm *mm, uint64_t lo, uint64_t hi)
{
	stale_clear(mm, lo, hi, pl->change.ev->ts_ns);
	pl->some_stale = pl->some_stale || (mm->stale && !mm->snapshot_requested);
}

static void note_repair(struct pipeline *pl, bool stale)
{
	struct change *ch = &pl->change;

	pl->totals.repairs++;
	ch->differs = ch->ev->check && !stale && !seen_is_kernels(&ch->before, &ch->after) &&
		      !(ch->ev->type == EVENT_GUARDS && stale_guards(ch->proc->mm));
	pl->totals.differences += pl->change.differs;
	pl->change.proc->mm->differs |= pl->change.differs;
}

/* True if a snapshot says at last what it is that a call gave rights to. */
static bool is_found(const struct event *ev, const struct attr *before)
{
	return event_is_snapshot(ev) && attr_is_mapped(before) &&
	       before->obj->kind == OBJECT_UNKNOWN;
}

static void report_change(struct pipeline *pl, uint64_t start, uint64_t end,
			  const struct attr *before, const struct attr *after, bool stale)
{
	struct change *ch = &pl->change;

	if (!pl->caller_known) /* code is worth the extra look-up of caller_of() */
		ch->caller = (before->flags | after->flags) & VMA_X ?
				     caller_of(ch->proc->mm, ch->ev) :
				     caller_of_libc(ch->proc->mm, ch->ev);
	pl->caller_known = true;
	ch->start = start;
	ch->end = end;
	ch->before = *before;
	ch->after = *after;
	if ((stale && ch->ev->type == EVENT_CALL) || is_found(ch->ev, before))
		ch->before = (struct attr){ .flags = VMA_UNKNOWN };
	else if (event_is_snapshot(ch->ev) && !attr_is_unknown(before))
		note_repair(pl, stale);
	copies_change(ch->proc->mm, ch);
	if (pl->makers)
		makers_change(&ch->proc->mm->makers, pl->makers, ch);
	pl->nr_changes++;
	ch->number = change_is_counted(ch) ? ++pl->nr_counted : 0;
	OUTPUTS_CALL_AT(&pl->outputs, ch->ev->ts_ns, change, ch);
	if (pl->judge)
		judge_change(pl->judge, ch);
}

/* True if the call maps memory, in place of another that may be called [heap]. */
static bool is_new_memory(const struct event *ev)
{
	return ev->type == EVENT_CALL && ev->call.id == MPW_CALL_MMAP && !event_is_vain(ev);
}

void mirror_diff(void *ctx, uint64_t start, uint64_t end, const struct attr *before,
		 const struct attr *after)
{
	struct pipeline *pl = ctx;
	const struct mm *mm = pl->change.proc->mm;
	bool ahead = stale_ahead(mm, pl->change.ev);
	uint64_t at, to;

	if ((event_is_snapshot(pl->change.ev) || event_is_answered(pl->change.ev)) &&
	    seen_is_stack(mm->as, end, before, after))
		return;
	if (attr_is_heap_too(before, after) && !is_new_memory(pl->change.ev))
		return;
	for (at = start; at < end; at = to) {
		const struct attr b = attr_advance(*before, at - start);
		const struct attr a = attr_advance(*after, at - start);
		bool stale = stale_at(mm, at, &to) || ahead;

		to = to < end ? to : end;
		report_change(pl, at, to, &b, &a, stale);
	}
}

/*
 * True if attr has the key that the kernel gives to mappings that may be executed and nothing
 * else. A call for just that right proves it. Any other mapping may have a key that the program
 * chose: it is a guess, for as long as no key is known.
 */
static bool shows_exec_only_pkey(const struct mm *mm, const struct event *ev,
				 const struct attr *attr)
{
	if (!attr->pkey || (attr->flags & VMA_PROT) != VMA_X || event_names_pkey(ev))
		return false;
	if (!mm->exec_only_pkey)
		return true;
	return ev->type == EVENT_CALL && !event_is_failed(ev) && call_names_prot(ev->call.id) &&
	       (call_prot(&ev->call) & ABI_PROT_MASK) == VMA_X;
}

/* Assign a mapping as it was seen, piece by piece of the mirror, which may know more of some. */
static void apply_seen(struct pipeline *pl, uint64_t start, uint64_t end, const struct attr *seen)
{
	struct aspace *as = pl->change.proc->mm->as;
	uint64_t at, to;

	for (at = start; at < end; at = to) {
		const struct vma *v = aspace_find(as, at);
		const struct attr was = aspace_at(as, at), above = aspace_at(as, end);
		struct attr attr = attr_advance(*seen, at - start);

		to = !v ? end : v->start > at ? v->start : v->end;
		to = to < end ? to : end;
		attr = seen_attr(pl->change.ev, attr, &was, &above);
		if (pl->change.ev->from_maps)
			hidden_fill(pl->change.proc->mm, at, &to, &attr);
		aspace_assign(as, at, to, &attr, mirror_diff, pl);
	}
}

void mirror_read(struct pipeline *pl, struct mm *mm, const struct event *ev)
{
	uint64_t at = ev->lo;
	size_t i;

	for (i = 0; i < ev->nr_seen; i++) {
		const struct vma_seen *s = &ev->seen[i];
		uint64_t start = s->start > at ? s->start : at;
		uint64_t end = s->end < ev->hi ? s->end : ev->hi;
		struct attr attr;

		if (end <= start)
			continue;
		attr = attr_advance(s->attr, start - s->start);
		if (shows_exec_only_pkey(mm, ev, &attr))
			mm->exec_only_pkey = attr.pkey;
		if (at < start)
			aspace_assign(mm->as, at, start, NULL, mirror_diff, pl);
		apply_seen(pl, start, end, &attr);
		at = end;
	}
	if (at < ev->hi)
		aspace_assign(mm->as, at, ev->hi, NULL, mirror_diff, pl);
	if (ev->type == EVENT_RANGE && ev->hi == MPW_TASK_MAX)
		hidden_done(mm);
	mark_sure(pl, mm, ev->lo, ev->hi);
}
