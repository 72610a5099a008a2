/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events are applied to mirrors in the order of the stream, and every difference goes
 * to the sinks. Ranges that the kernel read back (event.seen) take the place of
 * inference: the two tiers meet here, and behind this file there is no difference.
 */
#include "core/pipeline_private.h"

#include <string.h>

#include "abi.h"
#include "core/apply.h"
#include "core/copies.h"
#include "core/effect.h"
#include "core/hidden.h"
#include "core/judge.h"
#include "core/stale.h"
#include "wire.h"

/*
 * No snapshot will tell any more what is in the stale ranges of p's mirror. Without an event in it,
 * as in a child that execs, nothing came of them.
 */
void feed_doubt(struct pipeline *pl, const struct proc *p)
{
	struct mm *mm = p->mm;

	if (!mm || !mm->stale || !mm->nr_events || mm->in_doubt || !p->life || !p->life->is_shown)
		return;
	mm->in_doubt = true;
	doubts_unread(&pl->totals.doubts, p);
}

/* p is about to get another address space, or none: the last to leave ends its findings. */
static void leave_mm(struct pipeline *pl, const struct proc *p)
{
	if (!p->mm || p->mm->nr_users > 1)
		return;
	feed_doubt(pl, p);
	if (pl->judge)
		judge_leave(pl->judge, p->mm);
}

/* mm is new to its process; records of the process were lost until until_ns, maybe after ev. */
static void mark_lossy(struct pipeline *pl, struct mm *mm, uint64_t until_ns,
		       const struct event *ev)
{
	mm->lost_until_ns = until_ns > pl->lost_until_ns ? until_ns : pl->lost_until_ns;
	if (ev->ts_ns >= mm->lost_until_ns)
		return;
	mm->brk = 0;
	mirror_mark_all(pl, mm);
}

/* The process of an event. A new one, or one whose exec was lost, gets an unknown mirror. */
static struct proc *proc_of(struct pipeline *pl, const struct event *ev)
{
	struct proc *p = proctab_find(pl->procs, ev->pid);
	uint64_t until_ns = stale_lost_until(p);
	struct mm *mm;

	if (!p)
		p = proctab_add(pl->procs, ev->pid);
	if (!p->mm || (ev->mm && p->mm->key && p->mm->key != ev->mm)) {
		mm = ev->mm ? proctab_find_mm(pl->procs, ev->mm) : NULL;
		if (mm && !p->mm) {
			proctab_give_shared(pl->procs, p, mm);
		} else {
			leave_mm(pl, p);
			proctab_give_new(pl->procs, p, ev->mm);
			p->exe = NULL; /* it called exec, which was lost */
		}
		mark_lossy(pl, p->mm, until_ns, ev);
		mirror_mark_all(pl, p->mm);
	} else if (ev->mm && !p->mm->key) {
		proctab_set_key(pl->procs, p->mm, ev->mm);
	}
	proc_name(p, ev);
	return p;
}

static void enter(struct pipeline *pl, struct proc *p, const struct event *ev, struct member member)
{
	pl->totals.nr_procs += cast_enter(pl->cast, p, ev);
	life_choose(p->life, member);
}

static void begin(struct pipeline *pl, const struct event *ev, struct proc *p, struct proc *child)
{
	if (p)
		enter(pl, p, ev, pl->member);
	if (child)
		enter(pl, child, ev, member_child(pl->whom, pl->member));
	memset(&pl->change, 0, sizeof(pl->change));
	pl->change.ev = ev;
	pl->change.proc = p;
	pl->caller_known = false;
	pl->nr_changes = 0;
	if (pl->judge && p)
		judge_begin(pl->judge, ev, p);
	OUTPUTS_CALL_AT(&pl->outputs, ev->ts_ns, begin_event, ev, p, child);
}

/* Count changes that found no room in what is remembered of p's memory, for those who are shown. */
static void count_dropped(struct pipeline *pl, const struct proc *p)
{
	uint64_t nr = judge_take_dropped(p->mm);

	if (!nr || !p->mm->space->nr_shown)
		return;
	pl->totals.dropped += nr;
	doubts_drop(&pl->totals.doubts, p);
}

static void end(struct pipeline *pl, const struct event *ev, const struct proc *p)
{
	if (p)
		p->mm->nr_events++;
	pl->totals.events += !ev->sibling;
	pl->totals.writes += ev->type == EVENT_WRITE && !ev->sibling;
	if (ev->type == EVENT_CALL && !ev->sibling)
		pl->totals.changes += pl->nr_changes;
	if (p && ev->type == EVENT_RANGE) /* the first one has the program */
		life_identify(p->life, p);
	OUTPUTS_CALL_AT(&pl->outputs, ev->ts_ns, end_event, ev, p, pl->nr_changes);
	if (pl->judge && p)
		judge_event(pl->judge, ev, p);
	if (pl->judge && pl->nr_changes) /* a child that only calls exec needs no past */
		count_dropped(pl, p);
}

