/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One function for each traced call, in two steps: find the pieces of the mirror
 * that the call touched, and assign their new attributes. Each returns as
 * apply_call().
 */
#include "core/apply.h"

#include <errno.h>

#include "core/effect.h"
#include "core/stale.h"

static void assign(const struct apply *a, uint64_t start, uint64_t end, const struct attr *attr)
{
	if (start < end)
		aspace_assign(a->mm->as, start, end, attr, a->fn, a->ctx);
}

/* Changes the attributes of one mapped piece. */
typedef void edit_fn(const struct apply *a, struct attr *attr);

/*
 * The call succeeded where the mirror has nothing: memory that is not known, mostly of a stack that
 * has grown by faults. It is stale, and has the rights that a call for rights gave it.
 */
static void edit_unknown(const struct apply *a, uint64_t start, uint64_t end, edit_fn *edit)
{
	const struct vma *above = aspace_find(a->mm->as, end), *below;
	struct attr attr = { .flags = VMA_MAPPED };
	uint64_t lo = start, hi = end;

	attr.obj = object_simple(a->objects, OBJECT_UNKNOWN);
	if (above && above->attr.flags & VMA_GROWSDOWN) { /* it is there up to the old stack */
		below = aspace_prev(a->mm->as, above);
		attr.obj = above->attr.obj;
		attr.flags |= VMA_GROWSDOWN;
		lo = below && below->end <= start ? below->end : start;
		hi = above->start > end ? above->start : end;
	}
	stale_mark(a->mm, lo, hi);
	if (!call_is_mprotect(&a->ev->call))
		return;
	edit(a, &attr);
	assign(a, start, end, &attr);
}

/* Edit [start, end), all of which is mapped, says the call; what the mirror lacks is stale. */
static void edit_pieces(const struct apply *a, uint64_t start, uint64_t end, edit_fn *edit)
{
	const struct vma *v;

	while (start < end) {
		uint64_t from, to;
		struct attr attr;

		v = aspace_find(a->mm->as, start);
		from = v && v->start < end ? v->start : end;
		if (from > start) {
			edit_unknown(a, start, from, edit);
			start = from;
			continue;
		}
		to = v->end < end ? v->end : end;
		attr = attr_advance(v->attr, start - v->start);
		edit(a, &attr);
		assign(a, start, to, &attr);
		start = to;
	}
}

/* Edit the pieces of [start, end) that are mapped: the call steps over holes. */
static void edit_mapped(const struct apply *a, uint64_t start, uint64_t end, edit_fn *edit)
{
	const struct vma *v;

	while (start < end && (v = aspace_find(a->mm->as, start)) && v->start < end) {
		uint64_t from = v->start > start ? v->start : start;
		uint64_t to = v->end < end ? v->end : end;
		struct attr attr = attr_advance(v->attr, from - v->start);

		edit(a, &attr);
		assign(a, from, to, &attr);
		start = to;
	}
}

static void edit_guard(const struct apply *a, struct attr *attr)
{
	(void)a;
	attr->flags |= VMA_GUARD;
}

static void edit_no_guard(const struct apply *a, struct attr *attr)
{
	(void)a;
	attr->flags &= ~VMA_GUARD;
}

/* True if another guard region may be added to the mirror; else the kernel is asked how many there are. */
static bool has_room_for_guard(const struct apply *a)
{
	if (a->mm->nr_guards < APPLY_GUARDS_MAX)
		a->mm->nr_guards++;
	return a->mm->nr_guards < APPLY_GUARDS_MAX;
}

/* True for a range that ends before it begins: the kernel refuses it before it does anything. */
static bool wraps(uint64_t start, uint64_t len)
{
	return page_up(start + len) <= start;
}

static uint16_t prot_flags(const struct apply *a, uint64_t prot)
{
	uint16_t flags = prot & ABI_PROT_MASK; /* VMA_R, W, X have the values of PROT_* */

	if (a->ev->call.read_implies_exec && flags & VMA_R)
		flags |= VMA_X;
	return flags;
}

