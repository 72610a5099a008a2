/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One function for each call that is refused for many reasons, in the order of the kernel's checks
 * (mm/mmap.c, mm/mprotect.c, mm/mremap.c). A check that the numbers prove ends it.
 */
#include "core/refusal_private.h"

#include <errno.h>

#include "core/effect.h"
#include "core/room.h"

#define GUARD_GAP (256 * page_bytes) /* stack_guard_gap= of the kernel's command line may differ */

static void find_mmap_memory(struct inquiry *q)
{
	uint64_t how = q->c->arg[3], asked = page_up(q->c->arg[1]);
	bool is_fixed = how & (ABI_MAP_FIXED | ABI_MAP_FIXED_NOREPLACE);
	bool is_private = !(how & ABI_MAP_SHARED);
	bool is_data = is_private && q->prot & VMA_W && !(how & ABI_MAP_GROWSDOWN);
	bool is_counted =
		!(how & ABI_MAP_HUGETLB) &&
		(is_private ? (q->prot & VMA_W) : (how & ABI_MAP_ANONYMOUS)) &&
		(!(how & ABI_MAP_NORESERVE) || inquiry_number(q, CONDITION_OVERCOMMIT) == 2);

	if (inquiry_map_count(q, false))
		return;
	if (!asked) /* of a length that wraps */
		asked = q->c->arg[1];
	else if (is_fixed)
		asked -= room_mapped(q->mm->as, inquiry_start(q), inquiry_end(q));
	if (inquiry_limits(q, asked, is_data) || (is_counted && inquiry_overcommit(q, asked)))
		return;
	if (!is_fixed && inquiry_room(q, asked))
		return;
	if (how & ABI_MAP_HUGETLB && q->r->huge_bytes) {
		inquiry_prove(q, REFUSAL_NO_HUGE_PAGE, inquiry_number(q, CONDITION_HUGE_TOTAL),
			      inquiry_number(q, CONDITION_HUGE_FREE), asked);
		return;
	}
	if (!(how & ABI_MAP_ANONYMOUS))
		inquiry_add(q, REFUSAL_DRIVER);
	inquiry_guess_memory(q, is_data);
}

static void find_mmap_invalid(struct inquiry *q)
{
	uint64_t how = q->c->arg[3];
	bool is_fixed = how & (ABI_MAP_FIXED | ABI_MAP_FIXED_NOREPLACE);

	if (inquiry_align(q, is_fixed ? q->c->arg[0] : 0, q->c->arg[1], false))
		return;
	if (q->c->arg[5] != page_down(q->c->arg[5]) && !(how & ABI_MAP_ANONYMOUS))
		inquiry_prove_plain(q, REFUSAL_ALIGN);
	else if (how & ABI_MAP_HUGETLB && q->has.has &&
		 !conditions_have(&q->has, CONDITION_HUGE_TOTAL))
		inquiry_prove_plain(q, REFUSAL_HUGE_SIZE);
	else if (how & ABI_MAP_HUGETLB)
		inquiry_prove_plain(q, REFUSAL_HUGE_ALIGN);
	else if (!(how & ABI_MAP_TYPE))
		inquiry_prove_plain(q, REFUSAL_FLAGS);
	else if (!(how & ABI_MAP_ANONYMOUS))
		inquiry_add(q, REFUSAL_DRIVER);
}

static void find_mmap_denied(struct inquiry *q)
{
	uint64_t how = q->c->arg[3];
	bool is_of_file = !(how & ABI_MAP_ANONYMOUS), is_fixed = how & ABI_MAP_FIXED;
	bool is_wx = (q->prot & VMA_WX) == VMA_WX;

	if (is_of_file && inquiry_file(q, how & ABI_MAP_SHARED, true))
		return;
	if (q->c->ret == -EACCES && is_wx && inquiry_number(q, CONDITION_MDWE)) {
		inquiry_prove_plain(q, REFUSAL_MDWE);
		return;
	}
	if (q->c->ret == -EPERM && is_fixed && inquiry_sealed(q, inquiry_start(q), inquiry_end(q)))
		return;
	if (is_fixed && q->c->arg[0] < inquiry_number(q, CONDITION_MIN_ADDR)) {
		inquiry_prove(q, REFUSAL_MIN_ADDR, inquiry_number(q, CONDITION_MIN_ADDR), 0,
			      q->c->arg[0]);
		return;
	}
	if (q->c->ret == -EPERM && how & ABI_MAP_LOCKED &&
	    !inquiry_limit(q, CONDITION_MEMLOCK_LIMIT)) {
		inquiry_prove(q, REFUSAL_RLIMIT_MEMLOCK, 0, 0, page_up(q->c->arg[1]));
		return;
	}
	inquiry_guess_denied(q, is_of_file, is_wx);
}