/*
 * A brk's result is the break. The kernel reads back what is around the new one: all that the call
 * did is there unless others who share the address space cut the heap, or moved the break, before
 * that. So the range from the lowest to the highest break that there may have been must be read.
 */
static void move_brk(struct pipeline *pl, struct mm *mm, const struct event *ev)
{
	uint64_t was = mm->brk, now = ev->call.ret, top = now, lo = page_up(was < now ? was : now);
	bool moved = ev->call.arg[0] && !event_is_failed(ev);

	if (ev->call.unproven) { /* its result need not be the break */
		mm->brk = 0;
		if (moved && ev->racy)
			mirror_mark_all(pl, mm);
		return;
	}
	if (ret_is_error(now) || ev->ts_ns < mm->lost_until_ns || (!moved && (was || ev->racy)))
		return;
	if (ev->racy && mm->brk_top > now)
		top = mm->brk_top;
	mm->brk = now;
	mm->brk_top = top;
	if (!ev->racy || !ev->has_range || (was && ev->lo <= lo && ev->hi >= page_up(top)))
		return;
	mirror_mark(pl, mm, lo, page_up(top));
	mm->brk = was ? 0 : now;
}

/* The mirror may be wrong wherever the call can have changed memory. */
static void mark_extent(struct pipeline *pl, struct mm *mm, const struct event *ev)
{
	uint64_t lo, hi;

	call_extent(&ev->call, &lo, &hi);
	mirror_mark(pl, mm, lo, hi);
}

/* Guard regions are in no list of mappings: where a call does not prove them, they are looked for. */
static void note_guards(struct pipeline *pl, struct mm *mm, const struct event *ev)
{
	if (!call_guards(&ev->call) || mm->guards_dropped)
		return;
	mm->has_guards = true;
	if (ev->call.id == MPW_CALL_PROCESS_MADVISE || ev->call.unproven || ev->racy ||
	    event_is_failed(ev) || mm->nr_guards == APPLY_GUARDS_MAX)
		mm->guards_stale = pl->some_stale = true;
}

/*
 * True if the kernel cannot have chosen the place of an mmap, because something is there. Whoever
 * answered in its place said so, or what was there went unseen.
 */
static bool meets_mapping(const struct mm *mm, const struct event *ev)
{
	const struct event_call *c = &ev->call;
	const struct vma *v;
	uint64_t end;

	if (c->id != MPW_CALL_MMAP || event_is_failed(ev) || c->arg[3] & ABI_MAP_FIXED ||
	    ev->racy || ev->has_range || stale_ahead(mm, ev) || stale_at(mm, c->ret, &end))
		return false;
	v = aspace_find(mm->as, c->ret);
	return v && v->start < page_up(c->ret + c->arg[1]);
}

static void feed_call(struct pipeline *pl, const struct event *ev)
{
	struct proc *p = proc_of(pl, ev);
	struct apply a = { .ev = ev,
			   .mm = p->mm,
			   .objects = pl->objects,
			   .fn = mirror_diff,
			   .ctx = pl };
	bool sure = true;

	pl->totals.calls[ev->call.id] += !ev->sibling;
	pl->totals.failed += event_is_failed(ev) && !ev->sibling;
	pl->totals.answered += event_is_answered(ev) && !ev->sibling;
	begin(pl, ev, p, NULL);
	if (!event_is_failed(ev))
		copies_drop_mapped(p->mm, &ev->call);
	if (((ev->call.unproven && !ev->has_range) || p->mm->hidden) && !event_is_vain(ev))
		hidden_ask(p->mm, ev);
	/* an error, too, may be made up: by a tracer, behind a call by arm64's 32-bit entry that ran */
	if (ev->call.unproven &&
	    (!event_is_failed(ev) || call_advice(&ev->call) >= 0 || ev->call.compat))
		sure = event_is_answered(ev) || (ev->call.id == MPW_CALL_BRK && !ev->call.arg[0]);
	else if (meets_mapping(p->mm, ev))
		sure = false;
	else if (!ev->has_range || ev->call.id == MPW_CALL_MREMAP)
		sure = apply_call(&a);
	pl->some_stale = pl->some_stale || (p->mm->stale && !p->mm->snapshot_requested);
	if (ev->has_range)
		mirror_read(pl, p->mm, ev);
	if (ev->call.id == MPW_CALL_BRK)
		move_brk(pl, p->mm, ev);
	if ((ev->racy || (pl->nr_changes && stale_ahead(p->mm, ev))) && !ev->has_range &&
	    !event_is_failed(ev))
		p->mm->racy = pl->some_racy = true;
	if (ev->range_unread)
		mirror_mark(pl, p->mm, ev->lo, ev->hi);
	else if (!sure && !ev->has_range)
		mark_extent(pl, p->mm, ev);
	note_guards(pl, p->mm, ev);
	end(pl, ev, p);
}

