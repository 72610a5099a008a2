/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * anon-exec: memory without a file becomes executable in a process that had none such for long.
 * Programs that make code do so soon after they start.
 */
#include "detect/detectors.h"
#include "util/fmt.h"

static const struct rule rules[] = { { .id = "anon-exec", .technique = "T1055" }, { 0 } };

struct anon_exec {
	bool had; /* set once such memory was seen */
};

static bool is_anon(const struct view *v)
{
	enum object_kind kind = v->ch->after.obj->kind;

	return kind != OBJECT_FILE && kind != OBJECT_SPECIAL && kind != OBJECT_HEAP &&
	       !view_is_stack(v);
}

static void change(struct view *v)
{
	struct anon_exec *state = v->state;
	uint64_t age;
	struct finding *f;

	if (state->had || !(v->ch->after.flags & VMA_X) || !is_anon(v))
		return;
	state->had = true;
	if (v->turns & TURN_SEEN || v->ev->type != EVENT_CALL || !v->past->begun_ns ||
	    v->ev->ts_ns < v->past->begun_ns)
		return;
	age = v->ev->ts_ns - v->past->begun_ns;
	if (age < v->thresholds->anon_exec_after_ns)
		return;
	f = view_raise(v, rules, SEVERITY_MEDIUM, FOLD_REGION);
	if (!f)
		return;
	why_range(&f->why, v->ch);
	buf_puts(&f->why, " became executable");
	why_caller(&f->why, v->ch);
	buf_puts(&f->why, ", the first memory of no file to do so in the ");
	fmt_duration(&f->why, age);
	buf_puts(&f->why, " since the program started");
}

const struct detector detector_anon_exec = {
	.name = "anon-exec",
	.rules = rules,
	.turns = TURN_GETS_X | TURN_SEEN,
	.state_bytes = sizeof(struct anon_exec),
	.change = change,
};
