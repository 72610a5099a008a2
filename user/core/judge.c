/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The turns of a change are found once; only detectors with one of these turns see
 * the change. Findings are folded by rule and region in the suspect, the judge's
 * side of an address space, and reported when all detectors have seen the change.
 */
#include "core/judge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "core/object.h"
#include "core/stale.h"
#include "util/mem.h"

#define DETECTORS_MAX 32
#define PENDING_MAX   32

/* The judge's side of one address space. */
struct suspect {
	struct mm *mm;
	struct past *past;
	struct finding **findings; /* by id */
	size_t nr_findings;
	struct finding *last; /* the one that got the latest change */
	struct suspect *prev, *next;
	char state[] __attribute__((aligned(8))); /* of all detectors */
};

struct judge {
	const struct detector *const *detectors; /* borrowed */
	unsigned int nr_detectors;
	struct rules *rules; /* borrowed */
	size_t state_at[DETECTORS_MAX], state_bytes;
	void *global[DETECTORS_MAX];
	unsigned int turns; /* those of all detectors */
	finding_fn *fn;
	void *ctx;
	int err;
	struct suspect *suspects;
	struct finding *pending[PENDING_MAX];
	unsigned int nr_pending;
	uint64_t nr_findings;
	struct verdicts verdicts;
};

struct judge *judge_new(const struct detector *const *detectors, struct rules *rules)
{
	struct judge *j = mem_alloc(sizeof(*j));
	unsigned int i;

	j->detectors = detectors;
	j->rules = rules;
	for (i = 0; detectors[i]; i++) {
		assert(i < DETECTORS_MAX);
		j->state_at[i] = j->state_bytes;
		j->state_bytes += (detectors[i]->state_bytes + 7) & ~7UL;
		j->global[i] = mem_alloc(detectors[i]->global_bytes + 1);
		j->turns |= detectors[i]->turns;
	}
	j->nr_detectors = i;
	return j;
}

void judge_set_reporter(struct judge *j, finding_fn *fn, void *ctx)
{
	j->fn = fn;
	j->ctx = ctx;
}

const struct verdicts *judge_verdicts(const struct judge *j)
{
	return &j->verdicts;
}

size_t judge_nr_marks(const struct judge *j)
{
	const struct suspect *s;
	size_t n = 0;

	DL_FOREACH(j->suspects, s)
	n += aspace_nr_vmas(s->past->marks);
	return n;
}

/* ---- suspects ---- */

static struct suspect *suspect_add(struct judge *j, struct mm *mm, struct past *past)
{
	struct suspect *s = mem_alloc(sizeof(*s) + j->state_bytes);

	s->mm = mm;
	s->past = past;
	mm->suspect = s;
	DL_APPEND(j->suspects, s);
	return s;
}

static struct suspect *suspect_of(struct judge *j, const struct proc *p)
{
	struct suspect *s = p->mm->suspect;

	if (s)
		return s;
	s = suspect_add(j, p->mm, past_new());
	s->past->begun_ns = p->start_ns;
	return s;
}

static void suspect_free(struct judge *j, struct suspect *s)
{
	size_t i;

	DL_DELETE(j->suspects, s);
	for (i = 0; i < s->nr_findings; i++) {
		buf_done(&s->findings[i]->why);
		free(s->findings[i]);
	}
	free(s->findings);
	j->verdicts.nr_dropped += s->past->nr_dropped;
	past_free(s->past);
	s->mm->suspect = NULL;
	free(s);
}

static void view_enter(struct view *v, struct suspect *s, unsigned int i)
{
	struct judge *j = v->judge;

	v->detector = j->detectors[i];
	v->state = s->state + j->state_at[i];
	v->global = j->global[i];
}

static struct view view_of(struct judge *j, struct suspect *s, const struct proc *p)
{
	return (struct view){ .judge = j,
			      .proc = p,
			      .past = s->past,
			      .thresholds = &j->rules->thresholds };
}

