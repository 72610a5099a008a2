/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report's collector: sums of changes by program, mapping, caller and transition, and the
 * memory that each address space holds. report_rows.c ranks them, and the pages print them when the
 * run ends. Sums count changes by calls of processes that are shown; a space holds every mapping,
 * whoever made it.
 */
#include "sink/report/report.h"

#include <stdlib.h>
#include <string.h>

#include "core/effect.h"
#include "core/pipeline.h"
#include "core/words.h"
#include "sink/report/report_sink.h"
#include "sink/output.h"
#include "util/mem.h"
#include "wire.h"

/* Past these, some that are over are dropped; there may be more that live. */
#define MAX_LIVES  (1u << 17)
#define MAX_SPACES (1u << 15)

/* ---- kept entries ---- */

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

/* The lighter half of the entries that are over is dropped, if there are too many. */
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

static void drop_life(struct report *r, struct kept *k)
{
	struct report_life *rl = (struct report_life *)k;

	tally_add(&r->tables[REPORT_PROCESS].others, &rl->sum);
	r->nr_lives_dropped += rl->life->is_shown;
	life_release(rl->life, r->slot);
	free(rl);
}

static void drop_space(struct report *r, struct kept *k)
{
	r->nr_spaces_dropped += ((struct report_space *)k)->is_wanted;
	free(k);
}

/* ---- address spaces ---- */

static struct report_space *space_of(const struct report *r, const struct space *sp)
{
	return sp->slots[r->slot];
}

static struct report_space *space_new(struct report *r, const struct event *ev,
				      const struct life *l)
{
	const struct mm *mm = l->space->mm;
	struct report_space *s;

	make_room(r, &r->spaces, MAX_SPACES, drop_space);
	s = mem_alloc(sizeof(*s));
	keep(&r->spaces, &s->kept);
	s->nr = l->space->nr;
	s->owner_nr = l->nr;
	s->pid = s->sharing.pid = l->pid;
	s->start_ns = ev->ts_ns;
	s->exe = l->exe;
	memcpy(s->comm, l->comm, sizeof(s->comm));
	s->sharing.comm = s->comm;
	holding_start(&s->holding, ev->ts_ns);
	if (aspace_is_known(mm->as) || aspace_nr_vmas(mm->as)) {
		holding_set(&s->holding, mm->as);
		holding_mark(&s->holding, mm->as, ev->ts_ns);
	}
	if (r->cfg.shared)
		sharing_start(&r->sharing, &s->sharing, ev, mm->as);
	return s;
}

/* ev NULL: the stream ended, and s lives on. */
static void space_end(struct report *r, struct report_space *s, const struct event *ev)
{
	if (ev && r->cfg.shared)
		sharing_end(&s->sharing, ev);
	s->is_over = s->kept.is_over = ev;
	holding_end(&s->holding, s->end_ns);
	/* Bytes writable and executable count before all others. */
	s->kept.weight =
		(holding_growth(&s->holding, HOLD_HEAP) + holding_growth(&s->holding, HOLD_ANON)) /
		2;
	if (s->holding.most[HOLD_X_ANON])
		s->kept.weight |= 1ULL << 61;
	if (s->holding.most[HOLD_WX])
		s->kept.weight |= 1ULL << 62;
}

static void report_left(void *priv, struct life *l, struct space *sp, const struct event *ev)
{
	struct report *r = priv;
	struct report_space *s = space_of(r, sp);

	(void)l;
	if (!s || sp->nr_users)
		return;
	s->end_ns = sp->end_ns;
	if (r->cfg.makers && sp->mm && s->is_wanted)
		mapped_add(&r->mapped, sp->mm->as, sp->mm->makers, s->exe, ev, &r->cfg, &s->mapped);
	space_end(r, s, ev);
	sp->slots[r->slot] = NULL;
}

/* ---- lives ---- */

static void report_over(void *priv, struct life *l)
{
	struct report_life *rl = l->slots[((struct report *)priv)->slot];

	if (!rl)
		return;
	rl->kept.is_over = true;
	rl->kept.weight = rl->sum.changes + rl->sum.failed;
}

static void space_identify(struct report_space *s, const struct life *l)
{
	if (s->owner_nr != l->nr)
		return;
	s->exe = l->exe;
	memcpy(s->comm, l->comm, sizeof(s->comm));
}

/* The report's part of p's life, made if need be, with that of the space that p has now. */
static struct report_life *life_at(struct report *r, const struct event *ev, const struct proc *p)
{
	struct life *l = p->life;
	struct report_life *rl = l->slots[r->slot];
	struct report_space *s = space_of(r, l->space);

	if (!rl) {
		make_room(r, &r->lives, MAX_LIVES, drop_life);
		rl = l->slots[r->slot] = mem_alloc(sizeof(*rl));
		rl->life = l;
		keep(&r->lives, &rl->kept);
	}
	if (!s)
		s = l->space->slots[r->slot] = space_new(r, ev, l);
	if (ev->type != EVENT_CALL)
		space_identify(s, l);
	s->is_wanted = s->is_wanted || (l->is_shown && !ev->sibling);
	return rl;
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
	struct tally named = *more;

	named.symbol = c->symbol;
	named.symbol_off = c->symbol_off;
	count(r, REPORT_CALLER, (uintptr_t)c->obj, c->obj ? c->off : 0, c->obj ? 0 : c->addr,
	      &named);
}

static void count_life(struct report *r, const struct proc *proc, const struct tally *more)
{
	tally_add(&r->sum, more);
	tally_add(&r->life->sum, more);
	count(r, REPORT_EXE, (uintptr_t)proc->exe, 0, 0, more);
}

