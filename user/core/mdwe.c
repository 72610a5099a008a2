/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel checks in two places: mmap(2) and its relatives may not make a mapping with W and X,
 * and mprotect(2) may not, in its walk over mappings, do that or give X to one without it. brk(2),
 * mremap(2) and the kernel's own mappings are never checked. PROT_BTI of arm64 on executable
 * mappings gains nothing: that is why the prctl came, for the filter refuses it.
 */
#include "core/mdwe.h"

#include <errno.h>

#define WX (VMA_W | VMA_X)

static bool is_wx(uint16_t flags)
{
	return (flags & WX) == WX;
}

bool mdwe_filter_refuses(const struct event_call *c)
{
	if (c->id == MPW_CALL_MMAP)
		return is_wx(call_prot(c) & ABI_PROT_MASK);
	if (call_is_mprotect(c))
		return call_prot(c) & ABI_PROT_EXEC;
	return c->id == MPW_CALL_SHMAT && c->arg[2] & ABI_SHM_EXEC;
}

uint16_t mdwe_asked(const struct event_call *c)
{
	uint16_t flags = call_prot(c) & ABI_PROT_MASK;

	if (c->id == MPW_CALL_SHMAT) {
		flags = VMA_R | (c->arg[2] & ABI_SHM_RDONLY ? 0 : VMA_W);
		flags |= c->arg[2] & ABI_SHM_EXEC ? VMA_X : 0;
	}
	return flags & VMA_R && c->read_implies_exec ? flags | VMA_X : flags;
}

bool mdwe_needs_past(const struct event_call *c)
{
	return call_is_mprotect(c) && call_len(c) && mdwe_asked(c) & VMA_X;
}

bool mdwe_is_attempt(const struct event_call *c)
{
	return !ret_is_error(c->ret) || c->ret == -EACCES || c->ret == -EPERM ||
	       c->ret == -ENOMEM || c->ret == -EAGAIN;
}

static enum mdwe refuses_new(const struct event_call *c, const struct aspace *as)
{
	struct attr a;

	if (ret_is_error(c->ret))
		return mdwe_is_attempt(c) && is_wx(mdwe_asked(c)) ? MDWE_REFUSES : MDWE_ALLOWS;
	if (is_wx(mdwe_asked(c)) && !c->read_implies_exec)
		return MDWE_REFUSES;
	/* The mirror has the result of READ_IMPLIES_EXEC and of remap_file_pages(2). */
	a = aspace_at(as, c->id == MPW_CALL_REMAP_FILE_PAGES ? call_start(c) : (uint64_t)c->ret);
	if (attr_is_mapped(&a) ? is_wx(a.flags) : is_wx(mdwe_asked(c)))
		return MDWE_REFUSES;
	return MDWE_ALLOWS;
}

/* The answer of the kernel's walk, for a call that failed before its end. */
static enum mdwe refuses_walk(const struct event_call *c, const struct aspace *as, uint16_t flags)
{
	uint64_t at = page_down(call_start(c)), end = call_start(c) + call_len(c);
	const struct vma *v = aspace_find(as, at);

	if (!aspace_is_known(as))
		return MDWE_UNKNOWN;
	for (; v && v->start <= at && at < end; at = v->end, v = aspace_next(as, v))
		if (flags & VMA_W || !(v->attr.flags & VMA_X))
			return MDWE_REFUSES;
	return MDWE_ALLOWS;
}

static enum mdwe refuses_protect(const struct event_call *c, const struct aspace *as,
				 enum mdwe worst)
{
	uint16_t flags = mdwe_asked(c);
	enum mdwe met;

	if (!mdwe_needs_past(c))
		return MDWE_ALLOWS;
	/* READ_IMPLIES_EXEC leaves some mappings without X: only their changes show which. */
	if (!ret_is_error(c->ret) && call_prot(c) & ABI_PROT_EXEC && flags & VMA_W)
		return MDWE_REFUSES;
	if (!ret_is_error(c->ret) || !mdwe_is_attempt(c) || worst == MDWE_REFUSES)
		return worst;
	met = refuses_walk(c, as, flags);
	return met > worst ? met : worst;
}

enum mdwe mdwe_call(const struct event_call *c, const struct aspace *as, enum mdwe worst)
{
	if (call_is_mprotect(c))
		return refuses_protect(c, as, worst);
	if (c->id == MPW_CALL_MMAP || c->id == MPW_CALL_SHMAT || c->id == MPW_CALL_REMAP_FILE_PAGES)
		return refuses_new(c, as);
	return MDWE_ALLOWS;
}

enum mdwe mdwe_change(const struct change *ch)
{
	if (ch->ev->type != EVENT_CALL || !call_is_mprotect(&ch->ev->call) ||
	    !(ch->after.flags & VMA_X))
		return MDWE_ALLOWS;
	if (attr_is_unknown(&ch->before))
		return MDWE_UNKNOWN;
	return ch->after.flags & VMA_W || !(ch->before.flags & VMA_X) ? MDWE_REFUSES : MDWE_ALLOWS;
}

enum mdwe mdwe_loaded(const struct attr *a)
{
	return is_wx(a->flags) && a->obj->kind == OBJECT_FILE ? MDWE_REFUSES : MDWE_ALLOWS;
}

enum mdwe mdwe_found(const struct attr *a)
{
	if (!(a->flags & VMA_X))
		return MDWE_ALLOWS;
	switch (a->obj->kind) {
	case OBJECT_ANON: /* private: its code can only have come there while it was writable */
		return MDWE_REFUSES;
	case OBJECT_HEAP: /* the loader, or brk(2) under READ_IMPLIES_EXEC, may have made these */
	case OBJECT_STACK:
	case OBJECT_UNKNOWN:
		return MDWE_UNKNOWN;
	case OBJECT_SPECIAL:
		return MDWE_ALLOWS;
	case OBJECT_FILE:
	case OBJECT_MEMFD:
	case OBJECT_SYSV:
	case OBJECT_SHARED_ANON:
		break;
	}
	return a->flags & VMA_W ? MDWE_REFUSES : MDWE_ALLOWS;
}