static bool apply_mmap(const struct apply *a)
{
	const struct event_call *c = &a->ev->call;
	uint64_t flags = c->arg[3], start = c->ret;
	struct attr attr = { .flags = VMA_MAPPED };
	bool sure = true;

	if (event_is_failed(a->ev))
		return !(flags & ABI_MAP_FIXED) || wraps(c->arg[0], c->arg[1]);
	if (!c->arg[1]) /* the old mmap of 32-bit programs, of which nothing else is known */
		return false;
	attr.flags |= prot_flags(a, c->arg[2]);
	if (flags & ABI_MAP_SHARED)
		attr.flags |= VMA_SHARED;
	if (flags & ABI_MAP_GROWSDOWN)
		attr.flags |= VMA_GROWSDOWN;
	if (!(flags & ABI_MAP_ANONYMOUS)) {
		attr.obj = c->file;
		attr.off = c->arg[5];
		sure = c->file && !c->read_implies_exec;
	} else if (flags & ABI_MAP_SHARED) {
		struct object key = { .kind = OBJECT_SHARED_ANON,
				      .name = "/dev/zero",
				      .name_len = 9,
				      .deleted = true,
				      .inode_unknown = true };

		attr.obj = object_intern(a->objects, &key);
	}
	if (!attr.obj)
		attr.obj = object_simple(a->objects, OBJECT_ANON);
	assign(a, start, page_up(start + c->arg[1]), &attr);
	return sure && !(flags & ABI_MAP_HUGETLB);
}

static bool apply_munmap(const struct apply *a)
{
	const struct event_call *c = &a->ev->call;

	if (!event_is_failed(a->ev))
		assign(a, c->arg[0], page_up(c->arg[0] + c->arg[1]), NULL);
	return true;
}

/* True for PROT_EXEC alone, which the kernel implements with a protection key of its own. */
static bool is_exec_only(const struct mm *mm, const struct attr *attr)
{
	return mm->exec_only_pkey && attr->pkey == mm->exec_only_pkey &&
	       (attr->flags & VMA_PROT) == VMA_X;
}

static void edit_prot(const struct apply *a, struct attr *attr)
{
	if (is_exec_only(a->mm, attr))
		attr->pkey = 0;
	attr->flags = (attr->flags & ~VMA_PROT) | prot_flags(a, a->ev->call.arg[2]);
	if (event_names_pkey(a->ev))
		attr->pkey = a->ev->call.arg[3];
}

static bool apply_mprotect(const struct apply *a)
{
	const struct event_call *c = &a->ev->call;
	uint64_t start = page_down(c->arg[0]), end = page_up(c->arg[0] + c->arg[1]);

	if (event_is_failed(a->ev)) /* EINVAL changes nothing; after other errors some pieces did */
		return c->ret == -EINVAL || end <= start;
	edit_pieces(a, start, end, edit_prot);
	return !(c->arg[2] & ABI_PROT_GROWS) && !c->read_implies_exec;
}

static bool apply_pkey_mprotect(const struct apply *a)
{
	return apply_mprotect(a);
}

static bool apply_brk(const struct apply *a)
{
	const struct event_call *c = &a->ev->call;
	struct attr heap = { .flags = VMA_MAPPED | prot_flags(a, VMA_R | VMA_W) };
	uint64_t old_end = page_up(a->mm->brk), new_end = page_up(c->ret);

	if (!c->arg[0] || event_is_failed(a->ev))
		return true;
	if (!a->mm->brk)
		return false;
	heap.obj = object_simple(a->objects, OBJECT_HEAP);
	if (new_end < old_end)
		assign(a, new_end, old_end, NULL);
	else
		assign(a, old_end, new_end, &heap);
	return true;
}

/* A copy of the pieces of [start, end), for a move that may overwrite the originals. */
static struct aspace *copy_pieces(const struct aspace *as, uint64_t start, uint64_t end)
{
	struct aspace *ret = aspace_new();
	const struct vma *v;

	for (v = aspace_find(as, start); v && v->start < end; v = aspace_next(as, v))
		aspace_assign(ret, v->start, v->end, &v->attr, NULL, NULL);
	return ret;
}