static void find_mmap(struct inquiry *q)
{
	const struct vma *v;

	switch (-q->c->ret) {
	case ENOMEM:
		find_mmap_memory(q);
		break;
	case EINVAL:
		find_mmap_invalid(q);
		break;
	case EACCES:
	case EPERM:
		find_mmap_denied(q);
		break;
	case EAGAIN:
		if (!inquiry_memlock(q, page_up(q->c->arg[1])))
			inquiry_add(q, REFUSAL_RLIMIT_MEMLOCK);
		break;
	case EEXIST:
		v = room_first(q->mm->as, inquiry_start(q), inquiry_end(q), 0, 0);
		if (v)
			inquiry_prove_vma(q, REFUSAL_IN_WAY, v);
		break;
	case EBADF:
		inquiry_prove_plain(q, REFUSAL_DESCRIPTOR);
		break;
	case ENODEV:
	case ENXIO:
		inquiry_prove_plain(q, REFUSAL_DRIVER);
		break;
	}
}

static void find_protect_memory(struct inquiry *q)
{
	const struct vma *v;
	uint64_t asked;

	if (inquiry_hole(q, inquiry_start(q), inquiry_end(q)) || inquiry_map_count(q, true))
		return;
	/* one mapping after the other becomes data, and is charged */
	v = room_first(q->mm->as, inquiry_start(q), inquiry_end(q), VMA_W | VMA_SHARED, 0);
	if (!(q->prot & VMA_W) || !v) {
		inquiry_guess_range(q, REFUSAL_HOLE);
		return;
	}
	asked = (v->end < inquiry_end(q) ? v->end : inquiry_end(q)) -
		(v->start > inquiry_start(q) ? v->start : inquiry_start(q));
	if (limit_is_passed(inquiry_limit(q, CONDITION_DATA_LIMIT),
			    inquiry_number(q, CONDITION_DATA_USED), asked))
		inquiry_prove(q, REFUSAL_RLIMIT_DATA, inquiry_limit(q, CONDITION_DATA_LIMIT),
			      inquiry_number(q, CONDITION_DATA_USED), asked);
	else if (!inquiry_overcommit(q, asked))
		inquiry_guess_memory(q, true);
}

static void find_protect_denied(struct inquiry *q)
{
	uint64_t lo = inquiry_start(q), hi = inquiry_end(q);
	const struct vma *v = room_first(q->mm->as, lo, hi, 0, 0);
	bool is_of_file = v && object_has_offsets(v->attr.obj);

	if (q->c->ret == -EPERM && inquiry_sealed(q, lo, hi))
		return;
	if (conditions_have(&q->has, CONDITION_PLACE)) {
		if (!inquiry_file(q, true, false))
			inquiry_prove_plain(q, REFUSAL_DRIVER);
		return;
	}
	if (q->c->ret == -EPERM)
		inquiry_add(q, REFUSAL_SEALED);
	else if (q->prot & VMA_X && inquiry_number(q, CONDITION_MDWE) &&
		 inquiry_prove_plain(q, REFUSAL_MDWE))
		return;
	inquiry_guess_denied(q, is_of_file, q->prot & VMA_X);
}

static void find_mprotect(struct inquiry *q)
{
	switch (-q->c->ret) {
	case ENOMEM:
		find_protect_memory(q);
		break;
	case EACCES:
	case EPERM:
		find_protect_denied(q);
		break;
	case EINVAL:
		if (!inquiry_align(q, call_start(q->c), 0, true) && q->c->arg[2] & ABI_PROT_GROWS)
			inquiry_prove_plain(q, REFUSAL_FLAGS);
		break;
	}
}

static void find_munmap(struct inquiry *q)
{
	if (q->c->ret == -ENOMEM && !inquiry_map_count(q, true))
		inquiry_add(q, REFUSAL_MEMORY);
	else if (q->c->ret == -EPERM && !inquiry_sealed(q, inquiry_start(q), inquiry_end(q)))
		inquiry_add(q, REFUSAL_SEALED);
	else if (q->c->ret == -EINVAL)
		inquiry_align(q, call_start(q->c), call_len(q->c), false);
}

