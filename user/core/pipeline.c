/* SPDX-License-Identifier: BSD-2-Clause */
/* The pipeline's life, sinks and queries; feed.c applies the events. */
#include "core/pipeline_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/give_up.h"
#include "core/judge.h"
#include "core/makers.h"
#include "util/mem.h"

struct pipeline *pipeline_new(struct object_table *objects)
{
	struct pipeline *pl = mem_alloc(sizeof(*pl));

	pl->objects = objects;
	pl->procs = proctab_new();
	pl->cast = cast_new(&outputs_cast_ops, &pl->outputs);
	pipeline_limit(pl, WEIGHT_MAX);
	return pl;
}

void pipeline_free(struct pipeline *pl)
{
	if (!pl)
		return;
	outputs_free(&pl->outputs);
	judge_free(pl->judge);
	proctab_free(pl->procs);
	cast_free(pl->cast);
	maker_table_free(pl->makers);
	free(pl);
}

void pipeline_add_sink(struct pipeline *pl, struct sink sink)
{
	outputs_add(&pl->outputs, sink);
}

void pipeline_choose(struct pipeline *pl, const struct whom *whom)
{
	pl->whom = whom;
}

void pipeline_keep_makers(struct pipeline *pl)
{
	if (!pl->makers)
		pl->makers = maker_table_new();
}

const struct maker_table *pipeline_makers(const struct pipeline *pl)
{
	return pl->makers;
}

/* The life of a finding's process; NULL if it is over. */
static struct life *life_of(const struct pipeline *pl, const struct finding *f)
{
	const struct proc *p = proctab_find(pl->procs, f->pid);

	return p && p->life && !life_is_another(p->life, f->start_ns) ? p->life : NULL;
}

static int on_finding(void *ctx, struct finding *f)
{
	struct pipeline *pl = ctx;

	f->life = life_of(pl, f);
	OUTPUTS_CALL_AT(&pl->outputs, f->last_ns, finding, f);
	return 0; /* the outputs keep the error, and pipeline_finish() may forgive it */
}

void pipeline_set_judge(struct pipeline *pl, struct judge *judge)
{
	pl->judge = judge;
	judge_set_reporter(judge, on_finding, pl);
}

/*
 * True for a call that changes the memory of a wanted process, too. In a live trace they are shown
 * by bpf/filter.bpf.h, unless single threads were asked for.
 */
static bool is_sharers(const struct pipeline *pl, const struct event *ev, const struct proc *p)
{
	const struct mm *mm = ev->mm ? proctab_find_mm(pl->procs, ev->mm) : p ? p->mm : NULL;

	return ev->type == EVENT_CALL && !pl->whom->tids.nr && mm && mm->space &&
	       mm->space->nr_wanted;
}

/*
 * True if the event's process is wanted. A loss is anybody's if it has no process, or if that is not
 * known yet.
 */
static bool is_wanted(struct pipeline *pl, const struct event *ev)
{
	const struct proc *p = proctab_find(pl->procs, ev->pid);
	const struct life *l = p ? p->life : NULL;

	if (!ev->pid)
		return true;
	if (l && ev->type != EVENT_FORK && life_is_another(l, ev->start_ns)) {
		p = NULL; /* it is gone, and its pid is another's */
		l = NULL;
	}
	pl->member = member_ask(pl->whom, ev, p, l ? l->member : (struct member){ 0 });
	return pl->member.is_wanted || (ev->type == EVENT_LOSS && !pl->member.is_known) ||
	       is_sharers(pl, ev, p);
}

/*
 * Make ret a write into a process that is not wanted, ev, as its writer's. False if that is not
 * wanted either.
 */
static bool turn_outward(struct pipeline *pl, const struct event *ev, struct event *ret)
{
	const struct proc *from, *to;

	if (ev->type != EVENT_WRITE || ev->write.flags & MPW_WRITE_OUTWARD)
		return false;
	from = proctab_find(pl->procs, ev->write.pid);
	to = proctab_find(pl->procs, ev->pid);
	if (!from || !from->life || !from->life->member.is_wanted)
		return false;
	*ret = *ev;
	ret->pid = ev->write.pid;
	ret->tid = ev->write.tid;
	ret->mm = from->mm->key;
	memcpy(ret->comm, ev->write.comm, sizeof(ret->comm));
	ret->write.pid = ret->write.tid = ev->pid;
	ret->write.uid = to ? facts_number(&to->facts, MPW_FACT_UID) : 0;
	memcpy(ret->write.comm, ev->comm, sizeof(ret->write.comm));
	ret->write.flags |= MPW_WRITE_OUTWARD;
	pl->member = from->life->member;
	return true;
}

int pipeline_feed(struct pipeline *pl, const struct event *ev)
{
	struct event hidden;

	if (pl->whom && !is_wanted(pl, ev)) {
		if (!turn_outward(pl, ev, &hidden)) {
			hidden = *ev;
			hidden.sibling = true;
		}
		ev = &hidden;
	}
	OUTPUTS_CALL(&pl->outputs, event, ev);
	if (pl->outputs.err)
		return pl->outputs.err;
	feed_event(pl, ev);
	if (!pl->outputs.err)
		give_up_if_heavy(pl, ev);
	return pl->outputs.err;
}