/* The last piece of a check has come. */
static void count_check(struct pipeline *pl, struct mm *mm)
{
	pl->totals.compared++;
	pl->totals.differing += mm->differs;
	mm->differs = false;
}

static void feed_range(struct pipeline *pl, const struct event *ev)
{
	struct proc *p = proc_of(pl, ev);
	bool is_check_end, is_known;

	/* Others who share the address space may have changed it while it was read. */
	if (ev->check && !ev->from_maps && p->mm->nr_users > 1)
		return;
	proc_identify(p, ev);
	if (ev->start_brk)
		p->mm->start_brk = ev->start_brk;
	if (ev->from_maps && !ev->check)
		p->mm->maps_ns = ev->ts_ns;
	is_check_end = ev->check && ev->has_range && ev->hi == MPW_TASK_MAX;
	is_known = !stale_everywhere(p->mm) && !p->mm->given_up;
	if (!ev->check && ev->has_range && !ev->lo)
		p->mm->given_up = 0;
	begin(pl, ev, p, NULL);
	if (ev->has_range && !(ev->check && p->mm->given_up))
		mirror_read(pl, p->mm, ev);
	else if (!ev->check)
		mirror_mark_all(pl, p->mm);
	if (is_check_end && is_known)
		count_check(pl, p->mm);
	pl->totals.not_compared += is_check_end && !is_known;
	proc_learn_exe(p, ev, pl->objects);
	if (ev->has_range && ev->ts_ns >= p->mm->lost_until_ns)
		cast_heal(pl->cast, p->mm->space, ev);
	end(pl, ev, p);
}

static void feed_exec(struct pipeline *pl, const struct event *ev)
{
	struct proc *p = proctab_find(pl->procs, ev->pid);
	uint64_t until_ns = stale_lost_until(p);

	if (!p)
		p = proctab_add(pl->procs, ev->pid);
	leave_mm(pl, p);
	proctab_give_new(pl->procs, p, ev->mm);
	p->mm->start_brk = p->mm->brk = ev->start_brk;
	mark_lossy(pl, p->mm, until_ns, ev);
	proc_exec(p, ev);
	memcpy(p->comm, ev->comm, sizeof(p->comm));
	facts_drop(&p->facts, MPW_FACT_CMDLINE); /* the new program has other arguments */
	proc_identify(p, ev);
	mirror_mark_all(pl, p->mm);
	p->mm->snapshot_requested = ev->has_range; /* the rest of its mappings follows */
	p->mm->guards_known = true;
	begin(pl, ev, p, NULL);
	if (ev->has_range)
		mirror_read(pl, p->mm, ev);
	end(pl, ev, p);
}

static void feed_fork(struct pipeline *pl, const struct event *ev)
{
	struct proc *p = proc_of(pl, ev), *child = proctab_find(pl->procs, ev->child.pid);
	uint64_t until_ns = stale_lost_until(child);
	struct life *life = child ? child->life : NULL;

	if (child) { /* its exit was lost, or a snapshot of it came before this record */
		leave_mm(pl, child);
		proctab_remove(pl->procs, child);
	}
	child = proctab_add(pl->procs, ev->child.pid);
	child->life = life; /* cast_enter() makes another if the start time differs */
	if (ev->child.mm == ev->mm)
		proctab_give_shared(pl->procs, child, p->mm);
	else
		proctab_give_copy(pl->procs, child, ev->child.mm, p->mm);
	if (child->mm != p->mm)
		mark_lossy(pl, child->mm, until_ns, ev);
	if (child->mm != p->mm && p->mm->has_guards) /* MADV_WIPEONFORK leaves them out */
		child->mm->has_guards = child->mm->guards_stale = pl->some_stale = true;
	if (child->mm != p->mm && stale_copy(p->mm, ev)) {
		child->mm->brk = 0;
		mirror_mark_all(pl, child->mm);
	}
	if (child->mm->stale)
		pl->some_stale = true;
	memcpy(child->comm, thread_comm(ev, p),
	       sizeof(child->comm)); /* of the thread that forked */
	child->exe = p->exe;
	child->exe_is_guess = p->exe_is_guess;
	proc_inherit(child, p);
	proc_identify(child, ev);
	if (pl->judge)
		judge_fork(pl->judge, p, child);
	begin(pl, ev, p, child);
	end(pl, ev, p);
}

