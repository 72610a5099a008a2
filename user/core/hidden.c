/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kept in a set like a mirror, from the first call that is not proven to the next snapshot: mapped
 * is where key and DONTCOPY are known better than in the mirror.
 */
#include "core/hidden.h"

#include "core/effect.h"

#define HIDDEN_MAX 4096 /* ranges; what finds no room is as the mirror has it */

static const struct object nothing;

/* Key and DONTCOPY at addr, up to *to at most. */
static struct attr hidden_at(const struct mm *mm, uint64_t addr, uint64_t *to)
{
	const struct aspace *sets[] = { mm->hidden, mm->as };
	struct attr ret = { .flags = VMA_MAPPED, .obj = &nothing };
	const struct vma *v;
	size_t i;

	for (i = 0; i < 2; i++) {
		v = sets[i] ? aspace_find(sets[i], addr) : NULL;
		if (v && v->start > addr)
			*to = v->start < *to ? v->start : *to;
		if (!v || v->start > addr)
			continue;
		*to = v->end < *to ? v->end : *to;
		ret.flags |= v->attr.flags & VMA_DONTCOPY;
		ret.pkey = v->attr.pkey;
		break;
	}
	return ret;
}

static void assign(struct mm *mm, uint64_t lo, uint64_t hi, const struct attr *attr)
{
	if (!mm->hidden)
		mm->hidden = aspace_new();
	if (lo < hi && aspace_nr_vmas(mm->hidden) < HIDDEN_MAX)
		aspace_assign(mm->hidden, lo, hi, attr, NULL, NULL);
}

/* Memory that is new, or gone, has neither. */
static void renew(struct mm *mm, uint64_t lo, uint64_t hi)
{
	const struct attr none = { .flags = VMA_MAPPED, .obj = &nothing };

	assign(mm, lo, hi, &none);
}

/* The pieces of a range get the call's key, or another DONTCOPY. */
static void edit(struct mm *mm, uint64_t lo, uint64_t hi, const struct event *ev)
{
	int32_t advice = call_advice(&ev->call);
	uint64_t to;

	for (; lo < hi; lo = to) {
		struct attr attr;

		to = hi;
		attr = hidden_at(mm, lo, &to);
		if (event_names_pkey(ev))
			attr.pkey = ev->call.arg[3];
		else if (advice == ABI_MADV_DONTFORK)
			attr.flags |= VMA_DONTCOPY;
		else
			attr.flags &= ~VMA_DONTCOPY;
		assign(mm, lo, to, &attr);
	}
}

static void move(struct mm *mm, const struct event_call *c)
{
	uint64_t to = MPW_TASK_MAX;
	struct attr attr = hidden_at(mm, c->arg[0], &to);

	renew(mm, c->arg[0], page_up(c->arg[0] + c->arg[1]));
	assign(mm, c->ret, page_up(c->ret + c->arg[2]), &attr);
}

void hidden_ask(struct mm *mm, const struct event *ev)
{
	const struct event_call *c = &ev->call;
	uint64_t lo = page_down(c->arg[0]), hi = page_up(c->arg[0] + c->arg[1]);
	int32_t advice = call_advice(c);

	if (c->id == MPW_CALL_MMAP)
		renew(mm, c->ret, page_up(c->ret + c->arg[1]));
	else if (c->id == MPW_CALL_MUNMAP)
		renew(mm, lo, hi);
	else if (c->id == MPW_CALL_MREMAP)
		move(mm, c);
	else if (event_names_pkey(ev) ||
		 (c->id == MPW_CALL_MADVISE &&
		  (advice == ABI_MADV_DONTFORK || advice == ABI_MADV_DOFORK)))
		edit(mm, lo, hi, ev);
}

void hidden_fill(const struct mm *mm, uint64_t addr, uint64_t *to, struct attr *seen)
{
	const struct vma *v = mm->hidden ? aspace_find(mm->hidden, addr) : NULL;

	if (!v)
		return;
	if (v->start > addr) {
		*to = v->start < *to ? v->start : *to;
		return;
	}
	*to = v->end < *to ? v->end : *to;
	seen->flags = (seen->flags & ~VMA_DONTCOPY) | (v->attr.flags & VMA_DONTCOPY);
	seen->pkey = v->attr.pkey;
}

void hidden_done(struct mm *mm)
{
	aspace_free(mm->hidden);
	mm->hidden = NULL;
}