static void find_mremap_memory(struct inquiry *q)
{
	uint64_t lo = inquiry_start(q), old = page_up(q->c->arg[1]), new = page_up(q->c->arg[2]);
	uint64_t asked = new > old ? new - old : 0;
	const struct vma *v = room_first(q->mm->as, lo, lo + 1, 0, 0), *next;
	bool is_data = v && (v->attr.flags & (VMA_W | VMA_SHARED)) == VMA_W;

	next = room_first(q->mm->as, lo + old, lo + new, 0, 0);
	if (!(q->c->arg[3] & ABI_MREMAP_MAYMOVE) && next &&
	    inquiry_prove_vma(q, REFUSAL_IN_WAY, next))
		return;
	if (inquiry_limits(q, asked, is_data) || (is_data && inquiry_overcommit(q, asked)) ||
	    inquiry_map_count(q, true) ||
	    (q->c->arg[3] & ABI_MREMAP_MAYMOVE && inquiry_room(q, new)))
		return;
	inquiry_guess_memory(q, is_data);
}

static void find_mremap(struct inquiry *q)
{
	uint64_t lo = inquiry_start(q), hi = inquiry_end(q), how = q->c->arg[3];

	switch (-q->c->ret) {
	case EFAULT:
		if (!inquiry_hole(q, lo, hi > lo ? hi : lo + page_bytes))
			inquiry_add(q, aspace_is_known(q->mm->as) ? REFUSAL_SEVERAL : REFUSAL_HOLE);
		break;
	case ENOMEM:
		find_mremap_memory(q);
		break;
	case EAGAIN:
		if (!inquiry_memlock(q, page_up(q->c->arg[2]) - page_up(q->c->arg[1])))
			inquiry_add(q, REFUSAL_RLIMIT_MEMLOCK);
		break;
	case EPERM:
		if (!inquiry_sealed(q, lo, hi))
			inquiry_add(q, REFUSAL_SEALED);
		break;
	case EINVAL:
		if (!inquiry_align(q, q->c->arg[0], q->c->arg[2], false) &&
		    !inquiry_align(q, how & ABI_MREMAP_FIXED ? q->c->arg[4] : 0, 1, true) &&
		    how & (ABI_MREMAP_FIXED | ABI_MREMAP_DONTUNMAP) && !(how & ABI_MREMAP_MAYMOVE))
			inquiry_prove_plain(q, REFUSAL_FLAGS);
		break;
	}
}

/*
 * The kernel gives no reason for refusing a brk. It wants the range up to the new break to be free,
 * and a page behind it; in front of a mapping that grows down, its guard gap.
 */
static void find_brk(struct inquiry *q)
{
	uint64_t to = q->c->arg[0], end = page_up(q->c->ret), asked = page_up(to) - end, gap;
	uint64_t data = inquiry_limit(q, CONDITION_DATA_LIMIT), segment;
	const struct vma *v;

	if (!call_has_break(q->c))
		return;
	if (to < q->mm->start_brk) {
		inquiry_prove_plain(q, REFUSAL_BELOW_HEAP);
		return;
	}
	segment = to - q->mm->start_brk;
	if (q->mm->start_brk &&
	    limit_is_passed(data, inquiry_number(q, CONDITION_DATA_SEGMENT), segment)) {
		inquiry_prove(q, REFUSAL_RLIMIT_DATA, data,
			      inquiry_number(q, CONDITION_DATA_SEGMENT) + q->c->ret -
				      q->mm->start_brk,
			      to - q->c->ret);
		return;
	}
	if (to < end)
		return;
	v = q->mm->stale ? NULL : aspace_find(q->mm->as, end);
	gap = v && v->attr.flags & VMA_GROWSDOWN ? GUARD_GAP : page_bytes;
	if (v && (v->start < gap + page_up(to) || page_up(to) < to)) {
		inquiry_prove_vma(q, REFUSAL_IN_WAY, v);
		return;
	}
	if (inquiry_limits(q, asked, true) || inquiry_map_count(q, false) ||
	    inquiry_overcommit(q, asked) ||
	    (inquiry_number(q, CONDITION_LOCKS_ALL) && inquiry_memlock(q, asked)))
		return;
	if (!q->mm->stale)
		inquiry_guess_memory(q, true);
}

