/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stomp: something else is mapped over text of a file; or, in two steps, code appears where such
 * text was unmapped. The loader maps a library's data, with a file and without, over the
 * reservation that its text made (as on arm64).
 */
#include "core/object.h"
#include "detect/detectors.h"

static const struct rule rules[] = { { .id = "stomp", .technique = "T1055" }, { 0 } };

/*
 * True if something else is mapped over text, or over what was text before it lost the right. What
 * has no right at all can do no harm yet. A file over itself is a module's layout, but for code that
 * can be written, or comes from another place in it.
 */
static bool is_over(const struct view *v)
{
	const struct attr *b = &v->ch->before, *a = &v->ch->after;

	if (!(v->turns & TURN_MAPS) || !(a->flags & VMA_PROT) || !attr_is_mapped(b) ||
	    (b->obj->kind != OBJECT_FILE && b->obj->kind != OBJECT_SPECIAL))
		return false;
	if (!(v->turns & TURN_LOSES_X) && !(a->flags & VMA_X && v->marks & PAST_X))
		return false;
	return !object_same(a->obj, b->obj) ||
	       (a->flags & VMA_X && (a->flags & VMA_W || a->off != b->off) &&
		!view_called_by_loader(v));
}

/* True if the kernel chose the place of a new mapping, which met a gap by chance. */
static bool is_by_chance(const struct view *v)
{
	return v->turns & TURN_MAPS && !call_names_place(&v->ev->call);
}

/* True if code appears where text was, but for a module that is mapped there. */
static bool is_after(const struct view *v)
{
	const struct attr *a = &v->ch->after;

	return v->turns & TURN_GETS_X && v->marks & PAST_TEXT_GONE && !is_by_chance(v) &&
	       !(v->turns & TURN_MAPS && a->obj->kind == OBJECT_FILE && !(a->flags & VMA_W));
}

static enum severity severity_of(const struct view *v, bool over)
{
	if (view_called_by_loader(v))
		return SEVERITY_INFO;
	/* a module that copies its own text, to huge pages say */
	return over && view_called_by_itself(v, v->ch->before.obj) ? SEVERITY_MEDIUM :
								     SEVERITY_HIGH;
}

static void change(struct view *v)
{
	bool over = v->ev->type == EVENT_CALL && is_over(v);
	struct finding *f;

	if (v->ev->type != EVENT_CALL || (!over && !is_after(v)))
		return;
	if (over && !(v->ch->after.flags & VMA_X) && view_called_by_loader(v))
		return;
	f = view_raise(v, rules, severity_of(v, over), FOLD_REGION);
	if (!f)
		return;
	why_range(&f->why, v->ch);
	if (over) {
		buf_puts(&f->why, " (");
		why_prot(&f->why, &v->ch->after);
		buf_puts(&f->why, ") was mapped over code of ");
		why_name(&f->why, v->ch->before.obj);
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