static bool some_sink_keeps(const struct outputs *o)
{
	unsigned int i;

	for (i = 0; i < o->nr && !o->sinks[i].ops->keeps_objects; i++)
		;
	return i < o->nr;
}

static void hold_all(const struct pipeline *pl)
{
	const struct proc *p;

	for (p = proctab_next(pl->procs, NULL); p; p = proctab_next(pl->procs, p)) {
		object_hold(p->exe);
		aspace_hold(p->mm->as);
		if (p->mm->copies)
			aspace_hold(p->mm->copies);
	}
	cast_hold(pl->cast);
	if (pl->judge)
		judge_hold(pl->judge);
}

void pipeline_sweep(struct pipeline *pl, void (*source)(void *priv), void *priv)
{
	if (!object_table_sweep_is_due(pl->objects) || some_sink_keeps(&pl->outputs))
		return;
	hold_all(pl);
	if (source)
		source(priv);
	outputs_forget(&pl->outputs);
	object_table_sweep(pl->objects);
}

void pipeline_limit(struct pipeline *pl, size_t max)
{
	pl->weight.max = max;
}

int pipeline_flush(struct pipeline *pl)
{
	OUTPUTS_CALL(&pl->outputs, flush);
	return pl->outputs.err;
}

int pipeline_finish(struct pipeline *pl, uint64_t end_ns, struct totals *ret_totals)
{
	const struct proc *p;

	if (pl->outputs.err == -ECANCELED ||
	    pl->outputs.err == -EPIPE) /* a sink had enough: the others still finish */
		pl->outputs.err = 0;
	pl->totals.end_ns = end_ns;
	for (p = proctab_next(pl->procs, NULL); p; p = proctab_next(pl->procs, p))
		feed_doubt(pl, p);
	if (pl->judge)
		judge_finish(pl->judge);
	if (!pl->outputs.err)
		cast_finish(pl->cast, end_ns);
	if (ret_totals)
		*ret_totals = pl->totals;
	OUTPUTS_CALL(&pl->outputs, finish, &pl->totals);
	return pl->outputs.err;
}

void pipeline_remark(const struct pipeline *pl, struct buf *b)
{
	outputs_remark(&pl->outputs, b);
}

#define HEAL_WAIT_MAX_NS (8 * HEAL_WAIT_NS)

/*
 * A process that loses records again and again is healed at once, then after 1 s, 2, 4 and 8; one
 * whose mirror was given up, after 1 s at first, and later after 64 s.
 */
static void put_off_healing(struct mm *mm, uint64_t now_ns)
{
	uint64_t max_ns = mm->given_up ? 8 * HEAL_WAIT_MAX_NS : HEAL_WAIT_MAX_NS;

	if (!mm->lost_until_ns && !mm->given_up)
		return;
	if (now_ns - mm->heal_after_ns > max_ns)
		mm->heal_wait_ns = 0;
	mm->heal_wait_ns = !mm->heal_wait_ns	     ? HEAL_WAIT_NS :
			   mm->heal_wait_ns < max_ns ? 2 * mm->heal_wait_ns :
						       max_ns;
	mm->heal_after_ns = now_ns + mm->heal_wait_ns;
}

/* True if p's mirror has to wait: for its time, or for room. */
static bool must_wait(struct pipeline *pl, const struct proc *p, uint64_t now_ns)
{
	if (now_ns < p->mm->heal_after_ns)
		return true;
	return p->mm->given_up && !weight_has_room(&pl->weight, pl->procs, p->mm->given_up, now_ns);
}

uint32_t pipeline_next_stale(struct pipeline *pl, uint64_t now_ns)
{
	const struct proc *p = pl->some_stale ? proctab_next(pl->procs, NULL) : NULL;
	bool some_later = false;

	for (; p; p = proctab_next(pl->procs, p)) {
		if ((!p->mm->stale && !p->mm->guards_stale) || p->mm->snapshot_requested)
			continue;
		if (must_wait(pl, p, now_ns)) {
			some_later = true;
			continue;
		}
		p->mm->snapshot_requested = true;
		put_off_healing(p->mm, now_ns);
		return p->pid;
	}
	pl->some_stale = some_later;
	return 0;
}

uint32_t pipeline_next_racy(struct pipeline *pl)
{
	const struct proc *p = pl->some_racy ? proctab_next(pl->procs, NULL) : NULL;

	for (; p; p = proctab_next(pl->procs, p)) {
		if (!p->mm->racy || p->mm->given_up)
			continue;
		p->mm->racy = false;
		p->mm->brk = 0; /* the last that was seen need not have been the last */
		return p->pid;
	}
	pl->some_racy = false;
	return 0;
}

const struct proc *pipeline_find(struct pipeline *pl, uint32_t pid)
{
	return proctab_find(pl->procs, pid);
}

const struct proc *pipeline_next(const struct pipeline *pl, const struct proc *p)
{
	return proctab_next(pl->procs, p);
}
