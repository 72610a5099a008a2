/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wx: a mapping becomes writable and executable at once. Text of a file is
 * x-to-w's, stacks and the heap are data-exec's.
 */
#include "detect/detectors.h"

static const struct rule rules[] = { { .id = "wx", .technique = "T1620" }, { 0 } };

static enum severity severity_of(const struct view *v)
{
	const struct attr *a = &v->ch->after;

	if (view_is_by_exec(v) || view_is_implied(v))
		return SEVERITY_LOW;
	if (view_called_by_stray(v))
		return SEVERITY_MEDIUM;
	/* others may write shared code; and code that a JIT writes has no file */
	if (a->flags & VMA_SHARED || view_is_data(v))
		return SEVERITY_MEDIUM;
	return SEVERITY_LOW;
}

static bool is_others(const struct view *v)
{
	const struct attr *b = &v->ch->before, *a = &v->ch->after;

	if (view_is_heap(v) || view_is_stack(v))
		return true;
	return !(v->turns & TURN_MAPS) && b->flags & VMA_X &&
	       (a->obj->kind == OBJECT_FILE || a->obj->kind == OBJECT_SPECIAL);
}

static void change(struct view *v)
{
	struct finding *f;

	if (is_others(v))
		return;
	if (v->taken) {
		view_count_elsewhere(v, rules);
		return;
	}
	f = view_raise(v, rules, severity_of(v), FOLD_REGION);
	if (!f)
		return;
	why_range(&f->why, v->ch);
	buf_puts(&f->why, v->turns & TURN_MAPS ? " was mapped" : " was made");
	buf_puts(&f->why, " writable and executable at once");
	why_rights(&f->why, v->ch);
	if (v->ch->after.flags & VMA_SHARED)
		buf_puts(&f->why, ", and is shared,");
	why_caller(&f->why, v->ch);
	why_implied(&f->why, v);
}

const struct detector detector_wx = {
	.name = "wx",
	.rules = rules,
	.turns = TURN_GETS_WX,
	.change = change,
};
