/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The collector of what trace viewers are shown; see tracks.h. It writes as it goes, and
 * keeps what is: the regions of living address spaces, and the tracks of those.
 */
#include <stdlib.h>
#include <string.h>

#include "sink/output.h"
#include "sink/tracks/tracks_private.h"
#include "util/mem.h"
#include "wire.h"

/* ---- processes and address spaces ---- */

static struct who *who_find(const struct tracks *t, uint32_t pid)
{
	struct who *w;

	HASH_FIND(hh, t->whos, &pid, sizeof(pid), w);
	return w;
}

static void who_put(struct who *w)
{
	if (--w->nr_refs == 0)
		free(w);
}

static struct space *space_find(const struct tracks *t, uint64_t mm_id)
{
	struct space *s;

	HASH_FIND(hh, t->spaces, &mm_id, sizeof(mm_id), s);
	return s;
}

/* Take [lo, hi) over from the mirror. */
static void space_seed(struct tracks *t, struct space *s, const struct aspace *as, uint64_t lo,
		       uint64_t hi)
{
	struct over over = { t, s, false };
	struct piece p = { .start = lo, .end = hi, .what = "seen" };
	const struct vma *v;

	pieces_put(&s->pieces, &p, s->last_ns, tell_over, &over);
	for (v = aspace_find(as, lo); v && v->start < hi; v = aspace_next(as, v)) {
		p.start = v->start > lo ? v->start : lo;
		p.end = v->end < hi ? v->end : hi;
		p.attr = attr_advance(v->attr, p.start - v->start);
		pieces_put(&s->pieces, &p, s->last_ns, tell_over, &over);
	}
}

static void space_goes_on(struct space *s, uint64_t ts_ns)
{
	if (ts_ns > s->last_ns)
		s->last_ns = ts_ns;
}

static struct space *space_new(struct tracks *t, struct who *w, const struct mm *mm, uint64_t ts_ns)
{
	struct space *s = mem_alloc(sizeof(*s));

	s->mm_id = mm->id;
	s->owner = w;
	w->nr_refs++;
	pieces_init(&s->pieces);
	s->last_ns = ts_ns;
	space_seed(t, s, mm->as, 0, MPW_TASK_MAX);
	HASH_ADD(hh, t->spaces, mm_id, sizeof(s->mm_id), s);
	return s;
}

static void space_end(struct tracks *t, struct space *s, uint64_t ts_ns)
{
	struct over over = { t, s, false };
	struct region *r, *next;
	struct piece *p;

	space_goes_on(s, ts_ns);
	for (p = pieces_find(&s->pieces, 0); p; p = pieces_next(p))
		tell_over(&over, p, s->last_ns);
	HASH_ITER(hh, s->regions, r, next) {
		HASH_DEL(s->regions, r);
		free(r);
		t->nr_regions--;
	}
	HASH_DEL(t->spaces, s);
	pieces_done(&s->pieces);
	who_put(s->owner);
	free(s);
}

static void who_leave(struct tracks *t, struct who *w, uint64_t ts_ns)
{
	if (w->space && --w->space->nr_users == 0)
		space_end(t, w->space, ts_ns);
	w->space = NULL;
}

static void who_end(struct tracks *t, struct who *w, uint64_t ts_ns)
{
	who_leave(t, w, ts_ns);
	HASH_DEL(t->whos, w);
	who_put(w);
}

/* The process, with the address space that it has now. */
static struct who *who_get(struct tracks *t, const struct proc *p, uint64_t ts_ns)
{
	struct who *w = who_find(t, p->pid);

	if (w && w->start_ns && p->start_ns && !same_start(w->start_ns, p->start_ns)) {
		who_end(t, w, ts_ns); /* its exit was lost */
		w = NULL;
	}
	if (!w) {
		w = mem_alloc(sizeof(*w));
		w->pid = p->pid;
		w->nr_refs = 1;
		HASH_ADD(hh, t->whos, pid, sizeof(w->pid), w);
	}
	if (p->start_ns)
		w->start_ns = p->start_ns;
	memcpy(w->comm, p->comm, sizeof(w->comm));
	if (!w->space || w->space->mm_id != p->mm->id) {
		who_leave(t, w, ts_ns);
		w->space = space_find(t, p->mm->id);
		if (!w->space)
			w->space = space_new(t, w, p->mm, ts_ns);
		w->space->nr_users++;
	}
	if (p->exe)
		w->space->exe = p->exe;
	return w;
}

