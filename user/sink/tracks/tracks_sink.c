/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tracks' collector. Slices are written as soon as they are over; kept are the regions of
 * living address spaces, and their tracks.
 */
#include <stdlib.h>

#include <utlist.h>

#include "sink/tracks/tracks_sink.h"
#include "sink/output.h"
#include "sink/tracks/tracks_private.h"
#include "util/mem.h"
#include "wire.h"

/* ---- processes and address spaces ---- */

static struct tracks_space *space_of(const struct tracks *t, const struct space *sp)
{
	return sp->slots[t->slot];
}

static void life_put(struct tracks *t, struct tracks_life *tl)
{
	if (--tl->nr_refs)
		return;
	life_release(tl->life, t->slot);
	DL_DELETE(t->lives, tl);
	free(tl);
}

/* Pieces in [lo, hi) become what the mirror has there. */
static void space_seed(struct tracks *t, struct tracks_space *s, const struct aspace *as,
		       uint64_t lo, uint64_t hi)
{
	struct over over = { t, s, false };
	struct piece p = { .start = lo, .end = hi, .what = "seen" };
	const struct vma *v;

	pieces_put(&s->pieces, &p, s->last_ns, tracks_write_slice, &over);
	for (v = aspace_find(as, lo); v && v->start < hi; v = aspace_next(as, v)) {
		p.start = v->start > lo ? v->start : lo;
		p.end = v->end < hi ? v->end : hi;
		p.attr = attr_advance(v->attr, p.start - v->start);
		pieces_put(&s->pieces, &p, s->last_ns, tracks_write_slice, &over);
	}
}

static void space_goes_on(struct tracks_space *s, uint64_t ts_ns)
{
	if (ts_ns > s->last_ns)
		s->last_ns = ts_ns;
}

static struct tracks_space *space_new(struct tracks *t, struct tracks_life *tl,
				      const struct space *sp, uint64_t ts_ns)
{
	struct tracks_space *s = mem_alloc(sizeof(*s));

	s->owner = tl;
	tl->nr_refs++;
	pieces_init(&s->pieces);
	s->last_ns = ts_ns;
	DL_APPEND(t->spaces, s);
	space_seed(t, s, sp->mm->as, 0, MPW_TASK_MAX);
	return s;
}

static void space_free(struct tracks *t, struct tracks_space *s)
{
	struct region *r, *next;

	HASH_ITER(hh, s->regions, r, next) {
		HASH_DEL(s->regions, r);
		free(r);
		t->nr_regions--;
	}
	DL_DELETE(t->spaces, s);
	pieces_done(&s->pieces);
	life_put(t, s->owner);
	free(s);
}

/* The tracks of p's life, made if need be, with those of the space that p has now. */
static struct tracks_life *life_at(struct tracks *t, const struct proc *p, uint64_t ts_ns)
{
	struct life *l = p->life;
	struct tracks_life *tl = l->slots[t->slot];
	struct tracks_space *s = space_of(t, l->space);

	if (!tl) {
		tl = l->slots[t->slot] = mem_alloc(sizeof(*tl));
		tl->life = l;
		tl->nr_refs = 1;
		DL_APPEND(t->lives, tl);
	}
	if (!s)
		s = l->space->slots[t->slot] = space_new(t, tl, l->space, ts_ns);
	if (p->exe)
		s->exe = p->exe;
	return tl;
}

/* ---- the sink ---- */

static int tracks_begin(void *priv, const struct event *ev, const struct proc *proc,
			const struct proc *child)
{
	struct tracks *t = priv;
	struct tracks_life *tl = NULL;

	tracks_write_begin(t);
	/* A life that is watched for its space's sake alone has no track, unless for a loss. */
	if (proc && (proc->life->is_shown || (ev->type == EVENT_LOSS && !ev->sibling)))
		tl = life_at(t, proc, ev->ts_ns);
	t->space = proc ? space_of(t, proc->mm->space) : NULL;
	if (t->space)
		space_goes_on(t->space, ev->ts_ns);
	if (child && child->life->is_shown)
		life_at(t, child, ev->ts_ns);
	if (ev->type == EVENT_LOSS && (t->space || !ev->sibling))
		tracks_write_loss(t, !tl && t->space ? t->space->owner : tl, ev);
	return out_commit(t->cfg.out);
}

static int tracks_change(void *priv, const struct change *ch)
{
	struct tracks *t = priv;
	const struct event *ev = ch->ev;
	struct over over = { t, t->space, ev->type == EVENT_CALL };
	struct piece p = { .start = ch->start,
			   .end = ch->end,
			   .attr = ch->after,
			   .by_call = over.by_call,
			   .what = event_name(ev),
			   .tid = ev->tid,
			   .caller = ch->caller };

	if (t->space)
		pieces_put(&t->space->pieces, &p, t->space->last_ns, tracks_write_slice, &over);
	return out_commit(t->cfg.out);
}

static int tracks_finding(void *priv, const struct finding *f)
{
	struct tracks *t = priv;

	if (f->state == FINDING_OVER || f->severity < t->cfg.min_severity)
		return 0;
	tracks_write_finding(t, f->life ? f->life->slots[t->slot] : NULL, f);
	return out_commit(t->cfg.out);
}

/* Pieces are unknown from now on, until a snapshot. */
static void tracks_lost(void *priv, struct space *sp, const struct event *ev)
{
	struct tracks_space *s = space_of(priv, sp);
	struct over over = { priv, s, false };

	if (!s)
		return;
	space_goes_on(s, ev->ts_ns);
	pieces_lose(&s->pieces, s->last_ns, tracks_write_slice, &over);
}