static void feed_exit(struct pipeline *pl, const struct event *ev)
{
	struct proc *p = proctab_find(pl->procs, ev->pid);

	/* Two threads that leave at once may both send an exit; or no other event was seen. */
	if (!p)
		return;
	proc_name(p, ev);
	if (p->mm->nr_users == 1) /* before this event counts as one in it */
		feed_doubt(pl, p);
	begin(pl, ev, p, NULL);
	end(pl, ev, p);
	if (p->mm->stale && p->mm->nr_users > 1) { /* the request may have been for this process */
		p->mm->snapshot_requested = false;
		pl->some_stale = true;
	}
	if (pl->judge && p->mm->nr_users == 1)
		judge_leave(pl->judge, p->mm);
	cast_exit(pl->cast, p, ev);
	proctab_remove(pl->procs, p);
}

/* A fault or a write, which change no mapping. */
static void feed_moment(struct pipeline *pl, const struct event *ev)
{
	struct proc *p = proc_of(pl, ev);

	begin(pl, ev, p, NULL);
	end(pl, ev, p);
}

static void feed_guards(struct pipeline *pl, const struct event *ev)
{
	struct proc *p = proc_of(pl, ev);
	struct apply a = { .ev = ev, .mm = p->mm, .fn = mirror_diff, .ctx = pl };

	p->mm->has_guards = p->mm->has_guards || ev->nr_seen;
	begin(pl, ev, p, NULL);
	apply_guards(&a);
	pl->totals.guards_dropped += p->mm->guards_dropped;
	p->mm->guards_stale = false;
	p->mm->guards_known = true;
	if (!p->mm->stale)
		p->mm->snapshot_requested = false;
	end(pl, ev, p);
}

/* Events from /proc beside the stream: the process did nothing, so they count nowhere. */
static void feed_place_or_build(struct pipeline *pl, const struct event *ev)
{
	struct proc *p = proctab_find(pl->procs, ev->pid);

	if (ev->type == EVENT_BUILD)
		object_set_build(pl->objects, ev->build.file, ev->build.id);
	if (!p)
		return;
	if (ev->type == EVENT_PLACE) {
		proc_name(p, ev);
		proc_identify(p, ev);
		facts_learn(&p->facts, &ev->facts);
		if (ev->exe)
			proc_learn_exe(p, ev, pl->objects);
	}
	begin(pl, ev, p, NULL);
	OUTPUTS_CALL_AT(&pl->outputs, ev->ts_ns, end_event, ev, p, 0);
}

void feed_given_up(struct pipeline *pl, const struct event *ev, struct proc *p)
{
	begin(pl, ev, p, NULL);
	cast_lose(pl->cast, p->mm->space, ev);
	OUTPUTS_CALL_AT(&pl->outputs, ev->ts_ns, end_event, ev, p, 0);
}

static void lose(struct pipeline *pl, struct mm *mm, const struct event *ev)
{
	mm->lost_until_ns = ev->lost_until_ns;
	mm->brk = 0;
	mirror_mark_all(pl, mm);
}

static void feed_loss(struct pipeline *pl, const struct event *ev)
{
	/* A process that is new here gets its mirror now: its fork or exec follows, or was lost. */
	struct proc *p = ev->pid ? proc_of(pl, ev) : NULL;

	pl->totals.lost += ev->sibling ? 0 : ev->lost;
	pl->totals.over_share += facts_number(&ev->facts, MPW_FACT_OVER_SHARE);
	if (p && !ev->sibling)
		doubts_lose(&pl->totals.doubts, p, ev->lost);
	if (p)
		lose(pl, p->mm, ev);
	else
		pl->lost_until_ns = ev->lost_until_ns;
	if (!p)
		for (p = proctab_next(pl->procs, NULL); p; p = proctab_next(pl->procs, p))
			lose(pl, p->mm, ev);
	begin(pl, ev, p, NULL);
	cast_lose(pl->cast, p ? p->mm->space : NULL, ev);
	end(pl, ev, p);
}

void feed_event(struct pipeline *pl, const struct event *ev)
{
	static void (*const feeds[])(struct pipeline *, const struct event *) = {
		[EVENT_CALL] = feed_call,
		[EVENT_EXEC] = feed_exec,
		[EVENT_FORK] = feed_fork,
		[EVENT_EXIT] = feed_exit,
		[EVENT_RANGE] = feed_range,
		[EVENT_LOSS] = feed_loss,
		[EVENT_FAULT] = feed_moment,
		[EVENT_PLACE] = feed_place_or_build,
		[EVENT_BUILD] = feed_place_or_build,
		[EVENT_WRITE] = feed_moment,
		[EVENT_GUARDS] = feed_guards,
	};

	feeds[ev->type](pl, ev);
}