static void count_change(struct report *r, const struct change *ch)
{
	const uint16_t state = VMA_PROT | VMA_MAPPED | VMA_UNKNOWN;
	struct tally t = { 0 };

	tally_change(&t, ch);
	count_life(r, ch->proc, &t);
	count_caller(r, &ch->caller, &t);
	count(r, REPORT_MAPPING, (uintptr_t)change_object(ch), 0, 0, &t);
	count(r, REPORT_TRANSITION, ch->before.flags & state, ch->after.flags & state, 0, &t);
}

static void count_failure(struct report *r, const struct event *ev, const struct proc *proc)
{
	const struct caller caller = caller_of(proc->mm, ev);
	const struct tally one = { .failed = 1 };

	count_life(r, proc, &one);
	count_caller(r, &caller, &one);
}

/* ---- the sink ---- */

static void note_loss(struct report *r, const struct event *ev)
{
	if (!r->nr_losses++)
		r->first_loss_ns = ev->ts_ns;
	r->last_loss_ns = ev->ts_ns;
}

static void report_lost(void *priv, struct space *sp, const struct event *ev)
{
	struct report_space *s = space_of(priv, sp);

	(void)ev;
	if (s)
		s->is_lossy = true;
}

static int report_begin(void *priv, const struct event *ev, const struct proc *proc,
			const struct proc *child)
{
	struct report *r = priv;

	if (ev->type == EVENT_LOSS && !ev->sibling && !ev->given_up)
		note_loss(r, ev);
	r->life = proc && ev->type != EVENT_LOSS ? life_at(r, ev, proc) : NULL;
	if (child)
		life_at(r, ev, child);
	return 0;
}

static void note_wx(struct report_space *s, const struct change *ch)
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
	struct report_space *s = space_of(r, ch->proc->mm->space);

	if (!s)
		return 0;
	holding_change(&s->holding, ch);
	note_wx(s, ch);
	if (r->cfg.shared)
		sharing_change(&r->sharing, &s->sharing, ch);
	if (ch->ev->type == EVENT_CALL && !ch->ev->sibling && scope_has_change(&r->cfg.scope, ch))
		count_change(r, ch);
	return 0;
}

static int report_finding(void *priv, const struct finding *f)
{
	struct report *r = priv;

	/* a finding may get worse until it is over */
	r->nr_findings[f->severity] += f->state == FINDING_OVER &&
				       scope_has_finding(&r->cfg.scope, f);
	return 0;
}

static int report_end(void *priv, const struct event *ev, const struct proc *proc,
		      unsigned int nr_changes)
{
	struct report *r = priv;
	bool is_whole = ev->type != EVENT_CALL && ev->has_range && ev->hi >= MPW_TASK_MAX;
	struct report_space *s;

	if (!r->life)
		return 0;
	s = space_of(r, proc->mm->space);
	is_whole = is_whole || (ev->type == EVENT_EXIT && s->holding.is_stale);
	if (facts_have(&ev->facts, MPW_FACT_MAP_COUNT) && (is_whole || event_is_failed(ev)))
		holding_count(&s->holding, proc->mm->as,
			      facts_number(&ev->facts, MPW_FACT_MAP_COUNT));
	if (is_whole)
		holding_set(&s->holding, proc->mm->as);
	if (nr_changes || is_whole)
		holding_mark(&s->holding, proc->mm->as, ev->ts_ns);
	s->mirror_is_stale = proc->mm->stale;
	if (ev->type != EVENT_CALL)
		space_identify(s, proc->life);
	if (event_is_vain(ev) && !ev->sibling && scope_has_event(&r->cfg.scope, ev, proc))
		count_failure(r, ev, proc);
	return 0;
}

static int report_finish(void *priv, const struct totals *totals)
{
	struct report *r = priv;

	if (!r->cfg.out)
		return 0;
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

static void report_free(void *priv)
{
	struct report *r = priv;
	struct kept *k, *next;
	int i;

	for (k = r->spaces.first; k; k = next) {
		next = k->next;
		free(k);
	}
	for (k = r->lives.first; k; k = next) {
		next = k->next;
		life_release(((struct report_life *)k)->life, r->slot);
		free(k);
	}
	for (i = 0; i < NR_REPORT_TABLES; i++)
		tally_table_done(&r->tables[i]);
	sharing_done(&r->sharing);
	mapped_done(&r->mapped);
	free(r);
}

static const struct sink_ops report_ops = {
	.name = "report",
	.keeps_objects = true,
	.begin_event = report_begin,
	.change = report_change,
	.finding = report_finding,
	.life_left = report_left,
	.life_over = report_over,
	.space_lost = report_lost,
	.end_event = report_end,
	.finish = report_finish,
	.free = report_free,
};

struct sink report_sink_new(const struct report_config *cfg)
{
	struct report *r = mem_alloc(sizeof(*r));

	r->cfg = *cfg;
	return (struct sink){ .ops = &report_ops, .priv = r, .slot = &r->slot };
}

struct report_options {
	struct output_choice choice;
	bool shared;
	int by, sort; /* enum report_by, enum report_sort */
	uint64_t top;
};

#define AT(field) offsetof(struct report_options, field)

static const struct opt report_output_rows[] = {
	{ 'j', "json", NULL, "write one JSON object per row", opt_set_true, AT(choice.is_json), 0 },
	{ 0, "by", "process|exe|mapping|caller|transition|rights|growth|mapped",
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
					   .makers = pipeline_makers(env->pipeline),
					   .since_ns = env->show->since_ns,
					   .scope = env->show->scope,
					   .by = o->by,
					   .sort = o->sort,
					   .top = o->top,
					   .shared = o->shared,
					   .json = o->choice.is_json,
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
	.asks_makers = true,
	.asks_before = true,
	.check = report_check,
	.open = report_open,
};
