/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * relro-undone: memory that a module made read-only after relocation (its table of addresses to
 * call) is made writable again. A module may do so to itself.
 */
#include "core/object.h"
#include "detect/detectors.h"

static const struct rule rules[] = { { .id = "relro-undone", .technique = "T1055" }, { 0 } };

static void change(struct view *v)
{
	const struct caller *c = &v->ch->caller;
	enum severity severity = SEVERITY_HIGH;
	struct finding *f;

	if (!(v->marks & PAST_RELRO) || v->turns & TURN_MAPS)
		return;
	if (view_called_by_loader(v))
		severity = SEVERITY_LOW; /* for a library that wants executable stacks */
	else if (c->obj && object_same(c->obj, v->ch->after.obj))
		severity = SEVERITY_MEDIUM;
	f = view_raise(v, rules, severity, FOLD_REGION);
	if (!f)
		return;
	why_range(&f->why, v->ch);
	buf_puts(&f->why, ", read-only since its relocation, was made writable again (");
	why_prot(&f->why, &v->ch->before);
	buf_puts(&f->why, " -> ");
	why_prot(&f->why, &v->ch->after);
	buf_putc(&f->why, ')');
	why_caller(&f->why, v->ch);
}

const struct detector detector_relro = {
	.name = "relro",
	.rules = rules,
	.turns = TURN_GETS_W,
	.change = change,
};
