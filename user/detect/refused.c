/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * refused-CAUSE: the kernel refused a call, and the cause is certain: a limit, a hole in the range, a
 * mapping in the way. A rule for each cause, and one finding for a process. Attempts that denied and
 * map-limit report are theirs.
 */
#include "core/refusal.h"
#include "detect/detectors.h"
#include "util/fmt.h"

#include <errno.h>

static const struct rule rules[] = {
#define REFUSED_RULE(ID, word) [REFUSAL_##ID] = { .id = "refused-" word },
	REFUSALS(REFUSED_RULE)
#undef REFUSED_RULE
		{ 0 },
};

/* True if the finding is another detector's. */
static bool is_others(const struct event_call *c, enum refusal_cause id)
{
	bool is_denied = c->ret == -EACCES || c->ret == -EPERM;

	return id == REFUSAL_MAP_COUNT || (is_denied && id == REFUSAL_SEALED) ||
	       (is_denied && refusal_wants_x(c));
}

static void failed(struct view *v)
{
	const struct event_call *c = &v->ev->call;
	struct refusal r;
	struct finding *f;

	if (c->unproven)
		return;
	refusal_find(v->proc->mm, v->ev, &r);
	if (r.nr != 1 || is_others(c, r.cause[0].id))
		return;
	f = view_raise(v, &rules[r.cause[0].id], SEVERITY_LOW, FOLD_PROCESS);
	if (!f)
		return;
	buf_puts(&f->why, call_name(c->id));
	if (call_names_range(c->id) && call_len(c)) {
		buf_puts(&f->why, " of ");
		fmt_size(&f->why, call_len(c));
	}
	buf_puts(&f->why, " was ");
	buf_puts(&f->why, call_is_refused(c) ? "" : "refused with ");
	word_outcome(&f->why, v->ev);
	why_caller(&f->why, v->ch);
	word_reason(&f->why, v->proc->mm, v->ev);
}

const struct detector detector_refused = {
	.name = "refused",
	.rules = rules,
	.failed = failed,
};
