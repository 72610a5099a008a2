/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * traced: a change made while somebody ptraces the process, and can make it call anything. New code
 * counts for more than a debugger's presence, and most if the tracer came to a process that had run
 * without one.
 */
#include "detect/detectors.h"

static const struct rule rules[] = { { .id = "traced", .technique = "T1055.008" }, { 0 } };

struct traced {
	bool was_free; /* set once a call was made without a tracer */
};

/* True if the change makes code, other than files that the loader maps. */
static bool makes_code(const struct view *v)
{
	return v->turns & TURN_GETS_X && !view_called_by_loader(v) &&
	       !(v->turns & TURN_MAPS && v->ch->after.obj->kind == OBJECT_FILE &&
		 !(v->ch->after.flags & VMA_W));
}

static void change(struct view *v)
{
	const struct event_call *c = &v->ev->call;
	enum severity severity = SEVERITY_INFO;
	struct traced *state = v->state;
	struct finding *f;

	if (v->ev->type != EVENT_CALL)
		return;
	if (!c->tracer_pid) {
		state->was_free = true;
		return;
	}
	if (makes_code(v))
		severity = state->was_free && !v->taken ? SEVERITY_HIGH : SEVERITY_MEDIUM;
	f = view_raise(v, rules, severity, FOLD_PROCESS);
	if (!f)
		return;
	why_range(&f->why, v->ch);
	buf_puts(&f->why, " was changed");
	why_rights(&f->why, v->ch);
	buf_puts(&f->why, " while ");
	why_comm(&f->why, c->tracer_comm);
	buf_puts(&f->why, ", pid ");
	buf_dec(&f->why, c->tracer_pid);
	buf_puts(&f->why, ", traced the process");
	if (severity == SEVERITY_HIGH)
		buf_puts(&f->why, ", which had run without a tracer");
}

const struct detector detector_traced = {
	.name = "traced",
	.rules = rules,
	.turns = TURN_CHANGES,
	.state_bytes = sizeof(struct traced),
	.change = change,
};