/* What is there is not known from now on, until a snapshot comes. */
static void space_lose(struct tracks *t, struct space *s, uint64_t ts_ns)
{
	struct over over = { t, s, false };

	s->is_lost = true;
	space_goes_on(s, ts_ns);
	pieces_lose(&s->pieces, s->last_ns, tell_over, &over);
}

/* ---- the sink ---- */

static int tracks_begin(void *priv, const struct event *ev, const struct proc *proc,
			const struct proc *child)
{
	struct tracks *t = priv;
	struct space *s, *next;
	struct who *w = NULL;

	tell_begin(t);
	/* What is watched for its address space's sake alone has no track. */
	if (proc && (!ev->sibling || who_find(t, proc->pid)))
		w = who_get(t, proc, ev->ts_ns);
	t->space = w ? w->space : proc ? space_find(t, proc->mm->id) : NULL;
	if (t->space)
		space_goes_on(t->space, ev->ts_ns);
	if (ev->type == EVENT_FORK && child && w && !ev->sibling)
		who_get(t, child, ev->ts_ns);
	if (ev->type != EVENT_LOSS)
		return out_commit(t->cfg.out);
	tell_loss(t, w, ev);
	HASH_ITER(hh, t->spaces, s, next)
		if (!ev->pid || s == t->space)
			space_lose(t, s, ev->ts_ns);
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
		pieces_put(&t->space->pieces, &p, t->space->last_ns, tell_over, &over);
	return out_commit(t->cfg.out);
}

static int tracks_finding(void *priv, const struct finding *f)
{
	struct tracks *t = priv;

	if (f->state == FINDING_OVER || f->severity < t->cfg.min_severity)
		return 0;
	tell_finding(t, who_find(t, f->pid), f);
	return out_commit(t->cfg.out);
}

/* A snapshot said how [lo, hi) is. */
static void heal(struct tracks *t, const struct event *ev, const struct proc *proc)
{
	if (!t->space->is_lost || !ev->has_range || ev->ts_ns < proc->mm->lost_until_ns)
		return;
	space_seed(t, t->space, proc->mm->as, ev->lo, ev->hi);
	t->space->is_lost = ev->hi < MPW_TASK_MAX;
}

static int tracks_end(void *priv, const struct event *ev, const struct proc *proc,
		      unsigned int nr_changes)
{
	struct tracks *t = priv;
	struct who *w = proc ? who_find(t, proc->pid) : NULL;

	if (!w || ev->type == EVENT_LOSS)
		return 0;
	w = who_get(t, proc, ev->ts_ns); /* its exe may be known by now */
	if (ev->type == EVENT_RANGE)
		heal(t, ev, proc);
	if (ev->type == EVENT_EXEC)
		tell_exec(t, w, ev, proc);
	if (ev->type == EVENT_FAULT)
		tell_fault(t, w, ev, proc);
	if (!t->space->is_lost &&
	    (ev->type == EVENT_EXEC || nr_changes || t->space->has_sizes || t->cfg.all))
		tell_sizes(t, t->space);
	if (ev->type == EVENT_EXIT) {
		tell_exit(t, w, ev);
		who_end(t, w, ev->ts_ns);
	}
	return out_commit(t->cfg.out);
}

static int tracks_flush(void *priv)
{
	return out_flush(((struct tracks *)priv)->cfg.out);
}

static int tracks_finish(void *priv, const struct totals *totals)
{
	struct tracks *t = priv;
	struct who *w, *next;

	tell_begin(t);
	HASH_ITER(hh, t->whos, w, next)
		who_end(t, w, totals->end_ns);
	tell_dropped(t, totals->end_ns);
	t->w->end(t->cfg.out);
	return out_commit(t->cfg.out);
}

static void tracks_free(void *priv)
{
	struct tracks *t = priv;
	struct space *s, *next_space;
	struct who *w, *next;
	struct region *r, *next_region;

	HASH_ITER(hh, t->spaces, s, next_space) {
		HASH_ITER(hh, s->regions, r, next_region) {
			HASH_DEL(s->regions, r);
			free(r);
		}
		HASH_DEL(t->spaces, s);
		pieces_done(&s->pieces);
		who_put(s->owner);
		free(s);
	}
	HASH_ITER(hh, t->whos, w, next) {
		HASH_DEL(t->whos, w);
		who_put(w);
	}
	free(t);
}

static const struct sink_ops tracks_ops = {
	.name = "tracks",
	.begin_event = tracks_begin,
	.change = tracks_change,
	.finding = tracks_finding,
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
	return (struct sink){ .ops = &tracks_ops, .priv = t };
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
	.open = chrome_open,
};
