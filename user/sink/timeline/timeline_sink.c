/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The timeline, printed when the run ends: per process, what happened to each
 * range of its addresses. This file collects: which process had which address
 * space when, and the history of each. Memory is bounded; ended processes with the
 * least to see are dropped first, and counted. How it looks: timeline_page.c.
 */
#include "sink/timeline/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "sink/output.h"
#include "sink/timeline/timeline_notes.h"
#include "util/mem.h"
#include "util/term.h"

#define MAX_STORIES 1024
#define MAX_IMAGES  64 /* of one process, which can call exec for ever */
/* Of all address spaces together: some 16 MiB and 64 MiB. */
#define MAX_LANES (1L << 17)
#define MAX_SPANS (1L << 21)

struct interest story_interest(const struct story *s)
{
	struct interest ret = s->gone;

	for (const struct image *im = s->images; im; im = im->next) {
		const struct history *h = im->history;
		int level = h->was_wx ? 3 : h->was_flipped ? 2 : h->nr_changes ? 1 : 0;

		if (level > ret.level)
			ret.level = level;
		ret.nr_changes += h->nr_changes;
	}
	if (s->nr_findings && s->worst >= SEVERITY_MEDIUM)
		ret.level = 4;
	return ret;
}

int interest_compare(struct interest a, struct interest b)
{
	if (a.level != b.level)
		return a.level < b.level ? -1 : 1;
	return a.nr_changes < b.nr_changes ? -1 : a.nr_changes > b.nr_changes;
}

/* ---- images ---- */

static struct image *image_find(const struct timeline *t, uint64_t mm_id)
{
	struct image *im;

	HASH_FIND(hh, t->by_mm, &mm_id, sizeof(mm_id), im);
	return im;
}

static void image_free(struct image *im)
{
	history_free(im->history);
	free(im);
}

/* The oldest that nobody lives in. */
static void image_drop(struct story *s)
{
	struct image **at = &s->images, *im;

	while (*at && (*at)->nr_users)
		at = &(*at)->next;
	im = *at;
	if (!im)
		return;
	*at = im->next;
	im->next = NULL;
	s->gone = story_interest(&(struct story){ .images = im, .gone = s->gone });
	s->nr_gone++;
	s->nr_images--;
	image_free(im);
}

static struct image *image_new(struct timeline *t, struct story *s, const struct mm *mm,
			       uint64_t ts_ns)
{
	struct image *im = mem_alloc(sizeof(*im)), **tail = &s->images;

	if (s->nr_images >= MAX_IMAGES)
		image_drop(s);
	s->nr_images++;
	im->mm_id = mm->id;
	im->owner_pid = s->pid;
	im->start_ns = im->end_ns = ts_ns;
	im->history = history_new(&t->budget, ts_ns, mm->as);
	while (*tail)
		tail = &(*tail)->next;
	*tail = im;
	HASH_ADD(hh, t->by_mm, mm_id, sizeof(im->mm_id), im);
	return im;
}

static void image_end(struct timeline *t, struct image *im, uint64_t ts_ns)
{
	im->end_ns = ts_ns;
	HASH_DEL(t->by_mm, im);
}

/* ---- stories ---- */

static void story_leave_image(struct timeline *t, struct story *s, uint64_t ts_ns)
{
	if (s->current && --s->current->nr_users == 0)
		image_end(t, s->current, ts_ns);
	s->current = NULL;
}

/* The process has this address space now, whatever it had before. */
static void story_set_mm(struct timeline *t, struct story *s, const struct mm *mm, uint64_t ts_ns)
{
	struct image *im;

	if (!mm || (s->current && s->current->mm_id == mm->id))
		return;
	story_leave_image(t, s, ts_ns);
	im = image_find(t, mm->id);
	if (im && !s->images)
		s->shares_with = im->owner_pid;
	if (!im)
		im = image_new(t, s, mm, ts_ns);
	im->nr_users++;
	s->current = im;
}

