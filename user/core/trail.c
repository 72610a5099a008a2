/* SPDX-License-Identifier: BSD-2-Clause */
/* The trail: a ring, written without a search, and searched when a fault asks for it. */
#include "core/trail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/object.h"
#include "util/mem.h"

_Static_assert(NR_REFUSALS <= 32, "a bit for each cause");

#define FIRST_STEPS 16
#define REPEATS	    8 /* steps back within which a repetition is looked for */

static bool repeats(const struct trail_step *a, const struct trail_step *b)
{
	return a->start == b->start && a->end == b->end && a->before == b->before &&
	       a->after == b->after && a->err == b->err && a->type == b->type &&
	       a->call == b->call && a->maps == b->maps && a->moved == b->moved &&
	       a->caller.addr == b->caller.addr && a->pid == b->pid;
}

/* Place for the step: over one that it repeats, a free one, or the oldest. */
static struct trail_step *place_for(struct trail *t, const struct trail_step *step)
{
	unsigned int i, at;

	for (i = 1; i <= REPEATS && i <= t->nr; i++) {
		at = (t->next + t->cap - i) % t->cap;
		if (repeats(&t->steps[at], step))
			return &t->steps[at];
	}
	if (t->nr == t->cap &&
	    t->cap < TRAIL_STEPS) { /* the next place is the first: it is whole */
		t->next = t->cap;
		t->cap = t->cap ? 2 * t->cap : FIRST_STEPS;
		t->steps = mem_grow(t->steps, t->cap, sizeof(*t->steps));
	}
	at = t->next;
	t->next = (t->next + 1) % t->cap;
	t->nr += t->nr < t->cap;
	return &t->steps[at];
}

static void add(struct trail *t, struct trail_step *step)
{
	step->nr = ++t->last;
	*place_for(t, step) = *step;
}

static struct trail_step step_of(const struct change *ch)
{
	return (struct trail_step){ .start = ch->start,
				    .end = ch->end,
				    .ts_ns = ch->ev->ts_ns,
				    .moved = UINT64_MAX,
				    .caller = ch->caller,
				    .obj = attr_is_mapped(&ch->before) ? ch->before.obj :
									 ch->after.obj,
				    .pid = ch->ev->pid,
				    .tid = ch->ev->tid,
				    .before = ch->before.flags,
				    .after = ch->after.flags,
				    .type = ch->ev->type,
				    .call = ch->ev->type == EVENT_CALL ? ch->ev->call.id : 0 };
}

void trail_change(struct trail *t, const struct change *ch, bool maps)
{
	const struct event_call *c = &ch->ev->call;
	struct trail_step step = step_of(ch);
	uint64_t at;

	if (!attr_is_mapped(&ch->after) && !attr_is_mapped(&ch->before))
		return; /* nobody knew what was there, and nothing was */
	if (ch->ev->type == EVENT_CALL && c->id == MPW_CALL_MREMAP &&
	    (uint64_t)c->ret != c->arg[0]) {
		maps = attr_is_mapped(&ch->after) && ch->start - c->ret < page_up(c->arg[2]);
		at = ch->start - (maps ? (uint64_t)c->ret : c->arg[0]);
		if (at < page_up(c->arg[maps ? 1 : 2]))
			step.moved = at + (maps ? c->arg[0] : (uint64_t)c->ret);
	}
	step.maps = maps;
	add(t, &step);
}

void trail_refused(struct trail *t, const struct change *ch, const struct mm *mm)
{
	const struct event_call *c = &ch->ev->call;
	struct trail_step step = step_of(ch);
	struct refusal r;
	unsigned int i;

	refusal_find(mm, ch->ev, &r);
	for (i = 0; i < r.nr; i++)
		step.causes |= 1U << r.cause[i].id;
	step.err = ret_is_error(c->ret) ? -c->ret : ENOMEM;
	step.after = call_prot(c) & VMA_PROT;
	add(t, &step);
}

const struct trail_step *trail_find(const struct trail *t, uint64_t addr, uint64_t before)
{
	const struct trail_step *s, *ret = NULL;
	unsigned int i;

	for (i = 0; i < t->nr; i++) {
		s = &t->steps[i];
		if (s->start <= addr && addr < s->end && s->nr < before &&
		    (!ret || s->nr > ret->nr))
			ret = s;
	}
	return ret;
}

static bool gives_memory(const struct trail_step *s)
{
	return s->call == MPW_CALL_MMAP || s->call == MPW_CALL_MREMAP || s->call == MPW_CALL_BRK ||
	       s->call == MPW_CALL_SHMAT;
}

const struct trail_step *trail_find_refused(const struct trail *t, uint32_t tid, uint64_t before)
{
	const struct trail_step *s, *ret = NULL;
	unsigned int i;

	for (i = 0; i < t->nr; i++) {
		s = &t->steps[i];
		if (s->err && s->tid == tid && gives_memory(s) && s->nr < before &&
		    (!ret || s->nr > ret->nr))
			ret = s;
	}
	return ret;
}

void trail_fork(struct trail *t)
{
	struct trail_step *steps = t->steps;

	t->before_fork = t->last;
	if (!steps)
		return;
	t->steps = mem_grow(NULL, t->cap, sizeof(*steps));
	memcpy(t->steps, steps, t->nr * sizeof(*steps));
}

void trail_hold(const struct trail *t)
{
	unsigned int i;

	for (i = 0; i < t->nr; i++) {
		object_hold(t->steps[i].obj);
		object_hold(t->steps[i].caller.obj);
	}
}

void trail_done(struct trail *t)
{
	free(t->steps);
	memset(t, 0, sizeof(*t));
}
