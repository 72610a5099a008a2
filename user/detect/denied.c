/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * denied: an attempt to get X, or to change sealed memory, was refused. Code that runs into a
 * protection tried something; some libraries only probe whether they may.
 */
#include "core/refusal.h"
#include "detect/detectors.h"
#include "util/fmt.h"

#include <errno.h>

static const struct rule rules[] = { { .id = "denied" }, { 0 } };

/* True if the call failed because of a sealed mapping. */
static bool meets_seal(const struct view *v)
{
	const struct vma *s = aspace_find(v->proc->mm->as, v->ch->start);

	if (v->ev->call.ret != -EPERM || v->ev->call.id == MPW_CALL_MSEAL ||
	    v->ev->call.id == MPW_CALL_SHMAT || v->ev->call.id == MPW_CALL_PRCTL)
		return false;
	for (; s && s->start < v->ch->end; s = aspace_next(v->proc->mm->as, s))
		if (s->attr.flags & VMA_SEALED)
			return true;
	return false;
}

static void failed(struct view *v)
{
	const struct event_call *c = &v->ev->call;
	const struct object *obj = v->ch->before.obj;
	bool sealed = meets_seal(v);
	enum severity severity = SEVERITY_LOW;
	struct finding *f;

	if (!sealed && !((c->ret == -EACCES || c->ret == -EPERM) && refusal_wants_x(c)))
		return;
	if (sealed || view_called_by_stray(v) ||
	    (obj && (obj->kind == OBJECT_STACK || obj->kind == OBJECT_HEAP ||
		     (obj->kind == OBJECT_FILE && c->id != MPW_CALL_MMAP))))
		severity = SEVERITY_MEDIUM;
	f = view_raise(v, rules, severity, FOLD_REGION);
	if (!f)
		return;
	buf_puts(&f->why, call_name(c->id));
	if (call_names_range(c->id)) {
		buf_puts(&f->why, " of ");
		fmt_size(&f->why, v->ch->end - v->ch->start);
	}
	if (obj) {
		buf_puts(&f->why, " of ");
		why_name(&f->why, obj);
	}
	buf_puts(&f->why, " was refused with ");
	word_outcome(&f->why, v->ev);
	why_caller(&f->why, v->ch);
	word_reason(&f->why, v->proc->mm, v->ev);
}

const struct detector detector_denied = {
	.name = "denied",
	.rules = rules,
	.failed = failed,
};
