/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The audit's collector. A call is checked when all its changes are known. Offences are folded: a
 * JIT does the same thing a million times, from a handful of places.
 */
#include "sink/audit/audit.h"

#include <stdlib.h>
#include <string.h>

#include "core/cast.h"
#include "core/effect.h"
#include "core/stale.h"
#include "sink/audit/audit_private.h"
#include "sink/output.h"
#include "util/mem.h"

static bool is_alike(const struct offence *a, const struct offence *b)
{
	return a->kind == b->kind && a->call == b->call && a->exe == b->exe &&
	       a->mapping == b->mapping && a->caller.obj == b->caller.obj &&
	       a->caller.off == b->caller.off && a->before.flags == b->before.flags &&
	       a->after.flags == b->after.flags && a->error == b->error &&
	       a->asked_by == b->asked_by && a->asks.sure == b->asks.sure &&
	       a->asks.maybe == b->asks.maybe;
}

struct offence *offence_fold(struct offence_list *l, const struct offence *o)
{
	unsigned int i;

	if (l->nr && is_alike(&l->all[l->last], o))
		return &l->all[l->last];
	for (i = 0; i < l->nr; i++)
		if (is_alike(&l->all[i], o))
			break;
	if (i == OFFENCES_MAX)
		return &l->rest;
	l->last = i;
	if (i == l->nr) {
		l->all[i] = *o;
		l->nr++;
	}
	return &l->all[i];
}

static void sums_add(struct audit_sums *s, const struct offence *o, enum mdwe prctl, bool filter)
{
	int i;

	s->nr_prctl += prctl == MDWE_REFUSES;
	s->nr_unknown += prctl == MDWE_UNKNOWN;
	s->nr_filter += filter;
	for (i = 0; i < NR_LSM_ASKS; i++) {
		s->asks[i].nr += o->asks.sure >> i & 1;
		s->asks[i].nr_maybe += o->asks.maybe >> i & 1;
	}
}

static void count(struct audit_log *log, const struct offence *o, enum mdwe prctl, bool filter)
{
	bool is_refused = prctl != MDWE_ALLOWS || filter;
	struct offence *to = offence_fold(is_refused ? &log->refused : &log->asking, o);

	to->nr++;
	to->nr_prctl += prctl == MDWE_REFUSES;
	to->nr_unknown += prctl == MDWE_UNKNOWN;
	to->nr_filter += filter;
	sums_add(&log->sums, o, prctl, filter);
	if (!log->group)
		return;
	if (prctl == MDWE_REFUSES && !log->group->sums.nr_prctl)
		log->group->caller = o->caller;
	sums_add(&log->group->sums, o, prctl, filter);
}

static struct offence offence_of(const struct event *ev, const struct proc *proc,
				 enum offence_kind kind)
{
	struct offence o = { .kind = kind, .exe = proc->exe, .pid = ev->pid, .ts_ns = ev->ts_ns };

	memcpy(o.comm, proc->comm, sizeof(o.comm));
	return o;
}

/* Rights alone: whether memory is shared or sealed makes no other offence. */
static struct attr rights_of(const struct attr *a)
{
	return (struct attr){ .flags = a->flags & (VMA_PROT | VMA_MAPPED | VMA_UNKNOWN) };
}

static void take_mapping(struct offence *o, uint64_t start, uint64_t end, const struct attr *before,
			 const struct attr *after)
{
	o->start = start;
	o->end = end;
	o->before = rights_of(before);
	o->after = rights_of(after);
	o->mapping = attr_is_mapped(after) ? after->obj : before->obj;
}

static bool was_exec_seen(const struct audit_log *log, const struct mm *mm)
{
	unsigned int i, nr = log->nr_execs < EXECS_KEPT ? log->nr_execs : EXECS_KEPT;

	for (i = 0; i < nr; i++)
		if (log->execs[i] == mm->space->nr)
			return true;
	return false;
}

/* A mapping that no call was seen to make. */
static void check_mapping(struct audit_log *log, const struct change *ch)
{
	bool loaded = ch->ev->type == EVENT_EXEC ||
		      (attr_is_unknown(&ch->before) && was_exec_seen(log, ch->proc->mm));
	struct lsm_asks asks = audit_asks_mapped(&ch->after, loaded);
	struct lsm_asks before = audit_asks_mapped(&ch->before, loaded);
	enum mdwe answer;
	struct offence o;

	if (!attr_is_mapped(&ch->after))
		return;
	answer = loaded ? mdwe_loaded(&ch->after) : mdwe_found(&ch->after);
	if (attr_is_mapped(&ch->before) && mdwe_found(&ch->before) == answer)
		answer = MDWE_ALLOWS; /* it was counted before, and so were those who ask */
	if (asks.sure == before.sure && asks.maybe == before.maybe)
		asks = (struct lsm_asks){ 0 };
	if (answer == MDWE_ALLOWS && !asks.sure && !asks.maybe)
		return;
	o = offence_of(ch->ev, ch->proc, loaded ? OFFENCE_LOADED : OFFENCE_FOUND);
	take_mapping(&o, ch->start, ch->end, &ch->before, &ch->after);
	o.before.flags = 0; /* an earlier snapshot's, or unknown: no call's */
	o.asks = asks;
	log->group = audit_group_of(log, ch->proc);
	count(log, &o, answer, !loaded && answer == MDWE_REFUSES);
}

