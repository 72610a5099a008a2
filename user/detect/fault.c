/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault: a SIGSEGV for want of a right, with the change that took the right away, when, and by
 * whom; or with the unmapping, where nothing is mapped any more. Changes that took rights are
 * remembered for TAKEN_MAX ranges. The oldest is dropped first, so that a fault is explained by the
 * most recent change.
 */
#include <string.h>

#include "core/words.h"
#include "detect/detectors.h"

#include "core/object.h"
#include "util/fmt.h"

#define TAKEN_MAX 64

/* SEGV_* of sigaction(2); protection keys: Linux 4.6. */
enum segv_code { CODE_MAPERR = 1, CODE_PKUERR = 4 };

static const struct rule rules[] = { { .id = "fault" }, { 0 } };

/* A change that took rights from a range, or unmapped it. */
struct taken {
	uint64_t start, end, ts_ns; /* end is 0 if the place is empty */
	struct caller caller;
	const struct object *obj;
	uint16_t before, after; /* enum vma_flags; VMA_UNKNOWN: any right may have been there */
	bool by_exec;
};

struct state {
	struct taken taken[TAKEN_MAX];
	unsigned int nr; /* places in use; those above never were */
};

/* Drops the changes to [start, end), whose memory is gone. */
static void drop(struct state *s, uint64_t start, uint64_t end)
{
	struct taken *t;

	for (t = s->taken; t < s->taken + s->nr; t++) {
		if (t->end <= start || t->start >= end)
			continue;
		if (t->start < start)
			t->end = start;
		else if (t->end > end)
			t->start = end;
		else
			t->end = 0;
	}
}

/* Place for the change: over one that it repeats, a free one, or the oldest. */
static struct taken *place_for(struct state *s, const struct change *ch, uint16_t before)
{
	struct taken *t, *best = NULL;

	for (t = s->taken; t < s->taken + s->nr; t++) {
		if (t->start == ch->start && t->end == ch->end && t->before == before &&
		    t->after == ch->after.flags)
			return t;
		if (!best || (best->end && (!t->end || t->ts_ns < best->ts_ns)))
			best = t;
	}
	if ((best && !best->end) || s->nr == TAKEN_MAX)
		return best;
	return &s->taken[s->nr++];
}

static void change(struct view *v)
{
	const struct change *ch = v->ch;
	struct state *s = v->state;
	bool leaves = v->turns & TURN_LEAVES, unknown = attr_is_unknown(&ch->before);
	uint16_t before = unknown ? VMA_UNKNOWN | VMA_PROT : ch->before.flags;

	/*
	 * In the inference tier the first calls come before the mappings that they change are
	 * known.
	 */
	if (unknown && !(v->ev->type == EVENT_CALL && call_is_mprotect(&v->ev->call) &&
			 attr_is_mapped(&ch->after)))
		return;
	if (leaves)
		drop(s, ch->start, ch->end);
	if (leaves &&
	    attr_is_mapped(&ch->after)) /* the mapping that took its place lost no right */
		return;
	*place_for(s, ch, before) = (struct taken){ .start = ch->start,
						    .end = ch->end,
						    .ts_ns = v->ev->ts_ns,
						    .caller = ch->caller,
						    .obj = ch->before.obj,
						    .before = before,
						    .after = ch->after.flags,
						    .by_exec = v->ev->type == EVENT_EXEC };
}

/*
 * The last change that took one of the wanted rights from addr; with VMA_MAPPED, the last that
 * unmapped it. An unmapping took nothing from memory that was mapped there since.
 */
static const struct taken *find(const struct state *s, uint64_t addr, uint16_t wanted)
{
	const struct taken *t, *ret = NULL;

	for (t = s->taken; t < s->taken + s->nr; t++)
		if (t->start <= addr && addr < t->end && t->before & ~t->after & wanted &&
		    (wanted == VMA_MAPPED || t->after & VMA_MAPPED) &&
		    (!ret || t->ts_ns >= ret->ts_ns))
			ret = t;
	return ret;
}

static void put_access(struct buf *why, const struct view *v)
{
	const struct event_fault *f = &v->ev->fault;

	buf_puts(why, word_access(f->access));
	buf_putc(why, ' ');
	buf_hex(why, f->addr);
	if (attr_is_mapped(&v->ch->after)) {
		buf_puts(why, " in ");
		why_name(why, v->ch->after.obj);
		buf_puts(why, " (");
		why_prot(why, &v->ch->after);
		buf_putc(why, ')');
	}
	why_caller(why, v->ch);
	buf_puts(why, f->handled ? " was caught as SIGSEGV: " : " ended the process: ");
}

static void put_taken(struct buf *why, const struct view *v, const struct taken *t)
{
	const struct attr before = { .flags = t->before }, after = { .flags = t->after };
	const struct change by = { .ev = v->ev, .caller = t->caller };

	if (attr_is_mapped(&after)) {
		buf_puts(why, "made ");
		why_prot(why, &after);
		buf_putc(why, ' ');
		if (!(t->before & VMA_UNKNOWN)) {
			buf_putc(why, '(');
			why_prot(why, &before);
			buf_puts(why, " before) ");
		}
	} else {
		fmt_size(why, t->end - t->start);
		buf_puts(why, " of ");
		why_name(why, t->obj);
		buf_puts(why, " was unmapped there ");
	}
	fmt_duration(why, view_since(v, t->ts_ns));
	buf_puts(why, " before");
	if (t->by_exec)
		buf_puts(why, " by exec");
	else
		why_caller(why, &by);
}

static uint16_t rights_wanted(const struct event_fault *f)
{
	static const uint16_t rights[] = { VMA_PROT, VMA_R, VMA_W, VMA_X };

	return rights[f->access];
}

static void fault(struct view *v)
{
	const struct event_fault *e = &v->ev->fault;
	bool mapped = attr_is_mapped(&v->ch->after);
	const struct taken *t =
		find(v->state, e->addr, mapped ? rights_wanted(e) : (uint16_t)VMA_MAPPED);
	struct finding *f;

	/* A wild pointer, to where nothing is or was mapped, needs no explanation. */
	if (e->code == CODE_MAPERR ? mapped || !t : !mapped)
		return;
	f = view_raise(v, rules, e->handled ? SEVERITY_INFO : SEVERITY_MEDIUM,
		       e->handled ? FOLD_PROCESS : FOLD_REGION);
	if (!f)
		return;
	put_access(&f->why, v);
	if (e->code == CODE_PKUERR)
		buf_printf(&f->why, "protection key %u forbids it", v->ch->after.pkey);
	else if (t)
		put_taken(&f->why, v, t);
	else
		buf_puts(&f->why, "no change that took the right away is remembered");
}

static void hold(struct view *v)
{
	const struct state *s = v->state;
	const struct taken *t;

	for (t = s->taken; t < s->taken + s->nr; t++) {
		object_hold(t->obj);
		object_hold(t->caller.obj);
	}
}

const struct detector detector_fault = {
	.name = "fault",
	.rules = rules,
	.turns = TURN_TAKES | TURN_LEAVES | TURN_SEEN,
	.state_bytes = sizeof(struct state),
	.hold = hold,
	.change = change,
	.fault = fault,
};
