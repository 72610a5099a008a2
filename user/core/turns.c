/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The turns of a change: which rights its range got and lost, and whether it is another mapping
 * now. Where the state before is not known, a call that names the rights it wants has given them.
 */
#include "core/judge_private.h"
#include "core/object.h"

static bool is_call_of(const struct change *ch, enum mpw_call id)
{
	return ch->ev->type == EVENT_CALL && ch->ev->call.id == id;
}

/* True for a call that changes rights in place. */
static bool is_mprotect(const struct change *ch)
{
	return ch->ev->type == EVENT_CALL && call_is_mprotect(&ch->ev->call);
}

/* True if the same mapping is there before and after. */
static bool is_same(const struct change *ch)
{
	const struct attr *b = &ch->before, *a = &ch->after;

	if (attr_is_mapped(a) && is_mprotect(ch))
		return true;
	if (!attr_is_mapped(b) || !attr_is_mapped(a) || ch->ev->type == EVENT_EXEC)
		return false;
	if (is_call_of(ch, MPW_CALL_MMAP) || is_call_of(ch, MPW_CALL_SHMAT))
		return false;
	return object_same(a->obj, b->obj) ||
	       (a->obj->kind == b->obj->kind && a->obj->kind == OBJECT_ANON); /* was named */
}

/* True if nothing follows from the change but that the mapping is there. */
static bool is_seen(const struct change *ch, bool at_exec)
{
	if (attr_is_unknown(&ch->after))
		return true;
	if (!attr_is_unknown(&ch->before) || ch->ev->type == EVENT_EXEC ||
	    (at_exec && ch->ev->type == EVENT_RANGE))
		return false;
	return !is_mprotect(ch) && !is_call_of(ch, MPW_CALL_MMAP) &&
	       !is_call_of(ch, MPW_CALL_MREMAP) && !is_call_of(ch, MPW_CALL_SHMAT);
}

unsigned int turns_of(const struct change *ch, bool at_exec)
{
	uint16_t b = ch->before.flags, a = ch->after.flags, was;
	unsigned int turns = TURN_CHANGES;
	bool same = is_same(ch);

	if (is_seen(ch, at_exec))
		return TURN_SEEN;
	was = same ? b : 0;
	if (a & VMA_X && !(was & VMA_X))
		turns |= TURN_GETS_X;
	if (a & VMA_W && !(was & VMA_W))
		turns |= TURN_GETS_W;
	if (a & VMA_W && a & VMA_X && !(was & VMA_W && was & VMA_X))
		turns |= TURN_GETS_WX;
	if (same && (attr_is_unknown(&ch->before) ? VMA_PROT : b) & ~a & VMA_PROT)
		turns |= TURN_TAKES;
	if (b & VMA_X && !(same && a & VMA_X))
		turns |= TURN_LOSES_X;
	if (same && b & VMA_MAPPED && !(b & VMA_PROT) && a & VMA_PROT)
		turns |= TURN_OPENS;
	if (a & VMA_MAPPED && !same)
		turns |= TURN_MAPS;
	if (b & VMA_MAPPED && !same)
		turns |= TURN_LEAVES;
	return turns;
}
