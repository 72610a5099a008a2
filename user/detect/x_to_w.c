/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x-to-w: executable memory becomes writable. In a file it is text about to be patched, which only
 * the loader does (text relocations); in [vdso] it is never innocent. Patched text that becomes
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
		buf_puts(why, " is executable again after it was writable (");
	else if (v->ch->after.obj->kind == OBJECT_FILE)
		buf_puts(why, ", code of a file, was made writable (");
	else
		buf_puts(why, ", executable code, was made writable (");
	why_prot(why, &v->ch->before);
	buf_puts(why, " -> ");
	why_prot(why, &v->ch->after);
	buf_putc(why, ')');
	why_caller(why, v->ch);
}

static void change(struct view *v)
{
	uint16_t b = v->ch->before.flags;
	enum object_kind kind;
	enum severity severity;
	const struct rule *rule;
	struct finding *f;
	bool back;

	if (v->taken || v->turns & TURN_MAPS)
		return;
	kind = v->ch->after.obj->kind;
	back = v->turns & TURN_GETS_X && kind == OBJECT_FILE && v->marks & PAST_X &&
	       (b & VMA_W || v->marks & PAST_W);
	if (!back && !(v->turns & TURN_GETS_W && b & VMA_X))
		return;
	if (kind == OBJECT_HEAP || view_is_stack(v))
		return;
	/* rwx memory without a file is wx's */
	if (!back && v->turns & TURN_GETS_WX && kind != OBJECT_FILE && kind != OBJECT_SPECIAL)
		return;
	rule = kind == OBJECT_FILE ? &text : kind == OBJECT_SPECIAL ? &vdso : anon;
	severity = rule == anon ? SEVERITY_LOW : SEVERITY_HIGH;
	/* an image that a language's runtime maps was writable first; text never was */
	if (back || v->marks & PAST_W || view_called_by_loader(v))
		severity = SEVERITY_LOW;
	f = view_raise(v, rule, severity, FOLD_REGION);
	if (f)
		write_why(&f->why, v, back);
}

const struct detector detector_x_to_w = {
	.name = "x-to-w",
	.rules = anon,
	.turns = TURN_GETS_W | TURN_GETS_X,
	.change = change,
};