/*
 * True if the answer to a call depends on a range that is stale; the call may make no change there.
 */
static bool is_past_stale(const struct event_call *c, const struct mm *mm)
{
	uint64_t at = call_start(c), end = at + call_len(c);

	if (!mm->stale || !mdwe_needs_past(c))
		return false;
	while (at < end)
		if (stale_at(mm, at, &at))
			return true;
	return false;
}

static int audit_begin(void *priv, const struct event *ev, const struct proc *proc,
		       const struct proc *child)
{
	struct audit_log *log = priv;

	(void)child;
	log->worst = ev->type == EVENT_CALL && is_past_stale(&ev->call, proc->mm) ? MDWE_UNKNOWN :
										    MDWE_ALLOWS;
	log->has_change = false;
	if (ev->type == EVENT_CALL)
		audit_asks_begin(log, ev, proc->mm);
	log->sums.seen |= !ev->sibling;
	if (ev->type == EVENT_EXEC)
		log->execs[log->nr_execs++ % EXECS_KEPT] = proc->mm->space->nr;
	return 0;
}

static int audit_change(void *priv, const struct change *ch)
{
	struct audit_log *log = priv;
	enum mdwe answer;

	if (ch->ev->sibling)
		return 0;
	audit_note_code(log, ch);
	if (ch->ev->type == EVENT_EXEC || ch->ev->type == EVENT_RANGE)
		check_mapping(log, ch);
	if (ch->ev->type != EVENT_CALL)
		return 0;
	answer = mdwe_change(ch);
	if (!log->has_change || answer > log->worst)
		log->change = *ch;
	log->has_change = true;
	log->worst = answer > log->worst ? answer : log->worst;
	return 0;
}

/* The range and rights that a call asked for without a change: it failed, or all was so already. */
static void take_asked(struct offence *o, const struct event *ev, const struct mm *mm)
{
	const struct event_call *c = &ev->call;
	bool is_new = c->id == MPW_CALL_MMAP || c->id == MPW_CALL_SHMAT;
	uint64_t start = is_new && !event_is_failed(ev) ? (uint64_t)c->ret : call_start(c);
	struct attr none = { 0 }, before = aspace_at(mm->as, start), after = before;

	if (is_new) {
		if (event_is_failed(ev))
			after = (struct attr){ .flags = VMA_MAPPED | mdwe_asked(c) };
		before = none;
	} else if (c->id != MPW_CALL_REMAP_FILE_PAGES) {
		after.flags = (after.flags & ~VMA_PROT) | mdwe_asked(c);
	}
	take_mapping(o, start, start + call_len(c), &before, &after);
	if (is_new && event_is_failed(ev))
		o->mapping = c->file;
	o->caller = caller_of(mm, ev);
}

/* Who asks, beyond the caller: the functions behind it, and the library that a stack is for. */
static void take_asker(const struct audit_log *log, struct offence *o, const struct event *ev,
		       const struct mm *mm)
{
	if (ev->stack && ev->stack->nr)
		maker_functions(ev->stack, &o->caller, o->functions);
	if (call_is_mprotect(&ev->call) && audit_is_loader(o->caller.obj) && o->mapping &&
	    (o->mapping->kind == OBJECT_STACK || o->mapping->kind == OBJECT_ANON))
		o->asked_by = mm->space->slots[log->slot];
}

/* Remember the file whose code was mapped last: a library, mostly, that the loader is at. */
static void note_file(const struct audit_log *log, const struct event *ev, const struct mm *mm)
{
	struct attr a;

	if (ev->call.id != MPW_CALL_MMAP || event_is_failed(ev) || !(mdwe_asked(&ev->call) & VMA_X))
		return;
	a = aspace_at(mm->as, (uint64_t)ev->call.ret);
	if (attr_is_mapped(&a) && a.obj->kind == OBJECT_FILE)
		mm->space->slots[log->slot] = (void *)(uintptr_t)a.obj;
}

/* An object needs no freeing. */
static void audit_left(void *priv, struct life *l, struct space *sp, const struct event *ev)
{
	const struct mm *mm = sp->mm;
	struct audit_log *log = priv;

	(void)ev;
	if (mm && (mm->in_doubt || mm->given_up || (mm->stale && mm->nr_events)))
		audit_group_doubt(log, l);
	if (!sp->nr_shown)
		sp->slots[log->slot] = NULL;
}

static void audit_over(void *priv, struct life *l)
{
	audit_group_over(priv, l);
}