static void find_shmat(struct inquiry *q)
{
	if (q->c->ret == -EINVAL && q->c->arg[1] != page_down(q->c->arg[1]) &&
	    !(q->c->arg[2] & ABI_SHM_RND))
		inquiry_prove_plain(q, REFUSAL_ALIGN);
	else if (q->c->ret == -EINVAL || q->c->ret == -EIDRM)
		inquiry_add(q, REFUSAL_SEGMENT);
	if (q->c->ret == -EACCES || q->c->ret == -EPERM) {
		inquiry_add(q, REFUSAL_SEGMENT);
		inquiry_add(q, REFUSAL_LSM);
	}
	if (q->c->ret != -ENOMEM || inquiry_map_count(q, false))
		return;
	/* how big the segment is, nobody knows here */
	if (q->has.has && inquiry_limit(q, CONDITION_AS_LIMIT) != NO_LIMIT)
		inquiry_prove(q, REFUSAL_RLIMIT_AS, inquiry_limit(q, CONDITION_AS_LIMIT),
			      inquiry_number(q, CONDITION_AS_USED), 0);
	inquiry_guess_memory(q, false);
}

/* madvise, mseal and others with a range that must be mapped. */
static void find_range(struct inquiry *q)
{
	uint64_t lo = inquiry_start(q), hi = inquiry_end(q);

	switch (-q->c->ret) {
	case ENOMEM:
		if (!inquiry_hole(q, lo, hi) && !inquiry_map_count(q, true))
			inquiry_guess_range(q, REFUSAL_HOLE);
		break;
	case EAGAIN:
		if (!inquiry_map_count(q, true))
			inquiry_add(q, REFUSAL_MEMORY);
		break;
	case EPERM:
		if (!inquiry_sealed(q, lo, hi) && q->c->id != MPW_CALL_MSEAL)
			inquiry_add(q, REFUSAL_SEALED);
		break;
	case EINVAL:
		if (!inquiry_align(q, call_start(q->c), 0, true) && call_guards(q->c))
			inquiry_add(q, REFUSAL_LOCKED);
		break;
	}
}

struct attr failed_place(const struct event_call *c, const struct mm *mm)
{
	bool is_hint = c->id == MPW_CALL_MMAP &&
		       !(c->arg[3] & (ABI_MAP_FIXED | ABI_MAP_FIXED_NOREPLACE));

	if (!call_names_range(c->id) || is_hint || c->id == MPW_CALL_PRCTL)
		return (struct attr){ 0 };
	return aspace_at(mm->as, call_start(c));
}

bool refusal_wants_x(const struct event_call *c)
{
	if (c->id == MPW_CALL_SHMAT)
		return c->arg[2] & ABI_SHM_EXEC;
	return call_prot(c) & ABI_PROT_EXEC;
}

void refusal_find(const struct mm *mm, const struct event *ev, struct refusal *ret)
{
	struct inquiry q = { .mm = mm, .ev = ev, .c = &ev->call, .r = ret };

	conditions_read(&ev->facts, &q.has);
	ret->nr = 0;
	ret->lsm = q.has.has & CONDITIONS_LSM;
	ret->huge_bytes = inquiry_number(&q, CONDITION_HUGE_PAGE);
	q.prot = call_prot(q.c) & ABI_PROT_MASK;
	switch (ev->call.id) {
	case MPW_CALL_MMAP:
		find_mmap(&q);
		break;
	case MPW_CALL_MPROTECT:
	case MPW_CALL_PKEY_MPROTECT:
		find_mprotect(&q);
		break;
	case MPW_CALL_MUNMAP:
		find_munmap(&q);
		break;
	case MPW_CALL_MREMAP:
		find_mremap(&q);
		break;
	case MPW_CALL_BRK:
		find_brk(&q);
		break;
	case MPW_CALL_SHMAT:
		find_shmat(&q);
		break;
	case MPW_CALL_MADVISE:
	case MPW_CALL_MSEAL:
	case MPW_CALL_REMAP_FILE_PAGES:
		find_range(&q);
		break;
	case MPW_CALL_SHMDT:
	case MPW_CALL_MAP_SHADOW_STACK:
	case MPW_CALL_PRCTL:
	case MPW_CALL_PROCESS_MADVISE:
	case MPW_CALL_ARCH_PRCTL:
	case MPW_CALL_IO_SETUP:
	case MPW_CALL_IO_DESTROY:
	case MPW_NR_CALLS:
		break;
	}
}
