/* SPDX-License-Identifier: BSD-2-Clause */
/* Who made a call: the place in the code that the mirror knows under an address. */
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

struct caller caller_of(const struct aspace *as, const struct event *ev)
{
	struct caller caller = { 0 };

	if (ev->type != EVENT_CALL)
		return caller;
	if (!points_to_code(as, ev->call.link, &caller) &&
	    !points_to_code(as, ev->call.ip, &caller))
		caller.addr = ev->call.ip;
	return caller;
}
