/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stomp: something else is mapped over text of a file; or, in two steps, code appears where such
 * text was unmapped. The loader maps a library's data, with a file and without, over the
 * reservation that its text made (as on arm64).
 */
#include "core/object.h"
#include "detect/detectors.h"

static const struct rule rules[] = { { .id = "stomp", .technique = "T1055" }, { 0 } };

static void change(struct view *v)
{
	const struct attr *b = &v->ch->before, *a = &v->ch->after;
	bool over = v->turns & TURN_LOSES_X && v->turns & TURN_MAPS &&
		    (b->obj->kind == OBJECT_FILE || b->obj->kind == OBJECT_SPECIAL) &&
		    !object_same(a->obj, b->obj);
	bool after = !over && v->turns & TURN_GETS_X && v->marks & PAST_TEXT_GONE &&
		     !(v->turns & TURN_MAPS && a->obj->kind == OBJECT_FILE && !(a->flags & VMA_W));
	struct finding *f;

	if (v->ev->type != EVENT_CALL || (!over && !after))
		return;
	if (over && !(a->flags & VMA_X) && view_called_by_loader(v))
		return;
	/* a new mapping whose place the kernel chose met the gap by chance */
	if (after && v->turns & TURN_MAPS && v->ev->call.id == MPW_CALL_MMAP &&
	    !(v->ev->call.arg[3] & ABI_MAP_FIXED))
		return;
	f = view_raise(v, rules, view_called_by_loader(v) ? SEVERITY_INFO : SEVERITY_HIGH,
		       FOLD_REGION);
	if (!f)
		return;
	why_range(&f->why, v->ch);
	if (over) {
		buf_puts(&f->why, " (");
		why_prot(&f->why, a);
		buf_puts(&f->why, ") was mapped over code of ");
		why_name(&f->why, b->obj);
	} else {
		buf_puts(&f->why,
			 " is executable where code of a file was before it was unmapped,");
	}
	why_caller(&f->why, v->ch);
}

const struct detector detector_stomp = {
	.name = "stomp",
	.rules = rules,
	.turns = TURN_LOSES_X | TURN_GETS_X,
	.change = change,
};
