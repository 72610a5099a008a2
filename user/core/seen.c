/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flags beside the rights are in no list of mappings, or only in some: sealed and guard in none,
 * DONTCOPY, GROWSDOWN and the key not in /proc/<pid>/maps. The kernel names "[stack]" only the
 * part of a split stack that holds the stack's start.
 */
#include "core/seen.h"

#include <string.h>

static bool is_nameless(const struct object *o)
{
	return o->kind == OBJECT_ANON && !o->name_len;
}

/*
 * True for calls in place of whose range there is something new afterwards. One that failed has
 * unmapped a part of the range at most.
 */
static bool replaces(const struct event *ev)
{
	if (ev->type != EVENT_CALL || event_is_failed(ev))
		return ev->type == EVENT_EXEC;
	return ev->call.id == MPW_CALL_MMAP || ev->call.id == MPW_CALL_MUNMAP ||
	       ev->call.id == MPW_CALL_SHMAT;
}

struct attr seen_attr(const struct event *ev, struct attr seen, const struct attr *was,
		      const struct attr *above)
{
	if (replaces(ev))
		return seen;
	if (!attr_is_mapped(was)) {
		if (is_nameless(seen.obj) && attr_is_mapped(above) &&
		    above->obj->kind == OBJECT_STACK)
			seen.obj = above->obj;
		return seen;
	}
	seen.flags |= was->flags & (VMA_SEALED | VMA_GUARD);
	if (was->obj->kind == OBJECT_STACK && is_nameless(seen.obj))
		seen.obj = was->obj;
	if (ev->from_maps) {
		seen.flags |= was->flags & (VMA_DONTCOPY | VMA_GROWSDOWN);
		seen.pkey = was->pkey;
	} else if (ev->check && ev->uring) {
		seen.flags = (seen.flags & ~VMA_DONTCOPY) | (was->flags & VMA_DONTCOPY);
	}
	return seen;
}

/* True if the two differ in the name alone, which one has and the other has not. */
static bool is_renamed_stack(const struct attr *before, const struct attr *after)
{
	struct attr renamed = *after;

	if (!attr_is_mapped(before) || !attr_is_mapped(after) || !is_nameless(before->obj) ||
	    after->obj->kind != OBJECT_STACK)
		return false;
	renamed.obj = before->obj;
	return attr_equal(before, &renamed);
}

bool seen_is_stack(const struct aspace *as, uint64_t end, const struct attr *before,
		   const struct attr *after)
{
	return aspace_is_growth(as, end, before, after) || is_renamed_stack(before, after);
}

static bool is_kernels(const struct attr *a)
{
	return attr_is_mapped(a) &&
	       (a->obj->kind == OBJECT_SPECIAL ||
		(a->obj->kind == OBJECT_FILE && !strcmp(a->obj->name, "/[aio]")));
}

bool seen_is_kernels(const struct attr *before, const struct attr *after)
{
	return (is_kernels(after) && !attr_is_mapped(before)) ||
	       (is_kernels(before) && !attr_is_mapped(after));
}
