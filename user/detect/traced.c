/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * traced: a change made while somebody ptraces the process, and can make it call anything. To run a
 * program under a debugger is ordinary. New code counts if the tracer came to a process that had
 * run without one, and most if that process had made none itself; or if it is another user's.
 */
#include "detect/detectors.h"

static const struct rule rules[] = { { .id = "traced", .technique = "T1055.008" }, { 0 } };

struct traced {
	bool was_free;	/* set once a call was made without a tracer */
	bool made_code; /* set once such a call made code */
};

/* True if the change makes code, other than files that the loader maps. */
static bool makes_code(const struct view *v)
{
	return v->turns & TURN_GETS_X && !view_called_by_loader(v) &&
	       !(v->turns & TURN_MAPS && v->ch->after.obj->kind == OBJECT_FILE &&
		 !(v->ch->after.flags & VMA_W));
}

/* True if the tracer runs for another user than the process. */
static bool is_by_another(const struct view *v)
{
	const struct facts *of = &v->proc->facts, *by = &v->ev->facts;

	return facts_have(of, MPW_FACT_UID) && facts_have(by, MPW_FACT_TRACER_UID) &&
	       facts_number(of, MPW_FACT_UID) != facts_number(by, MPW_FACT_TRACER_UID);
}

static enum severity severity_of(const struct view *v)
{
	const struct traced *state = v->state;

	if (!makes_code(v))
		return SEVERITY_INFO;
	if (!state->was_free) /* of a process that ran before we did nobody knows */
		return view_is_whole(v) && !is_by_another(v) ? SEVERITY_INFO : SEVERITY_MEDIUM;
	return v->taken || state->made_code ? SEVERITY_MEDIUM : SEVERITY_HIGH;
}

static void change(struct view *v)
{
	const struct event_call *c = &v->ev->call;
	struct traced *state = v->state;
	struct finding *f;

	if (v->ev->type != EVENT_CALL)
		return;
	if (!c->tracer_pid) {
		state->was_free = true;
		state->made_code = state->made_code || makes_code(v);
		return;
	}
	f = view_raise(v, rules, severity_of(v), FOLD_PROCESS);
	if (!f)
		return;
	why_range(&f->why, v->ch);
	buf_puts(&f->why, " was changed");
	why_rights(&f->why, v->ch);
	buf_puts(&f->why, " while ");
	why_comm(&f->why, c->tracer_comm);
	buf_puts(&f->why, ", pid ");
	buf_dec(&f->why, c->tracer_pid);
	if (is_by_another(v)) {
		buf_puts(&f->why, ", of user ");
		buf_dec(&f->why, facts_number(&v->ev->facts, MPW_FACT_TRACER_UID));
	}
	buf_puts(&f->why, ", traced the process");
	if (is_by_another(v)) {
		buf_puts(&f->why, " of user ");
		buf_dec(&f->why, facts_number(&v->proc->facts, MPW_FACT_UID));
	}
	if (state->was_free)
		buf_puts(&f->why, ", which had run without a tracer");
}

const struct detector detector_traced = {
	.name = "traced",
	.rules = rules,
	.turns = TURN_CHANGES,
	.state_bytes = sizeof(struct traced),
	.change = change,
};
