/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The timeline's collector: a history of each address space, printed when the run ends by
 * timeline_page.c or timeline_svg.c. Memory is bounded: lives that are over with the least to see
 * are dropped first, and counted.
 */
#include "sink/timeline/timeline.h"

#include <stdlib.h>

#include "sink/timeline/timeline_sink.h"
#include "sink/output.h"
#include "sink/timeline/timeline_notes.h"
#include "util/mem.h"
#include "util/term.h"

#define MAX_LIVES 1024
/* Shared by all address spaces: some 16 MiB and 64 MiB. */
#define MAX_LANES (1L << 17)
#define MAX_SPANS (1L << 21)

/* ---- lives ---- */

static struct timeline_space *space_of(const struct timeline *t, const struct space *sp)
{
	return sp->slots[t->slot];
}

static void life_free(struct timeline *t, struct timeline_life *tl)
{
	timeline_spaces_free(tl);
	notes_free(t, tl);
	life_release(tl->life, t->slot);
	free(tl);
}

/* True if tl is over, and no other life has a space of tl, as the child of a vfork may. */
static bool is_droppable(const struct timeline_life *tl)
{
	if (tl->life->proc)
		return false;
	for (const struct timeline_space *ts = tl->spaces; ts; ts = ts->next)
		if (ts->space)
			return false;
	return true;
}

static void drop_dullest(struct timeline *t)
{
	struct timeline_life **dullest = NULL, *tl;
	struct interest least = { 0, 0 };

	for (struct timeline_life **at = &t->lives; *at; at = &(*at)->next) {
		struct interest i = timeline_life_interest(*at);

		if (!is_droppable(*at) || (dullest && interest_compare(i, least) >= 0))
			continue;
		dullest = at;
		least = i;
	}
	if (!dullest)
		return;
	tl = *dullest;
	*dullest = tl->next;
	t->nr_lives--;
	t->nr_dropped_changes += least.nr_changes;
	life_free(t, tl);
}

/* The timeline's part of l, made if need be; NULL if there is no room. */
static struct timeline_life *life_get(struct timeline *t, struct life *l)
{
	struct timeline_life *tl = l->slots[t->slot];

	if (tl)
		return tl;
	if (t->nr_lives >= MAX_LIVES || t->budget.lanes < MAX_LANES / 8)
		drop_dullest(t);
	if (t->nr_lives >= MAX_LIVES)
		return NULL;
	tl = l->slots[t->slot] = mem_alloc(sizeof(*tl));
	tl->life = l;
	tl->next = t->lives;
	t->lives = tl;
	t->nr_lives++;
	return tl;
}

/* The timeline's part of p's life, with that of the space that p has; NULL if there is no room. */
static struct timeline_life *life_at(struct timeline *t, const struct proc *p, uint64_t ts_ns)
{
	struct timeline_life *tl = life_get(t, p->life);
	struct space *sp = p->life->space;
	struct timeline_space *ts = space_of(t, sp);

	if (!tl)
		return NULL;
	if (!ts) {
		if (t->cfg.since_ns && sp->start_ns <= t->cfg.since_ns) /* it is as it was then */
			ts_ns = t->cfg.since_ns;
		ts = sp->slots[t->slot] = timeline_space_new(tl, sp, &t->budget, ts_ns);
		ts->exe = p->exe;
	} else if (!tl->spaces) {
		tl->shares_with = ts->owner->life->pid;
	}
	return tl;
}

/* ---- the sink ---- */

static int timeline_begin(void *priv, const struct event *ev, const struct proc *proc,
			  const struct proc *child)
{
	struct timeline *t = priv;
	struct timeline_space *ts;
	struct timeline_life *tl;

	/* A life that is watched for its space's sake alone is not shown. */
	if (proc && proc->life->is_shown) {
		tl = life_at(t, proc, ev->ts_ns);
		if (tl)
			tl->nr_failed += event_is_failed(ev) && !ev->sibling &&
					 scope_has_event(&t->cfg.scope, ev, proc);
	}
	if (child && child->life->is_shown)
		life_at(t, child, ev->ts_ns);
	ts = proc ? space_of(t, proc->mm->space) : NULL;
	if (ts && ev->type == EVENT_WRITE && scope_has_event(&t->cfg.scope, ev, proc))
		ts->nr_writes += writes_add(&t->writes, ts->nr, ev);
	return 0;
}

static int timeline_change(void *priv, const struct change *ch)
{
	struct timeline *t = priv;
	struct timeline_space *ts = space_of(t, ch->proc->mm->space);

	if (ts)
		history_change(ts->history, ch, scope_has_change(&t->cfg.scope, ch));
	return 0;
}

