/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Kernel truth: what is mapped in a range now, read under the mmap lock. The
 * record enters the ring while the lock is held, so that the order of records
 * is the order in which the address space changed.
 */
#ifndef RANGE_BPF_H
#define RANGE_BPF_H

extern int bpf_iter_task_vma_new(struct bpf_iter_task_vma *it, struct task_struct *task,
				 __u64 addr) __weak __ksym;
extern struct vm_area_struct *bpf_iter_task_vma_next(struct bpf_iter_task_vma *it) __weak __ksym;
extern void bpf_iter_task_vma_destroy(struct bpf_iter_task_vma *it) __weak __ksym;

/* Where a readback ends. */
enum range_end {
	RANGE_AT_HI,	/* at hi */
	RANGE_VMA,	/* the whole mapping that holds lo, wherever it starts and ends */
	RANGE_NEXT_VMA, /* at the first mapping at or above hi */
};

static __always_inline void range_open(struct scratch *s, __u64 lo)
{
	struct mpw_range *r;
	__u32 at = s->len;

	if (at > SCRATCH_BYTES - sizeof(*r))
		return;
	r = (struct mpw_range *)(s->data + at);
	r->lo = lo;
	r->pad = 0;
	s->range_at = at;
	s->nr_vmas = 0;
	s->file = 0;
	s->len = at + sizeof(*r);
}

static __always_inline void range_set_lo(struct scratch *s, __u64 lo)
{
	__u64 at = s->range_at;

	if (at <= SCRATCH_BYTES - sizeof(struct mpw_range))
		((struct mpw_range *)(s->data + at))->lo = lo;
}

static __always_inline void range_close(struct scratch *s, __u64 hi)
{
	struct mpw_range *r;
	__u64 at = s->range_at;

	if (at > SCRATCH_BYTES - sizeof(*r))
		return;
	r = (struct mpw_range *)(s->data + at);
	r->hi = hi;
	r->nr_vmas = s->nr_vmas;
}

static __always_inline void vma_put_name(struct scratch *s, struct mpw_vma *v,
					 struct vm_area_struct *vma)
{
	const struct vm_operations_struct *ops = vma->vm_ops;
	struct mm_struct *mm = vma->vm_mm;

	if (ops && BPF_CORE_READ(ops, name)) {
		struct vm_special_mapping *special = vma->vm_private_data;

		v->name_kind = MPW_NAME_SPECIAL;
		name_put(s, BPF_CORE_READ(special, name));
	} else if (vma->vm_start < mm->brk && vma->vm_end > mm->start_brk) {
		v->name_kind = MPW_NAME_HEAP;
	} else if (vma->vm_start <= mm->start_stack && vma->vm_end >= mm->start_stack) {
		v->name_kind = MPW_NAME_STACK;
	} else if (bpf_core_field_exists(vma->anon_name)) {
		struct anon_vma_name *name = BPF_CORE_READ(vma, anon_name);

		if (name) {
			v->name_kind = MPW_NAME_ANON;
			name_put(s, name->name);
		}
	}
}

/* Append vma. */
static __always_inline void range_put(struct scratch *s, enum scratch_id id,
				      struct vm_area_struct *vma)
{
	struct file *file = vma->vm_file;
	struct mpw_vma *v;
	__u32 name_at;

	v = vma_open(s);
	if (!v)
		return;
	name_at = s->len;
	v->start = vma->vm_start;
	v->end = vma->vm_end;
	v->vm_flags = vma->vm_flags;
	v->off = (__u64)vma->vm_pgoff << 12;
	if (!file)
		vma_put_name(s, v, vma);
	else if ((__u64)file == s->file)
		v->name_kind = MPW_NAME_SAME;
	else
		vma_put_file(s, v, id, file);
	s->file = (__u64)file;
	s->nr_vmas++;
	vma_close(s, v, name_at);
}

/* What is to be read, and how far that got. */
struct walk {
	__u64 lo, hi;
	enum range_end end;
	__u32 max_bytes; /* stop when as many were sent; 0: never */
	int err;	 /* out: -errno of taking the lock */
	__u64 next;	 /* out: where to go on, or 0 if all was sent */
};

/* The record in s is full: send it, and go on with a RANGE record. False if there was no room. */
static __always_inline bool range_next_piece(struct scratch *s, __u64 at)
{
	struct mpw_range_rec *rec = (struct mpw_range_rec *)s->data;

	range_close(s, at);
	if (!emit_scratch(s, rec->head.tgid))
		return false;
	rec->head.kind = MPW_KIND_RANGE;
	__builtin_memset(&rec->id, 0, sizeof(rec->id));
	s->len = sizeof(*rec);
	range_open(s, at);
	return true;
}

/*
 * Append the range of w to the record in s, which is a whole head and fixed part, and send it;
 * what does not fit goes into RANGE records behind it. All is stamped and enters the ring while
 * the lock is held. If the lock is taken, the record is sent as MPW_F_BUSY, without a range.
 */
static __noinline int range_send(struct scratch *s, enum scratch_id id, struct task_struct *task,
				 struct walk *w)
{
	struct mpw_head *h = (struct mpw_head *)s->data;
	__u32 head_len = s->len, sent = 0;
	struct bpf_iter_task_vma it;
	struct vm_area_struct *vma;

	w->next = 0;
	range_open(s, w->lo);
	h->flags |= MPW_F_RANGE;
	w->err = bpf_iter_task_vma_new(&it, task, w->lo);
	h->ts_ns = bpf_ktime_get_boot_ns();
	while ((vma = bpf_iter_task_vma_next(&it))) {
		if (w->end == RANGE_VMA) {
			if (vma->vm_start < w->lo)
				range_set_lo(s, vma->vm_start);
			w->hi = vma->vm_end;
			w->end = RANGE_AT_HI;
		}
		if (vma->vm_start >= w->hi) {
			if (w->end == RANGE_NEXT_VMA)
				w->hi = vma->vm_start;
			break;
		}
		if (s->len > SCRATCH_BYTES - ENTRY_MAX) {
			sent += s->len;
			w->next = vma->vm_start;
			if (!range_next_piece(s, vma->vm_start) ||
			    (w->max_bytes && sent > w->max_bytes))
				break;
			w->next = 0;
		}
		range_put(s, id, vma);
	}
	if (w->err) {
		s->len = head_len;
		h->flags = (h->flags & ~MPW_F_RANGE) | MPW_F_BUSY;
	} else {
		range_close(s, w->hi);
	}
	if (!w->next)
		emit_scratch(s, h->tgid);
	bpf_iter_task_vma_destroy(&it);
	return 0;
}

#endif
