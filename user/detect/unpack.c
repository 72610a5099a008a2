/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unpack: much memory without a file is written and made executable; then the program's own text is
 * unmapped or mapped over. The program was packed and has unpacked itself, or became another
 * without exec.
 */
#include "detect/detectors.h"
#include "util/fmt.h"

static const struct rule rules[] = { { .id = "unpack", .technique = "T1027.002" }, { 0 } };

struct unpack {
	uint64_t bytes;	     /* written and made executable */
	uint64_t start, end; /* the program's text; end is 0 while it is not known */
};

/* The program's text is the lowest code of a file: exec's events and snapshots go up by address. */
static void note_text(struct view *v, struct unpack *state)
{
	if (state->end || !(v->ch->after.flags & VMA_X) || v->ch->after.obj->kind != OBJECT_FILE)
		return;
	state->start = v->ch->start;
	state->end = v->ch->end;
}

static void count(struct view *v, struct unpack *state)
{
	const struct attr *a = &v->ch->after;

	if (a->obj->kind == OBJECT_FILE || a->obj->kind == OBJECT_SPECIAL)
		return;
	if (v->turns & TURN_GETS_WX ||
	    (!(v->turns & TURN_MAPS) && (v->ch->before.flags & VMA_W || v->marks & PAST_W)))
		state->bytes += v->ch->end - v->ch->start;
}

static void change(struct view *v)
{
	const struct object *exe = v->proc->exe;
	struct unpack *state = v->state;
	struct finding *f;

	if (v->ev->type != EVENT_CALL) {
		note_text(v, state);
		return;
	}
	if (v->turns & TURN_GETS_X)
		count(v, state);
	if (!(v->turns & TURN_LOSES_X && v->turns & TURN_LEAVES) || !exe ||
	    v->ch->start >= state->end || state->start >= v->ch->end ||
	    state->bytes < v->thresholds->unpack_bytes)
		return;
	f = view_raise(v, rules, SEVERITY_MEDIUM, FOLD_PROCESS);
	if (!f)
		return;
	fmt_size(&f->why, v->ch->end - v->ch->start);
	buf_puts(&f->why, " of the program's own code, ");
	why_name(&f->why, exe);
	buf_puts(&f->why, ", was ");
	buf_puts(&f->why, v->turns & TURN_MAPS ? "mapped over" : "unmapped");
	why_caller(&f->why, v->ch);
	buf_puts(&f->why, " after ");
	fmt_size(&f->why, state->bytes);
	buf_puts(&f->why, " of memory of no file were written and made executable");
}

const struct detector detector_unpack = {
	.name = "unpack",
	.rules = rules,
	.turns = TURN_GETS_X | TURN_LOSES_X | TURN_SEEN,
	.state_bytes = sizeof(struct unpack),
	.change = change,
};