/* Let the detectors unlink their state, and free the suspect with its findings. */
static void suspect_drop(struct judge *j, struct suspect *s)
{
	struct view v = view_of(j, s, NULL);
	unsigned int i;

	for (i = 0; i < j->nr_detectors; i++) {
		view_enter(&v, s, i);
		if (v.detector->gone)
			v.detector->gone(&v);
	}
	suspect_free(j, s);
}

void judge_free(struct judge *j)
{
	unsigned int i;

	if (!j)
		return;
	while (j->suspects)
		suspect_drop(j, j->suspects);
	for (i = 0; i < j->nr_detectors; i++)
		free(j->global[i]);
	free(j);
}

/* ---- findings ---- */

static void report(struct judge *j, struct finding *f)
{
	if (!j->err && j->fn)
		j->err = j->fn(j->ctx, f);
}

static void report_pending(struct judge *j)
{
	unsigned int i;

	for (i = 0; i < j->nr_pending; i++)
		report(j, j->pending[i]);
	j->nr_pending = 0;
}

static bool finding_takes(const struct finding *f, const struct change *ch, enum fold fold)
{
	return fold == FOLD_PROCESS || (f->start <= ch->end && ch->start <= f->end);
}

static struct finding *find_fold(struct suspect *s, const struct rule *rule,
				 const struct change *ch, enum fold fold, bool *ret_other)
{
	struct finding *last = NULL;
	unsigned int nr = 0;
	size_t i;

	*ret_other = false;
	if (s->last && s->last->rule == rule && finding_takes(s->last, ch, fold))
		return s->last;
	for (i = 0; i < s->nr_findings; i++) {
		struct finding *f = s->findings[i];

		if (f->rule != rule)
			continue;
		if (finding_takes(f, ch, fold))
			return f;
		last = f;
		nr++;
	}
	if (nr < FINDINGS_MAX)
		return NULL;
	*ret_other = true;
	return last;
}

static struct finding *finding_add(struct view *v, struct suspect *s, const struct rule *rule,
				   enum severity severity)
{
	struct finding *f = mem_alloc(sizeof(*f));
	const struct change *ch = v->ch;

	f->id = ++v->judge->nr_findings;
	f->rule = rule;
	f->severity = severity;
	f->pid = v->proc->pid;
	f->start_ns = v->proc->start_ns;
	memcpy(f->comm, v->proc->comm, sizeof(f->comm));
	f->exe = v->proc->exe;
	f->start = ch->start;
	f->end = ch->end;
	f->mapping = attr_is_mapped(&ch->after) ? ch->after.obj : ch->before.obj;
	f->nr_regions = 1;
	f->caller = ch->caller;
	f->first_ns = v->ev->ts_ns;
	s->findings = mem_grow(s->findings, s->nr_findings + 1, sizeof(*s->findings));
	s->findings[s->nr_findings++] = f;
	v->judge->verdicts.nr[severity]++;
	return f;
}

static void finding_count(struct finding *f, const struct change *ch, bool other_region)
{
	f->last_ns = ch->ev->ts_ns > f->last_ns ? ch->ev->ts_ns : f->last_ns;
	f->nr_changes++;
	if (other_region) {
		f->nr_regions += ch->start > f->other_end || ch->end < f->other_start;
		f->other_start = ch->start;
		f->other_end = ch->end;
	} else if (ch->end) { /* a write may have no place that is known */
		f->start = ch->start < f->start || !f->end ? ch->start : f->start;
		f->end = ch->end > f->end ? ch->end : f->end;
	}
	if (f->nr_kept < FINDING_CHANGES)
		f->changes[f->nr_kept++] = (struct finding_change){ ch->ev->ts_ns, ch->start,
								    ch->end,	   ch->before,
								    ch->after,	   ch->number };
}

