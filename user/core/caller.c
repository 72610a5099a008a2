/* SPDX-License-Identifier: BSD-2-Clause */
/* Callers: the mirror's module and offset for an address in a call. */
#include "core/change.h"
#include "core/copies.h"
#include "core/object.h"

static bool points_to_code(const struct mm *mm, uint64_t addr, struct caller *ret)
{
	const struct vma *v = aspace_find(mm->as, addr);
	struct attr was;

	if (!v || v->start > addr || !(v->attr.flags & VMA_X))
		return false;
	ret->addr = addr;
	ret->is_copy = v->attr.obj->kind == OBJECT_ANON && copies_at(mm, addr, &was);
	if (ret->is_copy) {
		ret->obj = was.obj;
		ret->off = was.off;
		return true;
	}
	ret->obj = v->attr.obj;
	ret->off = addr - v->start + (object_has_offsets(v->attr.obj) ? v->attr.off : 0);
	return true;
}

/*
 * libc is code of a file, and leaves a return address on the stack; other code may leave anything.
 */
static bool is_of_file(const struct caller *c)
{
	return c->obj && !c->is_copy &&
	       (c->obj->kind == OBJECT_FILE || c->obj->kind == OBJECT_SPECIAL);
}

/* Functions are known where the event came with a stack. */
static void add_symbol(struct caller *c, const struct event *ev)
{
	const struct frame *f, *end;

	if (!ev->stack || !c->obj)
		return;
	for (f = ev->stack->frames, end = f + ev->stack->nr; f < end; f++)
		if (f->addr == c->addr && f->lasts) {
			c->symbol = f->symbol;
			c->symbol_off = f->symbol_off;
			return;
		}
}

struct caller caller_at(const struct mm *mm, uint64_t ip)
{
	struct caller caller = { 0 };

	if (!points_to_code(mm, ip, &caller))
		caller.addr = ip;
	return caller;
}

struct caller caller_of_fault(const struct mm *mm, const struct event *ev)
{
	struct caller caller = { 0 };

	if (!points_to_code(mm, ev->fault.ip, &caller) &&
	    !points_to_code(mm, facts_number(&ev->facts, MPW_FACT_RETURN), &caller))
		caller.addr = ev->fault.ip;
	add_symbol(&caller, ev);
	return caller;
}

struct caller caller_behind_fault(const struct mm *mm, const struct event *ev)
{
	struct caller self = { 0 }, caller = { 0 };

	if (!points_to_code(mm, ev->fault.ip, &self) || !is_of_file(&self) ||
	    !points_to_code(mm, facts_number(&ev->facts, MPW_FACT_RETURN), &caller) ||
	    object_same(self.obj, caller.obj))
		return (struct caller){ 0 };
	add_symbol(&caller, ev);
	return caller;
}

struct caller caller_of(const struct mm *mm, const struct event *ev)
{
	struct caller self = { 0 };

	if (ev->type == EVENT_CALL && points_to_code(mm, ev->call.ip, &self) &&
	    !is_of_file(&self)) {
		add_symbol(&self, ev);
		return self;
	}
	return caller_of_libc(mm, ev);
}

struct caller caller_of_libc(const struct mm *mm, const struct event *ev)
{
	struct caller caller = { 0 };

	if (ev->type != EVENT_CALL)
		return caller;
	if (!points_to_code(mm, ev->call.link, &caller) &&
	    !points_to_code(mm, ev->call.ip, &caller))
		caller.addr = ev->call.ip;
	add_symbol(&caller, ev);
	return caller;
}

bool caller_is_own(const struct change *ch, const struct object *obj)
{
	const struct caller *by = &ch->caller;
	const struct object *ip;

	if (!by->obj || by->is_copy || !obj || !object_same(by->obj, obj))
		return false;
	if (ch->proc->exe && object_same(obj, ch->proc->exe))
		return true;
	ip = caller_at(ch->proc->mm, ch->ev->call.ip).obj;
	return ip && !object_same(ip, obj);
}
