/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report, printed when the run ends: sums of changes by whom, what and from where, and what
 * each address space holds. This file collects; report_rows.c ranks, and the pages are
 * report_page.c, report_json.c and sharing_page.c. Counted are changes by calls of processes that
 * are shown; held is what a mapping says, whoever made it.
 */
#include "sink/report/report.h"

#include <stdlib.h>
#include <string.h>

#include "core/words.h"
#include "sink/output.h"
#include "util/mem.h"
#include "wire.h"

/* Of those that are over; more than that may live. */
#define MAX_ACTORS (1u << 17)
#define MAX_SPACES (1u << 15)

/* ---- what is kept ---- */

static int compare_weight(const void *va, const void *vb)
{
	const struct kept *a = *(struct kept *const *)va, *b = *(struct kept *const *)vb;

	return a->weight < b->weight ? -1 : a->weight > b->weight;
}

static void keep(struct kept_list *list, struct kept *k)
{
	k->next = list->first;
	list->first = k;
	list->nr++;
}

/* If there are too many, drop the lighter half of those that are over. */
static void make_room(struct report *r, struct kept_list *list, size_t most,
		      void (*drop)(struct report *r, struct kept *k))
{
	struct kept **over, *k, *next;
	size_t n = 0, i;

	list->most = list->most ? list->most : most;
	if (list->nr < list->most)
		return;
	over = mem_array(list->nr, sizeof(*over));
	for (k = list->first; k; k = k->next)
		if (k->is_over)
			over[n++] = k;
	qsort(over, n, sizeof(*over), compare_weight);
	for (i = 0; i < (n + 1) / 2; i++)
		over[i]->weight = UINT64_MAX;
	k = list->first;
	list->first = NULL;
	list->nr = 0;
	for (; k; k = next) {
		next = k->next;
		if (k->is_over && k->weight == UINT64_MAX)
			drop(r, k);
		else
			keep(list, k);
	}
	list->most = list->nr > most / 2 ? 2 * list->nr : most; /* not again at once */
	free(over);
}

static void drop_actor(struct report *r, struct kept *k)
{
	struct actor *a = (struct actor *)k;

	tally_add(&r->tables[REPORT_PROCESS].others, &a->sum);
	r->nr_actors_gone += a->is_wanted;
	free(a);
}

static void drop_space(struct report *r, struct kept *k)
{
	r->nr_spaces_gone += ((struct space *)k)->is_wanted;
	free(k);
}

/* ---- address spaces ---- */

bool space_is_uncertain(const struct space *s)
{
	return s->is_lossy || s->is_doubted || s->holding.is_adrift || !s->holding.is_begun;
}

uint64_t space_growth(const struct space *s, enum hold hold)
{
	return s->holding.most[hold] - s->holding.first[hold];
}

static void space_end(struct report *r, struct space *s, const struct event *ev, uint64_t ts_ns)
{
	HASH_DEL(r->by_mm, s);
	if (ev && r->cfg.shared)
		sharing_end(&s->sharing, ev);
	s->is_over = s->kept.is_over = ev;
	s->end_ns = ts_ns > s->start_ns ? ts_ns : s->start_ns;
	holding_end(&s->holding, s->end_ns);
	/* Bytes writable and executable count before all others. */
	s->kept.weight = (space_growth(s, HOLD_HEAP) + space_growth(s, HOLD_ANON)) / 2;
	if (s->holding.most[HOLD_X_ANON])
		s->kept.weight |= 1ULL << 61;
	if (s->holding.most[HOLD_WX])
		s->kept.weight |= 1ULL << 62;
}

static struct space *space_new(struct report *r, const struct actor *a, const struct event *ev,
			       const struct mm *mm)
{
	struct space *s;

	make_room(r, &r->spaces, MAX_SPACES, drop_space);
	s = mem_alloc(sizeof(*s));
	keep(&r->spaces, &s->kept);
	s->mm_id = mm->id;
	s->pid = s->sharing.pid = a->pid;
	s->start_ns = ev->ts_ns;
	s->exe = a->exe;
	memcpy(s->comm, a->comm, sizeof(s->comm));
	s->sharing.comm = s->comm;
	HASH_ADD(hh, r->by_mm, mm_id, sizeof(s->mm_id), s);
	holding_start(&s->holding, ev->ts_ns);
	if (aspace_is_known(mm->as) || aspace_nr_vmas(mm->as)) {
		holding_set(&s->holding, mm->as);
		holding_mark(&s->holding, ev->ts_ns);
	}
	if (r->cfg.shared)
		sharing_start(&r->sharing, &s->sharing, ev, mm->as);
	return s;
}

/* ---- processes ---- */

static void actor_leave(struct report *r, struct actor *a, const struct event *ev)
{
	if (a->space && --a->space->nr_users == 0)
		space_end(r, a->space, ev, ev->ts_ns);
	a->space = NULL;
}

