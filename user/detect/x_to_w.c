/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x-to-w: executable memory becomes writable. In a file it is text about to be patched, which the
 * loader does (text relocations), and few modules to themselves; in [vdso] it is never innocent. Patched text that becomes
 * executable again counts as well.
 */
#include "detect/detectors.h"

static const struct rule anon[] = { { .id = "x-to-w" }, { 0 } };
static const struct rule vdso = { .id = "x-to-w", .technique = "T1055.014" };
static const struct rule text = { .id = "x-to-w", .technique = "T1055" };

static void write_why(struct buf *why, const struct view *v, bool back)
{
	why_range(why, v->ch);
	if (back)
		buf_puts(why, " is executable again after it was writable");
	else if (v->ch->after.obj->kind == OBJECT_FILE)
		buf_puts(why, ", code of a file, was made writable");
	else
		buf_puts(why, ", executable code, was made writable");
	why_rights(why, v->ch);
	why_caller(why, v->ch);
}

static enum severity severity_of(const struct view *v, const struct rule *rule, bool back)
{
	if (rule == anon || back)
		return SEVERITY_LOW;
	/* an image that a language's runtime maps was writable first; text never was */
	if (v->marks & PAST_W || view_called_by_loader(v))
		return SEVERITY_LOW;
	return view_called_by_itself(v, v->ch->after.obj) ? SEVERITY_MEDIUM : SEVERITY_HIGH;
}

/* True if patched text of a file is executable again. */
static bool is_back(const struct view *v)
{
	return v->turns & TURN_GETS_X && v->ch->after.obj->kind == OBJECT_FILE &&
	       v->marks & PAST_X && (v->ch->before.flags & VMA_W || v->marks & PAST_W);
}

/* True for code, and for text that has lost the right to be run on the way. */
static bool was_code(const struct view *v)
{
	enum object_kind kind = v->ch->after.obj->kind;

	return v->ch->before.flags & VMA_X || (v->marks & PAST_X && !(v->marks & PAST_W) &&
					       (kind == OBJECT_FILE || kind == OBJECT_SPECIAL));
}

static void change(struct view *v)
{
	enum object_kind kind;
	const struct rule *rule;
	struct finding *f;
	bool back;

	if (v->turns & TURN_MAPS || view_is_heap(v) || view_is_stack(v))
		return;
	kind = v->ch->after.obj->kind;
	back = is_back(v);
	if (!back && !(v->turns & TURN_GETS_W && was_code(v)))
		return;
	/* rwx memory without a file is wx's */
	if (!back && v->turns & TURN_GETS_WX && kind != OBJECT_FILE && kind != OBJECT_SPECIAL)
		return;
	rule = kind == OBJECT_FILE ? &text : kind == OBJECT_SPECIAL ? &vdso : anon;
	if (v->taken) {
		view_count_elsewhere(v, rule);
		return;
	}
	f = view_raise(v, rule, severity_of(v, rule, back), FOLD_REGION);
	if (f)
		write_why(&f->why, v, back);
}

const struct detector detector_x_to_w = {
	.name = "x-to-w",
	.rules = anon,
	.turns = TURN_GETS_W | TURN_GETS_X,
	.change = change,
};
