/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guard-gone: a guard, a mapping without any right next to a stack or the heap, becomes accessible.
 * Neither is reported: a thread's stack that is opened above its guard, and a heap of malloc's that
 * grows into its reservation.
 */
#include "detect/detectors.h"

static const struct rule rules[] = { { .id = "guard-gone" }, { 0 } };

/* True if this part was left closed when the stack above it was opened. */
static bool is_stack_guard(const struct view *v)
{
	const struct aspace *as = v->proc->mm->as;
	const struct attr above = aspace_at(as, v->ch->end);

	return v->marks & PAST_GUARD && attr_is_mapped(&above) && above.flags & VMA_PROT &&
	       past_same_stack(v->past, v->ch->start, v->ch->end);
}

static bool is_beside(const struct view *v, enum object_kind kind)
{
	const struct aspace *as = v->proc->mm->as;
	const struct attr below = aspace_at(as, v->ch->start - 1);
	const struct attr above = aspace_at(as, v->ch->end);

	return (attr_is_mapped(&below) && below.obj->kind == kind) ||
	       (attr_is_mapped(&above) && above.obj->kind == kind);
}

static void change(struct view *v)
{
	const char *of = NULL;
	struct finding *f;

	if (v->ch->before.obj->kind != OBJECT_ANON)
		return;
	if (is_stack_guard(v))
		of = "a thread's stack";
	else if (is_beside(v, OBJECT_STACK))
		of = "the stack";
	else if (is_beside(v, OBJECT_HEAP))
		of = "the heap";
	if (!of)
		return;
	f = view_raise(v, rules, SEVERITY_MEDIUM, FOLD_REGION);
	if (!f)
		return;
	buf_puts(&f->why, "the guard of ");
	why_range(&f->why, v->ch);
	buf_puts(&f->why, " next to ");
	buf_puts(&f->why, of);
	buf_puts(&f->why, " was opened (");
	why_prot(&f->why, &v->ch->before);
	buf_puts(&f->why, " -> ");
	why_prot(&f->why, &v->ch->after);
	buf_putc(&f->why, ')');
	why_caller(&f->why, v->ch);
}

const struct detector detector_guard = {
	.name = "guard",
	.rules = rules,
	.turns = TURN_OPENS,
	.change = change,
};
