/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two hash tables: processes by pid, address spaces by the kernel's key. The kernel
 * reuses a key after its address space died. If the exit was lost, the old one is
 * still here, and only loses its key.
 */
#include "core/proctab.h"

#include <assert.h>
#include <stdlib.h>

#include "core/cast.h"
#include "core/makers.h"
#include "util/mem.h"

struct proctab {
	struct proc *procs;
	struct mm *mms;	   /* those whose key is their own */
	struct proc *last; /* found last: events come in runs */
};

struct proctab *proctab_new(void)
{
	return mem_alloc(sizeof(struct proctab));
}

void proctab_free(struct proctab *pt)
{
	if (!pt)
		return;
	while (pt->procs)
		proctab_remove(pt, pt->procs);
	free(pt);
}

struct proc *proctab_find(struct proctab *pt, uint32_t pid)
{
	struct proc *p;

	if (pt->last && pt->last->pid == pid)
		return pt->last;
	HASH_FIND(hh, pt->procs, &pid, sizeof(pid), p);
	pt->last = p;
	return p;
}

struct proc *proctab_next(const struct proctab *pt, const struct proc *p)
{
	return p ? p->hh.next : pt->procs;
}

struct proc *proctab_add(struct proctab *pt, uint32_t pid)
{
	struct proc *p = mem_alloc(sizeof(*p));

	p->pid = pid;
	HASH_ADD(hh, pt->procs, pid, sizeof(p->pid), p);
	return p;
}

static void mm_unkey(struct proctab *pt, struct mm *mm)
{
	if (!mm->key)
		return;
	HASH_DEL(pt->mms, mm);
	mm->key = 0;
}

static void mm_put(struct proctab *pt, struct mm *mm)
{
	if (!mm || --mm->nr_users)
		return;
	mm_unkey(pt, mm);
	if (mm->space)
		mm->space->mm = NULL;
	aspace_free(mm->as);
	aspace_free(mm->stale);
	aspace_free(mm->copies);
	aspace_free(mm->hidden);
	makers_put(mm->makers);
	free(mm);
}

/* p gets an address space around as. */
static struct mm *mm_give(struct proctab *pt, struct proc *p, uint64_t key, struct aspace *as)
{
	struct mm *mm = mem_alloc(sizeof(*mm)), *old = key ? proctab_find_mm(pt, key) : NULL;

	if (old)
		mm_unkey(pt, old);
	mm->key = key;
	mm->nr_users = 1;
	mm->as = as;
	if (key)
		HASH_ADD(hh, pt->mms, key, sizeof(mm->key), mm);
	mm_put(pt, p->mm);
	p->mm = mm;
	return mm;
}

void proctab_give_new(struct proctab *pt, struct proc *p, uint64_t key)
{
	mm_give(pt, p, key, aspace_new());
}

static void drop_dontcopy(struct aspace *as)
{
	const struct vma *v = aspace_find(as, 0);

	while (v) {
		uint64_t start = v->start, end = v->end;

		if (v->attr.flags & VMA_DONTCOPY)
			aspace_assign(as, start, end, NULL, NULL, NULL);
		v = aspace_find(as, end);
	}
}

void proctab_give_copy(struct proctab *pt, struct proc *p, uint64_t key, const struct mm *from)
{
	struct mm *mm = mm_give(pt, p, key, aspace_clone(from->as));

	mm->start_brk = from->start_brk;
	mm->brk = from->brk;
	mm->brk_top = from->brk_top;
	mm->exec_only_pkey = from->exec_only_pkey;
	mm->stale = from->stale ? aspace_clone(from->stale) : NULL;
	mm->copies = from->copies ? aspace_clone(from->copies) : NULL;
	mm->hidden = from->hidden ? aspace_clone(from->hidden) : NULL;
	mm->makers = makers_share(from->makers);
	mm->racy = from->racy;
	mm->given_up = from->given_up;
	mm->guards_known = from->guards_known;
	mm->guards_dropped = from->guards_dropped;
	mm->nr_guards = from->nr_guards;
	drop_dontcopy(mm->as);
}

void proctab_give_shared(struct proctab *pt, struct proc *p, struct mm *mm)
{
	mm->nr_users++;
	mm_put(pt, p->mm);
	p->mm = mm;
}

void proctab_remove(struct proctab *pt, struct proc *p)
{
	assert(p);
	pt->last = NULL;
	HASH_DEL(pt->procs, p);
	mm_put(pt, p->mm);
	facts_done(&p->facts);
	free(p);
}

void proctab_set_key(struct proctab *pt, struct mm *mm, uint64_t key)
{
	struct mm *old = proctab_find_mm(pt, key);

	assert(!mm->key && key);
	if (old)
		mm_unkey(pt, old);
	mm->key = key;
	HASH_ADD(hh, pt->mms, key, sizeof(mm->key), mm);
}

struct mm *proctab_find_mm(const struct proctab *pt, uint64_t key)
{
	struct mm *mm;

	HASH_FIND(hh, pt->mms, &key, sizeof(key), mm);
	return mm;
}