/* True if the user wants the finding; sets the user's severity. */
static bool is_wanted(struct view *v, const struct rule *rule, enum severity *severity)
{
	struct judge *j = v->judge;
	struct rule_setting *set = rules_setting(j->rules, rule->id);

	if (v->ev->sibling)
		return false;
	if (set) {
		set->seen = true;
		if (set->disabled)
			return false;
		if (set->severity >= 0)
			*severity = set->severity;
	}
	if (rules_suppress(j->rules, rule, v->ch)) {
		j->verdicts.nr_suppressed++;
		return false;
	}
	if (j->rules->met)
		j->rules->met(j->rules->met_ctx, rule, v->ch);
	return true;
}

struct finding *view_raise(struct view *v, const struct rule *rule, enum severity severity,
			   enum fold fold)
{
	struct judge *j = v->judge;
	struct suspect *s = v->proc->mm->suspect;
	struct finding *f;
	bool other;

	if (!is_wanted(v, rule, &severity))
		return NULL;
	f = find_fold(s, rule, v->ch, fold, &other);
	if (!f) {
		f = finding_add(v, s, rule, severity);
	} else if (severity > f->severity) {
		j->verdicts.nr[f->severity]--;
		j->verdicts.nr[severity]++;
		f->severity = severity;
		f->state = FINDING_WORSE;
		f->why.len = 0;
	} else {
		s->last = f;
		finding_count(f, v->ch, other);
		return NULL;
	}
	s->last = f;
	finding_count(f, v->ch, other);
	assert(j->nr_pending < PENDING_MAX);
	j->pending[j->nr_pending++] = f;
	return f;
}

bool view_is_off(const struct view *v, const struct rule *rule)
{
	const struct rule_setting *set = rules_setting(v->judge->rules, rule->id);

	return set && set->disabled;
}

/* ---- changes and events ---- */

static bool is_same(const struct change *ch)
{
	const struct attr *b = &ch->before, *a = &ch->after;
	const struct event_call *c = &ch->ev->call;

	if (!attr_is_mapped(b) || !attr_is_mapped(a) || ch->ev->type == EVENT_EXEC)
		return false;
	if (ch->ev->type == EVENT_CALL && (c->id == MPW_CALL_MMAP || c->id == MPW_CALL_SHMAT))
		return false;
	return object_same(a->obj, b->obj) ||
	       (a->obj->kind == b->obj->kind && a->obj->kind == OBJECT_ANON); /* was named */
}

static unsigned int turns_of(const struct change *ch)
{
	uint16_t b = ch->before.flags, a = ch->after.flags, was;
	bool same = is_same(ch), by_mmap;
	unsigned int turns = TURN_CHANGES;

	by_mmap = ch->ev->type == EVENT_CALL && ch->ev->call.id == MPW_CALL_MMAP;
	if (a & VMA_UNKNOWN || (b & VMA_UNKNOWN && ch->ev->type != EVENT_EXEC && !by_mmap))
		return TURN_SEEN;
	was = same ? b : 0;
	if (a & VMA_X && !(was & VMA_X))
		turns |= TURN_GETS_X;
	if (a & VMA_W && !(was & VMA_W))
		turns |= TURN_GETS_W;
	if (a & VMA_W && a & VMA_X && !(was & VMA_W && was & VMA_X))
		turns |= TURN_GETS_WX;
	if (same && b & ~a & VMA_PROT)
		turns |= TURN_TAKES;
	if (b & VMA_X && !(same && a & VMA_X))
		turns |= TURN_LOSES_X;
	if (same && !(b & VMA_PROT) && a & VMA_PROT)
		turns |= TURN_OPENS;
	if (a & VMA_MAPPED && !same)
		turns |= TURN_MAPS;
	if (b & VMA_MAPPED && !same)
		turns |= TURN_LEAVES;
	return turns;
}