static int timeline_finding(void *priv, const struct finding *f)
{
	struct timeline *t = priv;
	struct timeline_life *tl = f->life ? f->life->slots[t->slot] : NULL;

	if (!scope_has_finding(&t->cfg.scope, f))
		return 0;
	note_take(t, tl, f);
	if (!tl || f->state == FINDING_OVER)
		return 0;
	tl->nr_findings += f->state == FINDING_NEW;
	if (f->severity > tl->worst)
		tl->worst = f->severity;
	return 0;
}

static void timeline_left(void *priv, struct life *l, struct space *sp, const struct event *ev)
{
	struct timeline *t = priv;
	struct timeline_space *ts = space_of(t, sp);

	(void)l;
	(void)ev;
	if (!ts || sp->nr_shown)
		return;
	ts->end_ns = sp->end_ns;
	ts->space = NULL;
	sp->slots[t->slot] = NULL;
}

static void timeline_lost(void *priv, struct space *sp, const struct event *ev)
{
	struct timeline_space *ts = space_of(priv, sp);

	if (ts)
		history_lose(ts->history, ev->ts_ns);
}

static void timeline_healed(void *priv, struct space *sp, const struct event *ev)
{
	struct timeline_space *ts = space_of(priv, sp);

	if (ts)
		history_heal(ts->history, ev->ts_ns, sp->mm->as, ev->lo, ev->hi);
}

static int timeline_end(void *priv, const struct event *ev, const struct proc *proc,
			unsigned int nr_changes)
{
	struct timeline *t = priv;
	struct timeline_space *ts = proc ? space_of(t, proc->mm->space) : NULL;

	(void)nr_changes;
	if (!ts || ts->owner->life != proc->life || ev->type == EVENT_CALL)
		return 0;
	ts->by_exec |= ev->type == EVENT_EXEC;
	if (proc->exe)
		ts->exe = proc->exe;
	return 0;
}

static int timeline_finish(void *priv, const struct totals *totals)
{
	struct timeline *t = priv;

	t->nr_dropped = totals->nr_procs > t->nr_lives ? totals->nr_procs - t->nr_lives : 0;
	writes_sort(&t->writes);
	if (t->cfg.svg)
		timeline_svg(t, totals);
	else
		timeline_page(t, totals);
	return out_commit(t->cfg.out);
}

static void timeline_free(void *priv)
{
	struct timeline *t = priv;
	struct timeline_life *tl, *next;

	for (tl = t->lives; tl; tl = next) {
		next = tl->next;
		life_free(t, tl);
	}
	writes_done(&t->writes);
	free(t);
}

static const struct sink_ops timeline_ops = {
	.name = "timeline",
	.keeps_objects = true,
	.begin_event = timeline_begin,
	.change = timeline_change,
	.finding = timeline_finding,
	.life_left = timeline_left,
	.space_lost = timeline_lost,
	.space_healed = timeline_healed,
	.end_event = timeline_end,
	.finish = timeline_finish,
	.free = timeline_free,
};

struct sink timeline_sink_new(const struct timeline_config *cfg)
{
	struct timeline *t = mem_alloc(sizeof(*t));

	t->cfg = *cfg;
	t->budget = (struct history_budget){ .lanes = MAX_LANES, .spans = MAX_SPANS };
	return (struct sink){ .ops = &timeline_ops, .priv = t, .slot = &t->slot };
}

static struct sink timeline_of(const struct output_env *env, bool svg)
{
	const struct show_options *show = env->show;
	const struct timeline_config cfg = {
		.out = env->out,
		.run = env->run,
		.scope = show->scope,
		.since_ns = show->since_ns,
		.all = show->all,
		.min_severity = output_severity(show, SEVERITY_LOW),
		.utc = show->utc,
		.svg = svg,
		.color = term_wants_color(env->out->fd, show->color),
		.width = output_width(env->out),
	};

	return timeline_sink_new(&cfg);
}

static int timeline_open(const struct output_env *env, void *options, struct sink *ret)
{
	(void)options;
	*ret = timeline_of(env, false);
	return 0;
}

const struct output timeline_output = {
	.name = "timeline",
	.kind = OUTPUT_TIMELINE,
	.options_bytes = sizeof(struct output_choice),
	.open = timeline_open,
};

static const struct opt svg_rows[] = {
	{ 0, "svg", "FILE", "as a picture for documents", output_choose_file, 0, 0 },
	{ 0 },
};

static int svg_open(const struct output_env *env, void *options, struct sink *ret)
{
	(void)options;
	*ret = timeline_of(env, true);
	return 0;
}

const struct output svg_output = {
	.name = "svg",
	.kind = OUTPUT_TIMELINE,
	.heading = "As a file",
	.rows = svg_rows,
	.options_bytes = sizeof(struct output_choice),
	.open = svg_open,
};