/* The process has this address space now, whatever it had before. */
static void actor_set_mm(struct report *r, struct actor *a, const struct event *ev,
			 const struct mm *mm)
{
	struct space *s;

	if (a->space && a->space->mm_id == mm->id)
		return;
	actor_leave(r, a, ev);
	HASH_FIND(hh, r->by_mm, &mm->id, sizeof(mm->id), s);
	if (!s)
		s = space_new(r, a, ev, mm);
	s->nr_users++;
	a->space = s;
}

static void actor_end(struct report *r, struct actor *a, const struct event *ev)
{
	actor_leave(r, a, ev);
	a->kept.is_over = true;
	a->kept.weight = a->sum.changes + a->sum.failed;
	HASH_DEL(r->by_pid, a);
	if (r->actor == a)
		r->actor = NULL;
}

static void actor_is(struct actor *a, const struct proc *p)
{
	if (p->start_ns)
		a->id_ns = p->start_ns;
	if (p->exe)
		a->exe = p->exe;
	memcpy(a->comm, p->comm, sizeof(a->comm));
	if (!a->space || a->space->pid != a->pid)
		return;
	a->space->exe = a->exe;
	memcpy(a->space->comm, a->comm, sizeof(a->comm));
}

static struct actor *actor_of(struct report *r, const struct event *ev, const struct proc *p)
{
	struct actor *a = r->actor;

	if (!a || a->pid != p->pid)
		HASH_FIND(hh, r->by_pid, &p->pid, sizeof(p->pid), a);
	if (a && a->id_ns && p->start_ns && !same_start(a->id_ns, p->start_ns)) {
		actor_end(r, a, ev); /* its exit was lost */
		a = NULL;
	}
	if (!a) {
		make_room(r, &r->actors, MAX_ACTORS, drop_actor);
		a = mem_alloc(sizeof(*a));
		a->pid = p->pid;
		keep(&r->actors, &a->kept);
		actor_is(a, p);
		HASH_ADD(hh, r->by_pid, pid, sizeof(a->pid), a);
	}
	actor_set_mm(r, a, ev, p->mm);
	if (ev->type != EVENT_CALL)
		actor_is(a, p);
	if (!ev->sibling)
		a->is_wanted = a->space->is_wanted = true;
	return a;
}

/* ---- sums ---- */

static void count(struct report *r, enum report_by by, uint64_t k0, uint64_t k1, uint64_t k2,
		  const struct tally *more)
{
	const uint64_t key[TALLY_WORDS] = { k0, k1, k2 };

	tally_add(tally_at(&r->tables[by], key), more);
}

static void count_caller(struct report *r, const struct caller *c, const struct tally *more)
{
	count(r, REPORT_CALLER, (uintptr_t)c->obj, c->obj ? c->off : 0, c->obj ? 0 : c->addr, more);
}

static void count_actor(struct report *r, const struct proc *proc, const struct tally *more)
{
	tally_add(&r->sum, more);
	tally_add(&r->actor->sum, more);
	count(r, REPORT_EXE, (uintptr_t)proc->exe, 0, 0, more);
}

static void count_change(struct report *r, const struct change *ch)
{
	const uint16_t state = VMA_PROT | VMA_MAPPED | VMA_UNKNOWN;
	struct tally t = { 0 };

	tally_change(&t, ch);
	count_actor(r, ch->proc, &t);
	count_caller(r, &ch->caller, &t);
	count(r, REPORT_MAPPING, (uintptr_t)change_object(ch), 0, 0, &t);
	count(r, REPORT_TRANSITION, ch->before.flags & state, ch->after.flags & state, 0, &t);
}

static void count_failure(struct report *r, const struct event *ev, const struct proc *proc)
{
	const struct caller caller = caller_of(proc->mm->as, ev);
	const struct tally one = { .failed = 1 };

	count_actor(r, proc, &one);
	count_caller(r, &caller, &one);
}

/* ---- the sink ---- */

static void note_loss(struct report *r, const struct event *ev, const struct proc *proc)
{
	struct space *s, *tmp;

	if (!r->nr_losses++)
		r->first_loss_ns = ev->ts_ns;
	r->last_loss_ns = ev->ts_ns;
	HASH_ITER(hh, r->by_mm, s, tmp)
		if (!ev->pid || (proc && s->mm_id == proc->mm->id))
			s->is_lossy = true;
}

static int report_begin(void *priv, const struct event *ev, const struct proc *proc,
			const struct proc *child)
{
	struct report *r = priv;

	if (ev->type == EVENT_LOSS && !ev->sibling)
		note_loss(r, ev, proc);
	r->actor = proc && ev->type != EVENT_LOSS ? actor_of(r, ev, proc) : NULL;
	if (!r->actor || ev->type != EVENT_FORK || !child)
		return 0;
	actor_of(r, ev, child);
	return 0;
}

static void note_wx(struct space *s, const struct change *ch)
{
	if (s->wx_ns || (ch->after.flags & (VMA_W | VMA_X)) != (VMA_W | VMA_X))
		return;
	s->wx_ns = ch->ev->ts_ns;
	s->wx_obj = ch->after.obj;
	if (ch->ev->type == EVENT_CALL)
		s->wx_caller = ch->caller;
}

