/* SPDX-License-Identifier: BSD-2-Clause */
/* Copies are kept in a set like a mirror: mapped is the code that was there before. */
#include "core/copies.h"

#include "core/object.h"

/* True if a module's own call puts anonymous memory over its code. */
static bool is_begun(const struct change *ch)
{
	const struct attr *b = &ch->before, *a = &ch->after;

	return ch->ev->type == EVENT_CALL && b->flags & VMA_X && b->obj->kind == OBJECT_FILE &&
	       attr_is_mapped(a) && a->obj->kind == OBJECT_ANON && caller_is_own(ch, b->obj);
}

static void drop(struct mm *mm, uint64_t lo, uint64_t hi)
{
	if (mm->copies && lo < hi)
		aspace_assign(mm->copies, lo, hi, NULL, NULL, NULL);
}

void copies_change(struct mm *mm, const struct change *ch)
{
	if (is_begun(ch)) {
		if (!mm->copies)
			mm->copies = aspace_new();
		aspace_assign(mm->copies, ch->start, ch->end, &ch->before, NULL, NULL);
	} else if (ch->before.obj != ch->after.obj) {
		drop(mm, ch->start, ch->end);
	}
}

void copies_drop_mapped(struct mm *mm, const struct event_call *c)
{
	uint64_t len = c->id == MPW_CALL_MREMAP ? c->arg[2] : call_len(c);

	if (c->id == MPW_CALL_MREMAP || c->id == MPW_CALL_MMAP)
		drop(mm, c->ret, page_up(c->ret + len));
}

bool copies_at(const struct mm *mm, uint64_t addr, struct attr *ret)
{
	if (!mm->copies)
		return false;
	*ret = aspace_at(mm->copies, addr);
	return attr_is_mapped(ret);
}
