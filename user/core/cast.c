/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lists of living lives and spaces: first those that were never shown, then the shown ones in
 * the order of their first event. Outputs see them end in this order at the end of the stream.
 */
#include "core/cast.h"
#include "core/object.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "util/mem.h"
#include "wire.h"

struct cast {
	const struct cast_ops *ops;
	void *ctx;
	struct life *lives;
	struct space *spaces;
	uint64_t nr_lives, nr_spaces; /* made so far */
};

struct cast *cast_new(const struct cast_ops *ops, void *ctx)
{
	struct cast *c = mem_alloc(sizeof(*c));

	c->ops = ops;
	c->ctx = ctx;
	return c;
}

void cast_free(struct cast *c)
{
	struct life *l;
	struct space *sp;

	if (!c)
		return;
	while ((l = c->lives)) {
		DL_DELETE(c->lives, l);
		free(l);
	}
	while ((sp = c->spaces)) {
		DL_DELETE(c->spaces, sp);
		free(sp);
	}
	free(c);
}

static uint64_t not_before(uint64_t ts_ns, uint64_t start_ns)
{
	return ts_ns > start_ns ? ts_ns : start_ns; /* a recording can hold any time */
}

/* ---- spaces ---- */

static struct space *space_begin(struct cast *c, struct mm *mm, uint64_t ts_ns)
{
	struct space *sp = mem_alloc(sizeof(*sp));

	sp->nr = ++c->nr_spaces;
	sp->mm = mm;
	sp->start_ns = ts_ns;
	sp->lost_from = MPW_TASK_MAX;
	mm->space = sp;
	DL_APPEND(c->spaces, sp);
	return sp;
}

static void space_end(struct cast *c, struct space *sp)
{
	if (sp->mm)
		sp->mm->space = NULL;
	DL_DELETE(c->spaces, sp);
	free(sp);
}

static void space_show(struct cast *c, struct space *sp, uint64_t ts_ns)
{
	if (sp->nr_shown++)
		return;
	sp->start_ns = ts_ns;
	sp->lost_from = MPW_TASK_MAX; /* outputs begin with the mirror as it is */
	DL_DELETE(c->spaces, sp);
	DL_APPEND(c->spaces, sp);
}

bool space_is_lost(const struct space *sp)
{
	return sp->lost_from < MPW_TASK_MAX;
}

/* ---- lives ---- */

static bool life_is_held(const struct life *l)
{
	size_t i;

	for (i = 0; i < CAST_SLOTS && !l->slots[i]; i++)
		;
	return i < CAST_SLOTS;
}

void life_release(struct life *l, unsigned int slot)
{
	l->slots[slot] = NULL;
	if (!l->proc && !life_is_held(l))
		free(l);
}

void life_identify(struct life *l, const struct proc *p)
{
	if (p->start_ns)
		l->id_ns = p->start_ns;
	if (p->ppid)
		l->ppid = p->ppid;
	if (p->exe)
		l->exe = p->exe;
	memcpy(l->comm, p->comm, sizeof(l->comm));
}

static struct life *life_begin(struct cast *c, struct proc *p, uint64_t ts_ns)
{
	struct life *l = mem_alloc(sizeof(*l));

	l->nr = ++c->nr_lives;
	l->pid = p->pid;
	l->start_ns = ts_ns;
	life_identify(l, p);
	DL_APPEND(c->lives, l);
	return l;
}

static void life_show(struct cast *c, struct life *l, uint64_t ts_ns)
{
	l->is_shown = true;
	l->start_ns = ts_ns;
	DL_DELETE(c->lives, l);
	DL_APPEND(c->lives, l);
	space_show(c, l->space, ts_ns);
}

/* l leaves its space; ev is NULL at the end of the stream. */
static void life_leave(struct cast *c, struct life *l, const struct event *ev, uint64_t ts_ns)
{
	struct space *sp = l->space;

	if (!sp)
		return;
	l->space = NULL;
	sp->nr_users--;
	sp->nr_shown -= l->is_shown;
	sp->nr_wanted -= l->member.is_wanted;
	sp->end_ns = not_before(ts_ns, sp->start_ns);
	c->ops->left(c->ctx, l, sp, ev);
	if (!sp->nr_users)
		space_end(c, sp);
}

static void life_enter(struct cast *c, struct life *l, struct mm *mm, const struct event *ev)
{
	struct space *sp;

	life_leave(c, l, ev, ev->ts_ns);
	sp = mm->space ? mm->space : space_begin(c, mm, ev->ts_ns);
	sp->nr_users++;
	sp->nr_wanted += l->member.is_wanted;
	l->space = sp;
	if (l->is_shown)
		space_show(c, sp, ev->ts_ns);
}

void life_choose(struct life *l, struct member member)
{
	if (l->space)
		l->space->nr_wanted += member.is_wanted - l->member.is_wanted;
	l->member = member;
}

static void life_end(struct cast *c, struct life *l, const struct event *ev, uint64_t ts_ns)
{
	life_leave(c, l, ev, ts_ns);
	l->end_ns = not_before(ts_ns, l->start_ns);
	c->ops->over(c->ctx, l);
	l->proc->life = NULL;
	l->proc = NULL; /* from here on only slots keep the life */
	DL_DELETE(c->lives, l);
	if (!life_is_held(l))
		free(l);
}

/* ---- calls from the pipeline ---- */

bool life_is_another(const struct life *l, uint64_t id_ns)
{
	return l->id_ns && id_ns && !same_start(l->id_ns, id_ns);
}

bool cast_enter(struct cast *c, struct proc *p, const struct event *ev)
{
	bool is_first;

	if (p->life)
		p->life->proc = p;
	if (p->life && life_is_another(p->life, p->start_ns))
		life_end(c, p->life, ev, ev->ts_ns);
	if (!p->life)
		p->life = life_begin(c, p, ev->ts_ns);
	p->life->proc = p;
	if (!p->life->space || p->life->space != p->mm->space)
		life_enter(c, p->life, p->mm, ev);
	is_first = !ev->sibling && !p->life->is_shown && ev->type != EVENT_LOSS;
	if (is_first)
		life_show(c, p->life, ev->ts_ns);
	if (is_first || (ev->type != EVENT_CALL && ev->type != EVENT_LOSS))
		life_identify(p->life, p);
	return is_first;
}

static void space_lose(struct cast *c, struct space *sp, const struct event *ev)
{
	c->ops->lost(c->ctx, sp, ev);
	sp->lost_from = 0;
}

void cast_lose(struct cast *c, struct space *sp, const struct event *ev)
{
	if (sp) {
		space_lose(c, sp, ev);
		return;
	}
	DL_FOREACH(c->spaces, sp)
	{
		space_lose(c, sp, ev);
	}
}

void cast_heal(struct cast *c, struct space *sp, const struct event *ev)
{
	c->ops->healed(c->ctx, sp, ev);
	if (ev->lo <= sp->lost_from && ev->hi > sp->lost_from)
		sp->lost_from = ev->hi;
}

void cast_exit(struct cast *c, struct proc *p, const struct event *ev)
{
	p->life->has_exited = true;
	p->life->exit_code = ev->exit_code;
	life_end(c, p->life, ev, ev->ts_ns);
}

void cast_hold(const struct cast *c)
{
	const struct life *l;

	DL_FOREACH(c->lives, l)
	object_hold(l->exe);
}

void cast_finish(struct cast *c, uint64_t end_ns)
{
	while (c->lives)
		life_end(c, c->lives, NULL, end_ns);
}