/* Assign the pieces of old at "to"; the last one is stretched to fill new_len bytes. */
static void move_pieces(const struct apply *a, const struct aspace *old, uint64_t start,
			uint64_t end, uint64_t to)
{
	uint64_t new_end = to + page_up(a->ev->call.arg[2]), old_start = start;
	bool is_second = !a->ev->call.arg[1]; /* a second mapping: no page, and no guard, moves */
	const struct vma *v;

	for (v = aspace_find(old, start); v && v->start < end; v = aspace_next(old, v)) {
		uint64_t from = v->start > start ? v->start : start;
		uint64_t at = to + (from - old_start), stop = to + (v->end - old_start);
		struct attr attr = attr_advance(v->attr, from - v->start);

		attr.flags &= ~(VMA_SEALED | (is_second ? VMA_GUARD : 0));
		if (v->end >= end) /* behind what moved are new pages, and no guards */
			stop = attr.flags & VMA_GUARD ? to + (end - old_start) : new_end;
		assign(a, at, stop < new_end ? stop : new_end, &attr);
		if (v->end < end || stop >= new_end)
			continue;
		attr = attr_advance(attr, stop - at);
		attr.flags &= ~VMA_GUARD;
		assign(a, stop, new_end, &attr);
	}
}

static bool apply_mremap(const struct apply *a)
{
	const struct event_call *c = &a->ev->call;
	uint64_t start = c->arg[0], old_len = page_up(c->arg[1]), new_len = page_up(c->arg[2]);
	uint64_t flags = c->arg[3], to = c->ret, end = start + (old_len ? old_len : page_bytes);
	struct aspace *old;

	if (event_is_failed(a->ev))
		return !(flags & ABI_MREMAP_FIXED) || wraps(c->arg[4], c->arg[2]);
	if (to == start && old_len) {
		struct attr attr = aspace_at(a->mm->as, start);

		if (new_len < old_len)
			assign(a, start + new_len, start + old_len, NULL);
		else if (attr_is_mapped(&attr)) {
			attr = attr_advance(attr, old_len);
			attr.flags &= ~VMA_GUARD;
			assign(a, start + old_len, start + new_len, &attr);
		}
		return true;
	}
	old = copy_pieces(a->mm->as, start, end);
	if (old_len && !(flags & ABI_MREMAP_DONTUNMAP))
		assign(a, start, start + old_len, NULL);
	else if (old_len)
		edit_mapped(a, start, start + old_len, edit_no_guard); /* it has no pages left */
	move_pieces(a, old, start, end, to);
	aspace_free(old);
	return true;
}

static bool apply_shmat(const struct apply *a)
{
	return event_is_failed(a->ev);
}

/*
 * Unmap all pieces of the attach at addr: those whose offset in the segment is their distance from
 * addr. The kernel stops at the segment's size, which is not known here: so the mirror is stale
 * after a second piece.
 */
static bool apply_shmdt(const struct apply *a)
{
	const struct event_call *c = &a->ev->call;
	uint64_t addr = c->arg[0], at = addr;
	const struct object *segment = NULL;
	unsigned int nr_pieces = 0;
	const struct vma *v;

	if (event_is_failed(a->ev))
		return true;
	while ((v = aspace_find(a->mm->as, at))) {
		uint64_t start = v->start, end = v->end;

		at = end;
		if (v->attr.obj->kind != OBJECT_SYSV || start - addr != v->attr.off)
			continue;
		if (segment && v->attr.obj != segment)
			continue;
		segment = v->attr.obj;
		nr_pieces++;
		if (!(v->attr.flags & VMA_SEALED)) /* a sealed one stays, and shmdt() returns 0 */
			assign(a, start, end, NULL);
	}
	return nr_pieces == 1;
}

static bool apply_remap_file_pages(const struct apply *a)
{
	return event_is_failed(a->ev);
}

static void edit_seal(const struct apply *a, struct attr *attr)
{
	(void)a;
	attr->flags |= VMA_SEALED;
}

static bool apply_mseal(const struct apply *a)
{
	const struct event_call *c = &a->ev->call;

	if (event_is_failed(a->ev))
		return true;
	edit_pieces(a, c->arg[0], page_up(c->arg[0] + c->arg[1]), edit_seal);
	return true;
}

