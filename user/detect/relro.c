/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * relro-undone: memory that a module made read-only after relocation (its table of addresses to
 * call) is made writable again. A module may do so to itself.
 */
#include "detect/detectors.h"

static const struct rule rules[] = { { .id = "relro-undone", .technique = "T1055" }, { 0 } };

static enum severity severity_of(const struct view *v)
{
	const struct object *obj = v->ch->after.obj;

	/* it keeps the rights of stacks there, and a library may want them executable */
	if (view_is_loading(v) && loading_is_loader(&v->past->loading, obj))
		return SEVERITY_LOW;
	return view_called_by_itself(v, obj) ? SEVERITY_MEDIUM : SEVERITY_HIGH;
}

static void change(struct view *v)
{
	struct finding *f;

	if (!(v->marks & PAST_RELRO) || v->turns & TURN_MAPS)
		return;
	f = view_raise(v, rules, severity_of(v), FOLD_REGION);
	if (!f)
		return;
	why_range(&f->why, v->ch);
	buf_puts(&f->why, ", read-only since its relocation, was made writable again");
	why_rights(&f->why, v->ch);
	why_caller(&f->why, v->ch);
}

const struct detector detector_relro = {
	.name = "relro",
	.rules = rules,
	.turns = TURN_GETS_W,
	.change = change,
};
