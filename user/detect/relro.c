/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * relro-undone: memory that a module made read-only after relocation (its table of addresses to
 * call) is made writable again, or gets other memory in its place. A module may do so to itself.
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

/* True if other memory takes its place, whatever its rights are: the table in it is another. */
static bool is_over(const struct view *v)
{
	return v->ev->type == EVENT_CALL && attr_is_mapped(&v->ch->before) &&
	       v->ch->after.flags & VMA_PROT && !view_called_by_loader(v);
}

static void change(struct view *v)
{
	struct finding *f;

	bool over = v->turns & TURN_MAPS;

	if (!(v->marks & PAST_RELRO) || (over && !is_over(v)))
		return;
	f = view_raise(v, rules, severity_of(v), FOLD_REGION);
	if (!f)
		return;
	why_range(&f->why, v->ch);
	buf_puts(&f->why, over ? " was mapped over what was read-only since its relocation" :
				 ", read-only since its relocation, was made writable again");
	why_rights(&f->why, v->ch);
	why_caller(&f->why, v->ch);
}

const struct detector detector_relro = {
	.name = "relro",
	.rules = rules,
	.turns = TURN_GETS_W | TURN_MAPS,
	.change = change,
};
