/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * jit-like: a process that makes code again and again, in memory without a file and by code of
 * files, gets one verdict with its numbers. Changes counted there are taken: they make no finding
 * of their own. Stacks, the heap and text of files are never part of it.
 */
#include "detect/detectors.h"
#include "util/fmt.h"

static const struct rule rules[] = { { .id = "jit-like" }, { 0 } };

struct jit {
	uint64_t nr; /* calls: one can change many mappings */
	uint64_t last_event, most_bytes, first_ns;
};

static bool is_code_memory(const struct view *v)
{
	const struct object *obj = v->ch->after.obj;

	return (obj->kind == OBJECT_ANON || obj->kind == OBJECT_MEMFD ||
		obj->kind == OBJECT_SHARED_ANON) &&
	       !(v->marks & (PAST_TEXT_GONE | PAST_BSS | PAST_HEAP)) && !view_is_stack(v);
}

/* True for changes from writable to executable, the reverse, and to both at once. */
static bool makes_code(const struct view *v)
{
	uint16_t b = v->ch->before.flags, a = v->ch->after.flags;

	if (v->turns & TURN_GETS_WX)
		return true;
	if (v->turns & TURN_MAPS)
		return false;
	return (v->turns & TURN_GETS_X && (b & VMA_W || v->marks & PAST_W)) ||
	       (v->turns & TURN_GETS_W && b & VMA_X && a & VMA_W);
}

static void change(struct view *v)
{
	struct jit *jit = v->state;
	uint64_t bytes = v->ch->end - v->ch->start;
	struct finding *f;

	if (v->ev->type != EVENT_CALL || !attr_is_mapped(&v->ch->after) || !is_code_memory(v) ||
	    !makes_code(v) || view_called_by_stray(v))
		return;
	if (!jit->nr)
		jit->first_ns = v->ev->ts_ns;
	jit->nr += jit->last_event != v->event_nr;
	jit->last_event = v->event_nr;
	if (bytes > jit->most_bytes)
		jit->most_bytes = bytes;
	if (jit->nr < v->thresholds->jit_changes)
		return;
	v->taken = !view_is_off(v, rules);
	f = view_raise(v, rules, SEVERITY_INFO, FOLD_PROCESS);
	if (!f)
		return;
	buf_puts(&f->why, "behaves like a JIT: ");
	fmt_count(&f->why, jit->nr, "call");
	buf_puts(&f->why, " turned memory between writable and executable in ");
	fmt_duration(&f->why, view_since(v, jit->first_ns));
	buf_puts(&f->why, ", of ");
	fmt_size(&f->why, jit->most_bytes);
	buf_puts(&f->why, " at most,");
	why_caller(&f->why, v->ch);
	buf_puts(&f->why, "; all further ones are counted here");
}

const struct detector detector_jit = {
	.name = "jit",
	.rules = rules,
	.turns = TURN_GETS_X | TURN_GETS_W,
	.state_bytes = sizeof(struct jit),
	.change = change,
};