static int report_change(void *priv, const struct change *ch)
{
	struct report *r = priv;
	struct space *s = r->actor ? r->actor->space : NULL;

	if (!s)
		return 0;
	holding_change(&s->holding, ch);
	note_wx(s, ch);
	if (r->cfg.shared)
		sharing_change(&r->sharing, &s->sharing, ch);
	if (ch->ev->type == EVENT_CALL && !ch->ev->sibling)
		count_change(r, ch);
	return 0;
}

static int report_finding(void *priv, const struct finding *f)
{
	struct report *r = priv;

	/* which each is told in the end, when its severity is known */
	r->nr_findings[f->severity] += f->state == FINDING_OVER;
	return 0;
}

static int report_end(void *priv, const struct event *ev, const struct proc *proc,
		      unsigned int nr_changes)
{
	struct report *r = priv;
	struct actor *a = r->actor;
	bool is_whole = ev->type != EVENT_CALL && ev->has_range && ev->hi >= MPW_TASK_MAX;

	if (!a)
		return 0;
	is_whole = is_whole || (ev->type == EVENT_EXIT && a->space->holding.is_adrift);
	if (is_whole)
		holding_set(&a->space->holding, proc->mm->as);
	if (nr_changes || is_whole)
		holding_mark(&a->space->holding, ev->ts_ns);
	a->space->is_doubted = proc->mm->unsure;
	if (ev->type != EVENT_CALL)
		actor_is(a, proc);
	if (event_is_failed(ev) && !ev->sibling)
		count_failure(r, ev, proc);
	if (ev->type == EVENT_EXIT)
		actor_end(r, a, ev);
	return 0;
}

static int report_finish(void *priv, const struct totals *totals)
{
	struct report *r = priv;
	struct space *s, *tmp;

	HASH_ITER(hh, r->by_mm, s, tmp)
		space_end(r, s, NULL, totals->end_ns);
	if (r->cfg.shared && r->cfg.json)
		sharing_json(r);
	else if (r->cfg.shared)
		sharing_page(r, totals);
	else if (r->cfg.json)
		report_json(r, totals);
	else
		report_page(r, totals);
	return out_commit(r->cfg.out);
}

static void free_list(struct kept *k)
{
	struct kept *next;

	for (; k; k = next) {
		next = k->next;
		free(k);
	}
}

static void report_free(void *priv)
{
	struct report *r = priv;
	int i;

	HASH_CLEAR(hh, r->by_pid);
	HASH_CLEAR(hh, r->by_mm);
	free_list(r->spaces.first);
	free_list(r->actors.first);
	for (i = 0; i < NR_REPORT_TABLES; i++)
		tally_table_done(&r->tables[i]);
	sharing_done(&r->sharing);
	free(r);
}

static const struct sink_ops report_ops = {
	.name = "report",
	.begin_event = report_begin,
	.change = report_change,
	.finding = report_finding,
	.end_event = report_end,
	.finish = report_finish,
	.free = report_free,
};

struct sink report_sink_new(const struct report_config *cfg)
{
	struct report *r = mem_alloc(sizeof(*r));

	r->cfg = *cfg;
	return (struct sink){ .ops = &report_ops, .priv = r };
}

struct report_options {
	struct output_choice choice;
	bool json, shared;
	int by, sort; /* enum report_by, enum report_sort */
	uint64_t top;
};

#define AT(field) offsetof(struct report_options, field)

static const struct opt report_output_rows[] = {
	{ 'j', "json", NULL, "write one JSON object per row", opt_set_true, AT(json), 0 },
	{ 0, "by", "process|exe|mapping|caller|transition|rights|growth",
	  "one table, with all its rows, in place of the most of each", opt_set_word, AT(by),
	  REPORT_PROCESS },
	{ 0, "sort", "changes|failed|bytes|churn", "what comes first (most changes)", opt_set_word,
	  AT(sort), REPORT_BY_CHANGES },
	{ 0, "top", "N", "so many rows of each table", opt_set_u64, AT(top), 0 },
	{ 0, "shared", NULL, "shared objects: who maps them, with which protections, since when",
	  opt_set_true, AT(shared), 0 },
	{ 0 },
};

static int report_open(const struct output_env *env, void *options, struct sink *ret)
{
	const struct report_options *o = options;
	const struct report_config cfg = { .out = env->out,
					   .run = env->run,
					   .by = o->by,
					   .sort = o->sort,
					   .top = o->top,
					   .shared = o->shared,
					   .json = o->json,
					   .utc = env->show->utc,
					   .width = output_width(env->out) };

	*ret = report_sink_new(&cfg);
	return 0;
}

static const char *report_check(const void *options)
{
	const struct report_options *o = options;

	return o->shared && o->by ? "--shared has no tables: leave out --by" : NULL;
}

const struct output report_output = {
	.name = "report",
	.kind = OUTPUT_REPORT,
	.heading = "What to report",
	.rows = report_output_rows,
	.options_bytes = sizeof(struct report_options),
	.check = report_check,
	.open = report_open,
};
