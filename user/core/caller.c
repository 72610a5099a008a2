/* SPDX-License-Identifier: BSD-2-Clause */
/* Callers: the mirror's module and offset for an address in a call. */
#include "core/change.h"

static bool points_to_code(const struct aspace *as, uint64_t addr, struct caller *ret)
{
	const struct vma *v = aspace_find(as, addr);

	if (!v || v->start > addr || !(v->attr.flags & VMA_X))
		return false;
	ret->addr = addr;
	ret->obj = v->attr.obj;
	ret->off = addr - v->start + (object_has_offsets(v->attr.obj) ? v->attr.off : 0);
	return true;
}

/*
 * libc is code of a file, and leaves a return address on the stack; other code may leave anything.
 */
static bool is_of_file(const struct caller *c)
{
	return c->obj && (c->obj->kind == OBJECT_FILE || c->obj->kind == OBJECT_SPECIAL);
}

struct caller caller_at(const struct aspace *as, uint64_t ip)
{
	struct caller caller = { 0 };

	if (!points_to_code(as, ip, &caller))
		caller.addr = ip;
	return caller;
}

struct caller caller_of(const struct aspace *as, const struct event *ev)
{
	struct caller self = { 0 };

	if (ev->type == EVENT_CALL && points_to_code(as, ev->call.ip, &self) && !is_of_file(&self))
		return self;
	return caller_of_libc(as, ev);
}

struct caller caller_of_libc(const struct aspace *as, const struct event *ev)
{
	struct caller caller = { 0 };

	if (ev->type != EVENT_CALL)
		return caller;
	if (!points_to_code(as, ev->call.link, &caller) &&
	    !points_to_code(as, ev->call.ip, &caller))
		caller.addr = ev->call.ip;
	return caller;
}