static void story_end(struct timeline *t, struct story *s, uint64_t ts_ns)
{
	story_leave_image(t, s, ts_ns);
	s->end_ns = ts_ns > s->start_ns ? ts_ns : s->start_ns; /* a recording may say anything */
	HASH_DEL(t->by_pid, s);
}

static void story_free(struct timeline *t, struct story *s)
{
	struct image *im, *next;

	for (im = s->images; im; im = next) {
		next = im->next;
		image_free(im);
	}
	notes_free(t, s);
	free(s);
}

/* Its address spaces may live on in others (a vfork's child outlives its parent). */
static bool story_is_droppable(const struct timeline *t, const struct story *s)
{
	const struct story *living;

	HASH_FIND(hh, t->by_pid, &s->pid, sizeof(s->pid), living);
	if (living == s)
		return false;
	for (const struct image *im = s->images; im; im = im->next)
		if (im->nr_users)
			return false;
	return true;
}

static void drop_dullest(struct timeline *t)
{
	struct story **dullest = NULL, *s;
	struct interest least = { 0, 0 };

	for (struct story **at = &t->stories; *at; at = &(*at)->next) {
		struct interest i = story_interest(*at);

		if (!story_is_droppable(t, *at) || (dullest && interest_compare(i, least) >= 0))
			continue;
		dullest = at;
		least = i;
	}
	if (!dullest)
		return;
	s = *dullest;
	*dullest = s->next;
	t->nr_stories--;
	t->nr_dropped++;
	t->nr_dropped_changes += least.nr_changes;
	story_free(t, s);
}

static struct story *story_find(const struct timeline *t, uint32_t pid)
{
	struct story *s;

	HASH_FIND(hh, t->by_pid, &pid, sizeof(pid), s);
	return s;
}

/* The story of p, begun if need be; NULL if too many are being told. */
static struct story *story_get(struct timeline *t, const struct proc *p, uint64_t ts_ns)
{
	struct story *s = story_find(t, p->pid);

	if (s && s->id_ns && p->start_ns && !same_start(s->id_ns, p->start_ns)) {
		story_end(t, s, ts_ns); /* its exit was lost */
		s = NULL;
	}
	if (s)
		return s;
	if (t->nr_stories >= MAX_STORIES || t->budget.lanes < MAX_LANES / 8)
		drop_dullest(t);
	if (t->nr_stories >= MAX_STORIES) {
		t->nr_dropped++;
		return NULL;
	}
	s = mem_alloc(sizeof(*s));
	s->pid = p->pid;
	s->id_ns = p->start_ns;
	s->start_ns = ts_ns;
	s->exe = p->exe;
	memcpy(s->comm, p->comm, sizeof(s->comm));
	s->next = t->stories;
	t->stories = s;
	t->nr_stories++;
	HASH_ADD(hh, t->by_pid, pid, sizeof(s->pid), s);
	return s;
}

static void story_note_identity(struct story *s, const struct proc *p)
{
	if (p->start_ns)
		s->id_ns = p->start_ns;
	memcpy(s->comm, p->comm, sizeof(s->comm));
	if (!p->exe)
		return;
	s->exe = p->exe;
	for (struct image *im = s->images; im; im = im->next)
		if (im == s->current)
			im->exe = p->exe;
}

static void fork_child(struct timeline *t, const struct proc *child, uint64_t ts_ns)
{
	struct story *s = story_get(t, child, ts_ns);

	if (!s)
		return;
	story_set_mm(t, s, child->mm, ts_ns);
	story_note_identity(s, child);
}

static void note_loss(struct timeline *t, const struct event *ev, const struct proc *proc)
{
	struct image *im, *tmp;

	if (proc && proc->mm) {
		im = image_find(t, proc->mm->id);
		if (im)
			history_lose(im->history, ev->ts_ns);
	} else if (!ev->pid) {
		HASH_ITER(hh, t->by_mm, im, tmp)
			history_lose(im->history, ev->ts_ns);
	}
}