static int audit_end(void *priv, const struct event *ev, const struct proc *proc,
		     unsigned int nr_changes)
{
	struct audit_log *log = priv;
	const struct change *ch = &log->change;
	struct lsm_asks asks;
	struct offence o;
	enum mdwe answer;
	bool filter;

	(void)nr_changes;
	log->group = proc && !ev->sibling ? audit_group_of(log, proc) : NULL;
	if (log->group && ev->type == EVENT_LOSS)
		log->group->in_doubt = true;
	if (ev->type != EVENT_CALL || ev->sibling || event_is_answered(ev))
		return 0;
	log->sums.nr_calls++;
	if (log->group)
		log->group->sums.nr_calls++;
	note_file(log, ev, proc->mm);
	answer = mdwe_call(&ev->call, proc->mm->as, log->worst);
	filter = mdwe_filter_refuses(&ev->call);
	asks = audit_asks_of(log, ev, proc->mm);
	if (answer == MDWE_ALLOWS && !filter && !asks.sure && !asks.maybe)
		return 0;
	o = offence_of(ev, proc, OFFENCE_CALL);
	o.call = ev->call.id;
	o.error = event_is_failed(ev) ? -ev->call.ret : 0;
	if (log->has_change) {
		take_mapping(&o, ch->start, ch->end, &ch->before, &ch->after);
		o.caller = ch->caller;
	} else {
		take_asked(&o, ev, proc->mm);
	}
	take_asker(log, &o, ev, proc->mm);
	o.asks = asks;
	count(log, &o, answer, filter);
	return 0;
}

/* True if nothing that would be refused is proof. */
static bool is_whole(const struct totals *totals)
{
	return !totals->lost && !totals->doubts.nr_unread && !totals->doubts.nr_given_up;
}

/* True if a loss is that of processes which are known, and so of their groups. */
static bool is_whole_for_others(const struct totals *totals)
{
	uint64_t lost = 0;
	unsigned int i;

	for (i = 0; i < totals->doubts.nr_named; i++)
		lost += totals->doubts.named[i].lost;
	return totals->lost == lost;
}

void audit_settle(struct audit_sums *s, bool certain)
{
	/* Who made no call has yet to show what it asks for. */
	enum mdwe best = certain && s->nr_calls && !s->nr_text_changed ? MDWE_ALLOWS : MDWE_UNKNOWN;

	s->prctl = s->nr_prctl ? MDWE_REFUSES : s->nr_unknown ? MDWE_UNKNOWN : best;
	s->filter = s->nr_filter ? MDWE_REFUSES : best;
}

static int audit_finish(void *priv, const struct totals *totals)
{
	struct audit_log *log = priv;
	struct out *out = log->cfg.out;
	size_t i;

	for (i = 0; i < log->cfg.audit->nr_states; i++)
		audit_check_modules(&log->sums, &log->cfg.audit->states[i]);
	log->sums.seen |= log->cfg.audit->nr_states > 0;
	audit_settle(&log->sums, is_whole(totals));
	audit_groups_finish(log, is_whole_for_others(totals));
	log->cfg.audit->verdict = log->sums.prctl;
	(log->cfg.json ? audit_json_put : audit_text_put)(&out->buf, log, totals);
	return out_commit(out);
}

static void audit_free(void *priv)
{
	audit_groups_free(priv);
	free(priv);
}

static const struct sink_ops audit_ops = {
	.name = "audit",
	.keeps_objects = true,
	.begin_event = audit_begin,
	.change = audit_change,
	.life_left = audit_left,
	.life_over = audit_over,
	.end_event = audit_end,
	.finish = audit_finish,
	.free = audit_free,
};

struct sink audit_sink_new(const struct audit_config *cfg)
{
	struct audit_log *log = mem_alloc(sizeof(*log));

	log->cfg = *cfg;
	return (struct sink){ .ops = &audit_ops, .priv = log, .slot = &log->slot };
}

static const struct opt audit_rows[] = {
	{ 'j', "json", NULL, "write one JSON object", opt_set_true,
	  offsetof(struct audit_options, choice.is_json), 0 },
	{ 0, "by", "unit|exe", "a line for each systemd unit, or program, too", opt_set_word,
	  offsetof(struct audit_options, by), AUDIT_BY_UNIT },
	{ 0 },
};

static int audit_open(const struct output_env *env, void *options, struct sink *ret)
{
	struct audit_options *o = options;
	const struct audit_config cfg = { .audit = &o->audit,
					  .out = env->out,
					  .run = env->run,
					  .by = o->by,
					  .json = o->choice.is_json,
					  .utc = env->show->utc };

	*ret = audit_sink_new(&cfg);
	return 0;
}

const struct output audit_output = {
	.name = "audit",
	.kind = OUTPUT_AUDIT,
	.heading = "How to show it",
	.rows = audit_rows,
	.options_bytes = sizeof(struct audit_options),
	.open = audit_open,
};