static bool apply_map_shadow_stack(const struct apply *a)
{
	const struct event_call *c = &a->ev->call;
	struct attr attr = { .flags = VMA_MAPPED | VMA_R | VMA_W };

	if (event_is_failed(a->ev))
		return true;
	attr.obj = object_simple(a->objects, OBJECT_ANON);
	assign(a, c->ret, page_up(c->ret + c->arg[1]), &attr);
	return true;
}

static void edit_advice(const struct apply *a, struct attr *attr)
{
	switch (call_advice(&a->ev->call)) {
	case ABI_MADV_DONTFORK:
		attr->flags |= VMA_DONTCOPY;
		break;
	case ABI_MADV_DOFORK:
		attr->flags &= ~VMA_DONTCOPY;
		break;
	case ABI_MADV_GUARD_INSTALL:
		attr->flags |= VMA_GUARD;
		break;
	case ABI_MADV_GUARD_REMOVE:
		attr->flags &= ~VMA_GUARD;
		break;
	}
}

/* madvise() fails with ENOMEM for holes, but only after it has done all mapped pieces. */
static bool apply_madvise(const struct apply *a)
{
	const struct event_call *c = &a->ev->call;
	uint64_t end = page_up(c->arg[0] + c->arg[1]);

	if (call_advice(c) == ABI_MADV_GUARD_INSTALL && !has_room_for_guard(a))
		return true;
	if (c->ret == -ENOMEM)
		edit_mapped(a, c->arg[0], end, edit_advice);
	if (event_is_failed(a->ev)) /* after other errors the pieces before are done */
		return c->ret == -ENOMEM || call_guards(c) || wraps(c->arg[0], c->arg[1]);
	edit_pieces(a, c->arg[0], end, edit_advice);
	return true;
}

static void edit_name(const struct apply *a, struct attr *attr)
{
	const struct object *named = a->ev->call.file;

	if (attr->obj->kind == OBJECT_ANON)
		attr->obj = named ? named : object_simple(a->objects, OBJECT_ANON);
}

static bool apply_prctl(const struct apply *a)
{
	const struct event_call *c = &a->ev->call;

	if ((uint32_t)c->arg[0] == ABI_PR_SET_MM) /* the heap has another place, and name */
		return event_is_failed(a->ev);
	if (event_is_failed(a->ev)) /* EBADF (a file), ENOMEM (a hole): some pieces are done */
		return c->ret == -EINVAL;
	edit_mapped(a, page_down(c->arg[2]), page_up(c->arg[2] + c->arg[3]), edit_name);
	return true;
}

static bool apply_process_madvise(const struct apply *a)
{
	return event_is_failed(a->ev) || call_guards(&a->ev->call);
}

static bool apply_arch_prctl(const struct apply *a)
{
	return event_is_failed(a->ev);
}

static bool apply_io_setup(const struct apply *a)
{
	return event_is_failed(a->ev);
}

static bool apply_io_destroy(const struct apply *a)
{
	return event_is_failed(a->ev);
}

bool apply_call(const struct apply *a)
{
	switch (a->ev->call.id) {
#define APPLY(ID, name, ...) \
	case MPW_CALL_##ID:  \
		return apply_##name(a);
		MPW_CALLS(APPLY)
#undef APPLY
	case MPW_NR_CALLS:
		break;
	}
	return true;
}

void apply_guards(const struct apply *a)
{
	const struct event *ev = a->ev;
	uint64_t at = ev->lo;
	size_t i;

	a->mm->nr_guards = 0;
	for (i = 0; i < ev->nr_seen && has_room_for_guard(a); i++) {
		edit_mapped(a, at, ev->seen[i].start, edit_no_guard);
		edit_mapped(a, ev->seen[i].start, ev->seen[i].end, edit_guard);
		at = ev->seen[i].end;
	}
	a->mm->guards_dropped = i < ev->nr_seen;
	if (!a->mm->guards_dropped)
		edit_mapped(a, at, ev->hi, edit_no_guard);
}
