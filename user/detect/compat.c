/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compat: a 64-bit program makes a call by the 32-bit entry (int 0x80), past everything that
 * watches or filters 64-bit calls alone. The kernel gives a 32-bit program no address above 4 GiB;
 * a 64-bit one has its stack and vdso there, however low it is linked. A process that ever had such
 * an address is remembered as wide: a program could unmap them first.
 */
#include "core/refusal.h"
#include "detect/detectors.h"

#define LIMIT (1ULL << 32)

static const struct rule rules[] = { { .id = "compat", .technique = "T1106" }, { 0 } };

struct compat {
	bool is_wide; /* set once a mapping above the limit was seen */
};

/*
 * True if a 64-bit program made the call by the 32-bit entry. The instruction pointer is known even
 * before the mirror is.
 */
static bool is_foreign(const struct view *v)
{
	const struct compat *state = v->state;

	return v->ev->type == EVENT_CALL && v->ev->call.compat &&
	       (state->is_wide || v->ev->call.ip >= LIMIT);
}

static void compat_raise(struct view *v)
{
	struct finding *f = view_raise(v, rules, SEVERITY_HIGH, FOLD_PROCESS);
	const struct event_call *c = &v->ev->call;

	if (!f)
		return;
	buf_puts(&f->why, call_name(c->id));
	buf_puts(&f->why, " of ");
	why_range(&f->why, v->ch);
	buf_puts(&f->why, " (");
	if (event_is_failed(v->ev)) {
		word_failure(&f->why, v->proc->mm, v->ev);
	} else {
		why_prot(&f->why, &v->ch->before);
		buf_puts(&f->why, " -> ");
		why_prot(&f->why, &v->ch->after);
	}
	buf_putc(&f->why, ')');
	why_caller(&f->why, v->ch);
	buf_puts(&f->why, " came by int 0x80, the entry of 32-bit programs, in a 64-bit one");
}

static void change(struct view *v)
{
	struct compat *state = v->state;

	if (v->ch->end > LIMIT && attr_is_mapped(&v->ch->after))
		state->is_wide = true;
	if (is_foreign(v) && !event_is_failed(v->ev))
		compat_raise(v);
}

static void failed(struct view *v)
{
	if (is_foreign(v))
		compat_raise(v);
}

const struct detector detector_compat = {
	.name = "compat",
	.rules = rules,
	.turns = TURN_CHANGES | TURN_SEEN,
	.state_bytes = sizeof(struct compat),
	.change = change,
	.failed = failed,
};