int judge_change(struct judge *j, const struct change *ch)
{
	struct suspect *s = suspect_of(j, ch->proc);
	struct view v = view_of(j, s, ch->proc);
	unsigned int i, marks_all;

	if (ch->differs) /* the mirror was wrong: no process made this change */
		return j->err;
	v.ev = ch->ev;
	v.ch = ch;
	v.turns = turns_of(ch);
	v.marks = past_marks(s->past, ch->start, ch->end, &marks_all);
	if (ch->ev->type == EVENT_EXEC)
		s->past->begun_ns = ch->ev->ts_ns;
	for (i = 0; i < j->nr_detectors; i++) {
		if (!(j->detectors[i]->turns & v.turns))
			continue;
		view_enter(&v, s, i);
		v.detector->change(&v);
	}
	if (!(v.turns & TURN_SEEN))
		past_change(s->past, ch, v.turns, v.marks, marks_all);
	report_pending(j);
	return j->err;
}

typedef void detector_fn(struct view *v);

/* The detector's function for an event that changes nothing; NULL: it does not care. */
static detector_fn *detector_fn_for(const struct detector *d, const struct event *ev)
{
	return ev->type == EVENT_FAULT ? d->fault : ev->type == EVENT_WRITE ? d->write : d->failed;
}

/* The event as a change of its range that changes nothing. */
static struct change still_of(const struct event *ev, const struct proc *p)
{
	struct change ch = { .ev = ev, .proc = p };

	if (ev->type == EVENT_FAULT) {
		ch.caller = caller_at(p->mm->as, ev->fault.ip);
		ch.start = page_down(ev->fault.addr);
		ch.end = ch.start + page_bytes;
	} else if (ev->type == EVENT_WRITE) {
		ch.start = ev->write.flags & MPW_WRITE_OUTWARD ? 0 : ev->write.addr;
		ch.end = ch.start ? ch.start + ev->write.len : 0;
	} else {
		ch.caller = caller_of(p->mm->as, ev);
		ch.start = call_start(&ev->call);
		ch.end = ch.start + call_len(&ev->call);
	}
	if (ch.end < ch.start)
		ch.end = UINT64_MAX;
	ch.before = ch.after = ev->type == EVENT_WRITE ? stale_written(p, ev) :
							 aspace_at(p->mm->as, ch.start);
	return ch;
}

/* A failed call, a fault or a write. */
static void judge_still(struct judge *j, const struct event *ev, const struct proc *p)
{
	const struct change ch = still_of(ev, p);
	struct suspect *s = suspect_of(j, p);
	struct view v = view_of(j, s, p);
	unsigned int i;

	v.ev = ev;
	v.ch = &ch;
	v.marks = past_marks(s->past, ch.start, ch.end, NULL);
	for (i = 0; i < j->nr_detectors; i++) {
		detector_fn *fn = detector_fn_for(j->detectors[i], ev);

		if (!fn)
			continue;
		view_enter(&v, s, i);
		fn(&v);
	}
	report_pending(j);
}

int judge_event(struct judge *j, const struct event *ev, const struct proc *p)
{
	if (event_is_failed(ev) || ev->type == EVENT_FAULT || ev->type == EVENT_WRITE)
		judge_still(j, ev, p);
	return j->err;
}

void judge_fork(struct judge *j, const struct proc *parent, const struct proc *child)
{
	struct suspect *from = suspect_of(j, parent), *s;
	struct view v;
	unsigned int i;

	if (child->mm == parent->mm)
		return;
	s = suspect_add(j, child->mm, past_clone(from->past));
	memcpy(s->state, from->state, j->state_bytes);
	v = view_of(j, s, child);
	for (i = 0; i < j->nr_detectors; i++) {
		view_enter(&v, s, i);
		if (v.detector->forked)
			v.detector->forked(&v);
	}
}

static void report_over(struct judge *j, struct suspect *s)
{
	size_t i;

	for (i = 0; i < s->nr_findings; i++) {
		s->findings[i]->state = FINDING_OVER;
		report(j, s->findings[i]);
	}
}

int judge_leave(struct judge *j, struct mm *mm)
{
	if (mm->suspect) {
		report_over(j, mm->suspect);
		suspect_drop(j, mm->suspect);
	}
	return j->err;
}

int judge_finish(struct judge *j)
{
	while (j->suspects)
		judge_leave(j, j->suspects->mm);
	return j->err;
}