static void tracks_healed(void *priv, struct space *sp, const struct event *ev)
{
	struct tracks_space *s = space_of(priv, sp);

	if (s && space_is_lost(sp))
		space_seed(priv, s, sp->mm->as, ev->lo, ev->hi);
}

static void tracks_left(void *priv, struct life *l, struct space *sp, const struct event *ev)
{
	struct tracks *t = priv;
	struct tracks_space *s = space_of(t, sp);
	struct over over = { t, s, false };

	(void)l;
	(void)ev;
	if (!s || sp->nr_shown)
		return;
	space_goes_on(s, sp->end_ns);
	for (struct piece *p = pieces_find(&s->pieces, 0); p; p = pieces_next(p))
		tracks_write_slice(&over, p, s->last_ns);
	sp->slots[t->slot] = NULL;
	space_free(t, s);
}

static void tracks_over(void *priv, struct life *l)
{
	struct tracks *t = priv;

	if (l->slots[t->slot])
		life_put(t, l->slots[t->slot]);
}

static int tracks_end(void *priv, const struct event *ev, const struct proc *proc,
		      unsigned int nr_changes)
{
	struct tracks *t = priv;
	struct tracks_life *tl = proc ? proc->life->slots[t->slot] : NULL;

	if (!t->space || ev->type == EVENT_LOSS)
		return 0;
	if (tl && proc->exe) /* exec's is known only now */
		t->space->exe = proc->exe;
	if (tl && ev->type == EVENT_EXEC)
		tracks_write_exec(t, tl, ev, proc);
	if (tl && ev->type == EVENT_FAULT)
		tracks_write_fault(t, tl, ev, proc);
	if (tl && ev->type == EVENT_WRITE)
		tracks_write_write(t, tl, ev, proc);
	if (!space_is_lost(proc->mm->space) &&
	    (ev->type == EVENT_EXEC || nr_changes || t->space->has_sizes || t->cfg.all))
		tracks_write_sizes(t, t->space);
	if (tl && ev->type == EVENT_EXIT)
		tracks_write_exit(t, tl, ev);
	return out_commit(t->cfg.out);
}

static int tracks_flush(void *priv)
{
	return out_flush(((struct tracks *)priv)->cfg.out);
}

static int tracks_finish(void *priv, const struct totals *totals)
{
	struct tracks *t = priv;

	tracks_write_begin(t);
	tracks_write_dropped(t, totals->end_ns);
	t->w->end(t->cfg.out);
	return out_commit(t->cfg.out);
}

/* Lives and spaces are left where the run ended before the stream did. */
static void tracks_free(void *priv)
{
	struct tracks *t = priv;

	while (t->spaces)
		space_free(t, t->spaces);
	while (t->lives)
		life_put(t, t->lives);
	free(t);
}

static const struct sink_ops tracks_ops = {
	.name = "tracks",
	.keeps_objects = true,
	.begin_event = tracks_begin,
	.change = tracks_change,
	.finding = tracks_finding,
	.life_left = tracks_left,
	.life_over = tracks_over,
	.space_lost = tracks_lost,
	.space_healed = tracks_healed,
	.end_event = tracks_end,
	.flush = tracks_flush,
	.finish = tracks_finish,
	.free = tracks_free,
};

struct sink tracks_sink_new(const struct tracks_config *cfg)
{
	struct tracks *t = mem_alloc(sizeof(*t));

	t->cfg = *cfg;
	t->w = cfg->chrome ? &chrome_writer : &perfetto_writer;
	return (struct sink){ .ops = &tracks_ops, .priv = t, .slot = &t->slot };
}

static struct sink tracks_of(const struct output_env *env, bool chrome)
{
	const struct show_options *show = env->show;
	const struct tracks_config cfg = {
		.out = env->out,
		.run = env->run,
		.chrome = chrome,
		.all = show->all,
		.min_severity = output_severity(show, SEVERITY_MEDIUM),
	};

	return tracks_sink_new(&cfg);
}

static const struct opt perfetto_rows[] = {
	{ 0, "perfetto", "FILE", "for the trace viewer ui.perfetto.dev, and trace_processor",
	  output_choose_file, 0, 0 },
	{ 0 },
};

static int perfetto_open(const struct output_env *env, void *options, struct sink *ret)
{
	(void)options;
	*ret = tracks_of(env, false);
	return 0;
}

const struct output perfetto_output = {
	.name = "perfetto",
	.kind = OUTPUT_TIMELINE,
	.heading = "As a file",
	.rows = perfetto_rows,
	.options_bytes = sizeof(struct output_choice),
	.shows_all = true,
	.open = perfetto_open,
};

static const struct opt chrome_rows[] = {
	{ 0, "chrome", "FILE", "as JSON in Chrome's Trace Event Format", output_choose_file, 0, 0 },
	{ 0 },
};

static int chrome_open(const struct output_env *env, void *options, struct sink *ret)
{
	(void)options;
	*ret = tracks_of(env, true);
	return 0;
}

const struct output chrome_output = {
	.name = "chrome",
	.kind = OUTPUT_TIMELINE,
	.heading = "As a file",
	.rows = chrome_rows,
	.options_bytes = sizeof(struct output_choice),
	.shows_all = true,
	.open = chrome_open,
};
