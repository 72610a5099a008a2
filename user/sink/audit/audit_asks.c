/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions of security modules: at calls, and at what was mapped without one. */
#include "core/effect.h"
#include "core/lsm.h"
#include "core/stale.h"
#include "sink/audit/audit_private.h"

static const struct object unknown = { .kind = OBJECT_UNKNOWN };
static const struct object segment = { .kind = OBJECT_SYSV };

static bool is_in_heap(const struct mm *mm, const struct vma *v)
{
	if (!mm->start_brk || !mm->brk)
		return v->attr.obj->kind == OBJECT_HEAP;
	return v->start >= mm->start_brk && v->end <= mm->brk;
}

/* The modules see each mapping of the range whole, before the call cuts it. */
static struct lsm_asks asks_of_walk(const struct event *ev, const struct mm *mm)
{
	const struct event_call *c = &ev->call;
	uint64_t at = page_down(call_start(c)), end = call_start(c) + call_len(c);
	struct lsm_mapping m = { .obj = &unknown,
				 .before = VMA_MAPPED,
				 .after = VMA_MAPPED | mdwe_asked(c) };
	const struct vma *v = aspace_find(mm->as, at);
	struct lsm_asks ret = { 0 };
	uint64_t next = at;

	if (!aspace_is_known(mm->as) || (mm->stale && stale_at(mm, at, &next)))
		return lsm_asks(&m);
	for (; v && v->start <= at && at < end; at = v->end, v = aspace_next(mm->as, v)) {
		m.obj = v->attr.obj;
		m.before = v->attr.flags;
		m.after = (v->attr.flags & ~VMA_PROT) | mdwe_asked(c);
		m.in_heap = is_in_heap(mm, v);
		lsm_asks_add(&ret, lsm_asks(&m));
	}
	return ret;
}

void audit_asks_begin(struct audit_log *log, const struct event *ev, const struct mm *mm)
{
	log->asks = (struct lsm_asks){ 0 };
	if (mdwe_needs_past(&ev->call) && mdwe_is_attempt(&ev->call))
		log->asks = asks_of_walk(ev, mm);
}

static struct lsm_asks asks_of_new(const struct event *ev, const struct mm *mm)
{
	const struct event_call *c = &ev->call;
	struct lsm_mapping m = { .obj = c->id == MPW_CALL_SHMAT ? &segment : c->file,
				 .after = VMA_MAPPED | mdwe_asked(c) };
	struct attr made;

	if (!m.obj && !(c->arg[3] & ABI_MAP_ANONYMOUS))
		m.obj = &unknown;
	if (c->id == MPW_CALL_SHMAT || (c->arg[3] & ABI_MAP_TYPE) != ABI_MAP_PRIVATE)
		m.after |= VMA_SHARED;
	if (!event_is_failed(ev)) {
		made = aspace_at(mm->as, (uint64_t)c->ret);
		if (attr_is_mapped(&made)) {
			m.obj = made.obj;
			m.after = made.flags;
		}
	}
	return lsm_asks(&m);
}

struct lsm_asks audit_asks_of(const struct audit_log *log, const struct event *ev,
			      const struct mm *mm)
{
	struct lsm_asks none = { 0 };

	if (!mdwe_is_attempt(&ev->call))
		return none;
	if (call_is_mprotect(&ev->call))
		return log->asks;
	if (ev->call.id == MPW_CALL_MMAP || ev->call.id == MPW_CALL_SHMAT)
		return asks_of_new(ev, mm);
	return none;
}

struct lsm_asks audit_asks_mapped(const struct attr *a, bool loaded)
{
	const struct lsm_mapping m = { .obj = a->obj, .after = a->flags };
	struct lsm_asks ret = { 0 };

	if (!attr_is_mapped(a) || (loaded && a->obj->kind != OBJECT_FILE) ||
	    a->obj->kind == OBJECT_SPECIAL)
		return ret;
	ret = lsm_asks(&m);
	if (a->obj->kind == OBJECT_HEAP || a->obj->kind == OBJECT_STACK) { /* the kernel's, maybe */
		ret.maybe = ret.sure;
		ret.sure = 0;
	}
	return ret;
}

void audit_note_code(struct audit_log *log, const struct change *ch)
{
	const struct attr *a = &ch->after;
	unsigned int i;

	if (!(a->flags & VMA_X) || a->obj->kind != OBJECT_FILE ||
	    (ch->before.flags & VMA_X && ch->before.obj == a->obj))
		return;
	for (i = 0; i < log->nr_places && log->places[i].dev != a->obj->dev; i++)
		;
	if (i == PLACES_MAX) {
		log->places_unlisted = true;
		return;
	}
	if (i == log->nr_places)
		log->places[log->nr_places++] =
			(struct code_place){ .dev = a->obj->dev, .first = a->obj };
	log->places[i].nr++;
}
