/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The turns of a change are found once; only detectors with one of these turns see
 * the change. Findings are folded by rule and region in the suspect, the judge's
 * side of an address space, and reported when all detectors have seen the change.
 */
#include "core/judge_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "core/object.h"
#include "core/stale.h"
#include "util/mem.h"

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

uint64_t judge_take_dropped(struct mm *mm)
{
	struct past *past = mm->suspect ? mm->suspect->past : NULL;
	uint64_t nr = past ? past->nr_dropped - past->nr_told : 0;

	if (past)
		past->nr_told = past->nr_dropped;
	return nr;
}

size_t judge_nr_marks(const struct mm *mm)
{
	return mm->suspect ? aspace_nr_vmas(mm->suspect->past->marks) : 0;
}

void judge_give_up(struct mm *mm)
{
	if (mm->suspect)
		past_empty(mm->suspect->past);
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
			      .event_nr = j->nr_events,
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
	for (i = 0; i < j->nr_detectors; i++) {
		if (j->detectors[i]->done)
			j->detectors[i]->done(j->global[i]);
		free(j->global[i]);
	}
	free(j);
}

static void report(struct judge *j, struct finding *f)
{
	if (!j->err && j->fn)
		j->err = j->fn(j->ctx, f);
}

static void report_pending(struct judge *j, const struct event *ev)
{
	unsigned int i;

	for (i = 0; i < j->nr_pending; i++) {
		j->pending[i]->stack = ev->stack;
		report(j, j->pending[i]);
		j->pending[i]->stack = NULL;
	}
	j->nr_pending = 0;
}

/* ---- changes and events ---- */

void judge_begin(struct judge *j, const struct event *ev, const struct proc *p)
{
	struct suspect *s;

	j->nr_events++;
	if (ev->type == EVENT_EXEC) {
		s = suspect_of(j, p);
		s->past->begun_ns = ev->ts_ns;
		s->past->is_whole = true;
		s->exec_is_due = !ev->has_range;
	} else if (ev->type == EVENT_CALL) {
		past_call(suspect_of(j, p)->past, p->mm->as, ev);
	}
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
	v.turns = turns_of(ch, s->exec_is_due);
	v.marks = past_marks(s->past, ch->start, ch->end, &marks_all);
	v.is_late = ch->ev->type == EVENT_RANGE;
	for (i = 0; i < j->nr_detectors; i++) {
		if (!(j->detectors[i]->turns & v.turns))
			continue;
		view_enter(&v, s, i);
		v.detector->change(&v);
	}
	if (v.turns & TURN_SEEN)
		past_seen(s->past, ch);
	else
		past_change(s->past, ch, v.turns, v.marks, marks_all);
	report_pending(j, ch->ev);
	return j->err;
}

typedef void detector_fn(struct view *v);

/* The detector's function for an event that changes nothing; NULL: it does not care. */
static detector_fn *detector_fn_for(const struct detector *d, const struct event *ev)
{
	return ev->type == EVENT_FAULT ? d->fault :
	       ev->type == EVENT_WRITE ? d->write :
	       ev->type == EVENT_EXIT  ? d->ended :
					 d->failed;
}

/* The event as a change of its range that changes nothing. */
static struct change still_of(const struct event *ev, const struct proc *p)
{
	struct change ch = { .ev = ev, .proc = p };

	if (ev->type == EVENT_FAULT) {
		ch.caller = caller_of_fault(p->mm, ev);
		ch.start = fault_has_addr(&ev->fault) ? page_down(ev->fault.addr) : 0;
		ch.end = fault_has_addr(&ev->fault) ? ch.start + page_bytes : 0;
	} else if (ev->type == EVENT_WRITE) {
		ch.start = ev->write.flags & MPW_WRITE_OUTWARD ? 0 : ev->write.addr;
		ch.end = ch.start ? ch.start + ev->write.len : 0;
	} else if (ev->type == EVENT_CALL) {
		ch.caller = caller_of(p->mm, ev);
		ch.start = call_start(&ev->call);
		ch.end = ch.start + call_len(&ev->call);
	}
	if (ch.end < ch.start)
		ch.end = UINT64_MAX;
	ch.before = ch.after = ev->type == EVENT_WRITE ? stale_written(p, ev) :
							 aspace_at(p->mm->as, ch.start);
	return ch;
}

/* A failed call, a fault, a write or an exit. */
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
	report_pending(j, ev);
}

int judge_event(struct judge *j, const struct event *ev, const struct proc *p)
{
	if (event_is_failed(ev) || ev->type == EVENT_FAULT || ev->type == EVENT_WRITE ||
	    (ev->type == EVENT_EXIT && p->mm->suspect))
		judge_still(j, ev, p);
	else if (ev->type == EVENT_RANGE && ev->has_range && ev->hi == MPW_TASK_MAX &&
		 p->mm->suspect)
		p->mm->suspect->exec_is_due = false;
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
	if (child->start_ns)
		s->past->begun_ns = child->start_ns;
	memcpy(s->state, from->state, j->state_bytes);
	v = view_of(j, s, child);
	for (i = 0; i < j->nr_detectors; i++) {
		view_enter(&v, s, i);
		if (v.detector->forked)
			v.detector->forked(&v);
	}
}

static void finding_hold(const struct finding *f)
{
	unsigned int i;

	object_hold(f->exe);
	object_hold(f->mapping);
	object_hold(f->caller.obj);
	for (i = 0; i < f->nr_kept; i++) {
		object_hold(f->changes[i].before.obj);
		object_hold(f->changes[i].after.obj);
	}
}

void judge_hold(struct judge *j)
{
	struct suspect *s;
	unsigned int i;
	size_t n;

	DL_FOREACH(j->suspects, s)
	{
		struct view v = view_of(j, s, NULL);

		loading_hold(&s->past->loading);
		for (n = 0; n < s->nr_findings; n++)
			finding_hold(s->findings[n]);
		for (i = 0; i < j->nr_detectors; i++) {
			view_enter(&v, s, i);
			if (v.detector->hold)
				v.detector->hold(&v);
		}
	}
	for (i = 0; i < j->nr_detectors; i++)
		if (j->detectors[i]->hold_global)
			j->detectors[i]->hold_global(j->global[i]);
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
