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
	RANGE_VMA_END,	/* at the end of the mapping that holds lo */
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

/* Append vma. False if there is no room for it. */
static __always_inline bool range_put(struct scratch *s, enum scratch_id id,
				      struct vm_area_struct *vma)
{
	struct file *file = vma->vm_file;
	struct mpw_vma *v;
	__u32 name_at;

	if (s->len > SCRATCH_BYTES - ENTRY_MAX)
		return false;
	v = vma_open(s);
	if (!v)
		return false;
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
	return true;
}

/*
 * Append the range [lo, hi) of the current task's address space to the record
 * in s, and send it. What can't be read is sent as MPW_F_BUSY without a range.
 */
static __noinline int range_emit(struct scratch *s, __u64 lo, __u64 hi, enum range_end end)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mpw_head *h = (struct mpw_head *)s->data;
	__u32 head_len = s->len;
	struct bpf_iter_task_vma it;
	struct vm_area_struct *vma;
	bool full = false;

	range_open(s, lo);
	h->flags |= MPW_F_RANGE;
	if (bpf_iter_task_vma_new(&it, task, lo))
		full = true;
	h->ts_ns = bpf_ktime_get_boot_ns();
	while ((vma = bpf_iter_task_vma_next(&it))) {
		if (end == RANGE_VMA_END) {
			hi = vma->vm_end;
			end = RANGE_AT_HI;
		}
		if (vma->vm_start >= hi) {
			if (end == RANGE_NEXT_VMA)
				hi = vma->vm_start;
			break;
		}
		if (!range_put(s, SCRATCH_CPU, vma)) {
			full = true;
			break;
		}
	}
	range_close(s, hi);
	if (full) {
		s->len = head_len;
		h->flags = (h->flags & ~MPW_F_RANGE) | MPW_F_BUSY;
	}
	emit_scratch(s, h->tgid);
	bpf_iter_task_vma_destroy(&it);
	return 0;
}

#endif
