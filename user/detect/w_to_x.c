/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * w-to-x: writable memory becomes executable, at once or by way of other rights. Text that was
 * patched is x-to-w's.
 */
#include "detect/detectors.h"
#include "util/fmt.h"

static const struct rule rules[] = { { .id = "w-to-x", .technique = "T1620" }, { 0 } };

static enum severity severity_of(const struct view *v)
{
	if (view_called_by_loader(v))
		return SEVERITY_LOW;
	if (view_called_by_stray(v))
		return SEVERITY_MEDIUM;
	/* no JIT writes to data of a module */
	return view_is_data(v) ? SEVERITY_MEDIUM : SEVERITY_LOW;
}

static bool is_others(const struct view *v)
{
	const struct attr *a = &v->ch->after;

	return view_is_heap(v) || view_is_stack(v) || v->marks & PAST_TEXT_GONE ||
	       (a->obj->kind == OBJECT_FILE && v->marks & PAST_X);
}

static void change(struct view *v)
{
	uint64_t since;
	struct finding *f;

	if (v->turns & (TURN_MAPS | TURN_GETS_WX) || is_others(v) ||
	    !(v->ch->before.flags & VMA_W || v->marks & PAST_W))
		return;
	if (v->taken) {
		view_count_elsewhere(v, rules);
		return;
	}
	f = view_raise(v, rules, severity_of(v), FOLD_REGION);
	if (!f)
		return;
	since = v->is_late ? 0 : past_writable_since(v->past, v->ch->start, v->ch->end);
	why_range(&f->why, v->ch);
	buf_puts(&f->why, v->marks & PAST_BSS ? ", data of a module (.bss), was made executable" :
						" was made executable");
	why_rights(&f->why, v->ch);
	why_caller(&f->why, v->ch);
	if (since) {
		buf_puts(&f->why, ", ");
		fmt_duration(&f->why, view_since(v, since));
		buf_puts(&f->why, " after it became writable");
	} else {
		buf_puts(&f->why, ", and was writable before");
	}
}

const struct detector detector_w_to_x = {
	.name = "w-to-x",
	.rules = rules,
	.turns = TURN_GETS_X,
	.change = change,
};