static int timeline_begin(void *priv, const struct event *ev, const struct proc *proc,
			  const struct proc *child)
{
	struct timeline *t = priv;
	struct story *s;

	if (ev->type == EVENT_LOSS)
		note_loss(t, ev, proc);
	if (!proc || ev->type == EVENT_LOSS)
		return 0;
	/* What is watched for its address space's sake alone has no story. */
	s = ev->sibling ? story_find(t, proc->pid) : story_get(t, proc, ev->ts_ns);
	if (s) {
		story_set_mm(t, s, proc->mm, ev->ts_ns);
		s->nr_failed += event_is_failed(ev) && !ev->sibling;
	}
	if (ev->type == EVENT_FORK && child && !ev->sibling)
		fork_child(t, child, ev->ts_ns);
	return 0;
}

static int timeline_change(void *priv, const struct change *ch)
{
	struct timeline *t = priv;
	struct image *im = image_find(t, ch->proc->mm->id);

	if (im)
		history_change(im->history, ch);
	return 0;
}

static int timeline_finding(void *priv, const struct finding *f)
{
	struct timeline *t = priv;
	struct story *s = story_find(t, f->pid);

	note_take(t, s, f);
	if (!s || f->state == FINDING_OVER)
		return 0;
	s->nr_findings += f->state == FINDING_NEW;
	if (f->severity > s->worst)
		s->worst = f->severity;
	return 0;
}

static int timeline_end(void *priv, const struct event *ev, const struct proc *proc,
			unsigned int nr_changes)
{
	struct timeline *t = priv;
	struct story *s;

	(void)nr_changes;
	if (!proc || ev->type == EVENT_CALL || ev->type == EVENT_LOSS)
		return 0;
	s = story_find(t, proc->pid);
	if (!s)
		return 0;
	if (ev->type == EVENT_RANGE && ev->has_range && s->current &&
	    ev->ts_ns >= proc->mm->lost_until_ns)
		history_heal(s->current->history, ev->ts_ns, proc->mm->as, ev->lo, ev->hi);
	if (ev->type == EVENT_EXEC && s->current)
		s->current->by_exec = true;
	story_note_identity(s, proc);
	if (ev->type == EVENT_EXIT) {
		s->is_over = true;
		s->exit_code = ev->exit_code;
		story_end(t, s, ev->ts_ns);
	}
	return 0;
}

static int timeline_finish(void *priv, const struct totals *totals)
{
	struct timeline *t = priv;
	struct story *s, *tmp;

	HASH_ITER(hh, t->by_pid, s, tmp)
		story_end(t, s, totals->end_ns);
	if (t->cfg.svg)
		timeline_svg(t, totals);
	else
		timeline_page(t, totals);
	return out_commit(t->cfg.out);
}

static void timeline_free(void *priv)
{
	struct timeline *t = priv;
	struct story *s, *next;

	HASH_CLEAR(hh, t->by_pid);
	HASH_CLEAR(hh, t->by_mm);
	for (s = t->stories; s; s = next) {
		next = s->next;
		story_free(t, s);
	}
	free(t);
}

static const struct sink_ops timeline_ops = {
	.name = "timeline",
	.begin_event = timeline_begin,
	.change = timeline_change,
	.finding = timeline_finding,
	.end_event = timeline_end,
	.finish = timeline_finish,
	.free = timeline_free,
};

struct sink timeline_sink_new(const struct timeline_config *cfg)
{
	struct timeline *t = mem_alloc(sizeof(*t));

	t->cfg = *cfg;
	t->budget = (struct history_budget){ .lanes = MAX_LANES, .spans = MAX_SPANS };
	return (struct sink){ .ops = &timeline_ops, .priv = t };
}

static struct sink timeline_of(const struct output_env *env, bool svg)
{
	const struct show_options *show = env->show;
	const struct timeline_config cfg = {
		.out = env->out,
		.run = env->run,
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
