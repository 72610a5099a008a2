/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Kernel truth: the mappings in a range now. The record enters the ring while
 * nobody changes the address space, so that the order of records is the order of
 * changes: the iterator holds the mmap lock or, where it locks only one mapping at
 * a time (7.0, and 6.18 by a backport), the mmap lock's sequence count says whether
 * somebody held the lock for writing meanwhile.
 */
#ifndef RANGE_BPF_H
#define RANGE_BPF_H

extern int bpf_iter_task_vma_new(struct bpf_iter_task_vma *it, struct task_struct *task,
				 __u64 addr) __weak __ksym;
extern struct vm_area_struct *bpf_iter_task_vma_next(struct bpf_iter_task_vma *it) __weak __ksym;
extern void bpf_iter_task_vma_destroy(struct bpf_iter_task_vma *it) __weak __ksym;

#define SNAPSHOT_BYTES (512 << 10) /* sent by one run at most */
/* Tries of a readback, for some 40 us; the lock is mostly held for one or two. */
#define READ_TRIES (lock_counts() ? 4096 : 256)

/* True where the iterator does not hold the mmap lock, and the count must be compared. */
static __always_inline bool lock_counts(void)
{
	return bpf_core_field_exists(struct bpf_iter_task_vma_kern_data, snapshot) &&
	       bpf_core_field_exists(struct mm_struct, mm_lock_seq.sequence);
}

/* The sequence count of the lock: odd while it is held for writing. */
static __always_inline __u32 lock_seq(struct task_struct *task)
{
	if (!lock_counts())
		return 0;
	task = UNTRUSTED(struct task_struct, task);
	return *(volatile __u32 *)&task->mm->mm_lock_seq.sequence;
}

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

/*
 * Append the mapping s->vma. Not static, as ranges_send(): the verifier looks at such a function
 * once, and not at each call in each state, but does so even where nobody calls it. So the function
 * itself has to ask whether mappings can be read.
 */
__noinline int range_put(struct scratch *s)
{
	struct vm_area_struct *vma;
	struct mpw_vma *v;
	struct file *file;
	__u32 name_at;

	if (!has_vma_iter || !s)
		return 0;
	vma = UNTRUSTED(struct vm_area_struct, (void *)s->vma);
	file = vma->vm_file;
	v = vma_open(s);
	if (!v)
		return 0;
	name_at = s->len;
	v->start = vma->vm_start;
	v->end = vma->vm_end;
	v->vm_flags = vma->vm_flags;
	v->off = vma->vm_pgoff * page_bytes;
	if (!file)
		vma_put_name(s, v, vma);
	else if ((__u64)file == s->file)
		v->name_kind = MPW_NAME_SAME;
	else
		vma_put_file(s, v, file);
	s->file = (__u64)file;
	s->nr_vmas++;
	vma_close(s, v, name_at);
	return 0;
}

/*
 * Close the open piece at "at" and send it. False if somebody changed the address space before the
 * piece was in the ring.
 */
static __always_inline bool piece_send(struct scratch *s, struct task_struct *task, __u64 at)
{
	struct walk *w = &s->walk;

	if (lock_seq(task) != w->seq)
		return false;
	range_close(s, at);
	w->sent += s->len;
	emit_scratch(s);
	if (lock_seq(task) != w->seq)
		return false;
	w->lo = at;
	return true;
}

/* Turn the record in s, if it was sent, into the head of one for the next piece. */
static __always_inline void piece_head(struct scratch *s)
{
	struct mpw_range_rec *rec = (struct mpw_range_rec *)s->data;

	if (!s->walk.sent) {
		s->len = s->walk.head_len;
		return;
	}
	rec->head.ts_ns = bpf_ktime_get_boot_ns();
	rec->head.kind = MPW_KIND_RANGE;
	rec->head.flags &= ~MPW_F_FILE;
	__builtin_memset(&rec->id, 0, sizeof(rec->id));
	s->len = sizeof(*rec);
}

static __always_inline bool piece_full(const struct scratch *s)
{
	const struct walk *w = &s->walk;

	return s->len > SCRATCH_BYTES - ENTRY_MAX || (w->piece_vmas && s->nr_vmas >= w->piece_vmas);
}

/* Read the rest of the walk and send it. False if somebody changed the address space meanwhile. */
static __noinline bool range_read(struct scratch *s, struct task_struct *task)
{
	struct mpw_head *h = (struct mpw_head *)s->data;
	struct bpf_iter_task_vma it;
	struct vm_area_struct *vma;
	struct walk *w = &s->walk;
	bool done = false;
	int err;

	w->seq = lock_seq(task);
	if (w->seq & 1)
		return false;
	w->stop = w->hi;
	piece_head(s);
	range_open(s, w->lo);
	err = bpf_iter_task_vma_new(&it, task, w->lo);
	h->ts_ns = bpf_ktime_get_boot_ns();
	while ((vma = bpf_iter_task_vma_next(&it))) {
		vma = UNTRUSTED(struct vm_area_struct, vma);
		if (w->end != RANGE_AT_HI && !s->nr_vmas && vma->vm_start <= w->lo) {
			range_set_lo(s, vma->vm_start);
			if (vma->vm_end > w->stop)
				w->stop = vma->vm_end;
		}
		if (vma->vm_start >= w->stop) {
			if (w->end == RANGE_NEXT_VMA)
				w->stop = vma->vm_start;
			break;
		}
		s->vma = (__u64)vma;
		range_put(s);
		if (vma->vm_end >= w->stop || !piece_full(s))
			continue;
		if (!piece_send(s, task, vma->vm_end))
			goto out;
		done = w->on_demand && w->sent > SNAPSHOT_BYTES;
		if (done)
			goto out;
		w->seq = lock_seq(task);
		piece_head(s);
		range_open(s, w->lo);
	}
	if (!vma && w->end == RANGE_NEXT_VMA)
		w->stop = MPW_TASK_MAX;
	done = !err && piece_send(s, task, w->stop);
out:
	bpf_iter_task_vma_destroy(&it);
	return done;
}

/* Context of range_try() for bpf_loop(). */
struct tries {
	struct scratch *s;
	struct task_struct *task;
	bool done;
};

static long range_try(__u32 i, struct tries *t)
{
	if (!range_read(t->s, t->task))
		return 0;
	t->done = true;
	return 1;
}

/*
 * Append the range of s->walk to the record in s, which has its head and fixed part, and send it;
 * the rest goes into RANGE records behind it. False if the range could not be read: then the record
 * has MPW_F_BUSY, or a walk on demand can be tried again from s->walk.lo.
 */
static __always_inline bool range_send(struct scratch *s, struct task_struct *task)
{
	struct tries t = { .s = s, .task = task };
	struct mpw_head *h = (struct mpw_head *)s->data;

	s->walk.head_len = s->len;
	s->walk.sent = 0;
	h->flags = (h->flags & ~MPW_F_BUSY) | MPW_F_RANGE;
	bpf_loop(READ_TRIES, range_try, &t, 0);
	if (t.done || s->walk.on_demand)
		return t.done;
	piece_head(s);
	h->flags = (h->flags & ~MPW_F_RANGE) | MPW_F_BUSY;
	range_open(s, s->walk.end == RANGE_AT_HI ? s->walk.lo : 0);
	range_close(s, s->walk.end == RANGE_AT_HI ? s->walk.hi : MPW_TASK_MAX);
	emit_scratch(s);
	return false;
}

/* Begin the next readback, s->then. False if there is none. */
static __always_inline bool range_next(struct scratch *s)
{
	if (!s->then.hi)
		return false;
	s->walk.sent = 1;
	piece_head(s);
	s->walk = s->then;
	s->then.hi = 0;
	return true;
}

/* Do the readbacks s->walk and s->then of the current task's memory, and give s back. */
__noinline int ranges_send(struct scratch *s)
{
	struct task_struct *task = current_task();

	if (!has_vma_iter || !s)
		return 0;
	range_send(s, task);
	if (range_next(s))
		range_send(s, task);
	scratch_give(s);
	return 0;
}

/*
 * ranges_send() as a tail call of the programs on system calls. It must not use the private stack
 * that 6.13 gives a program on each CPU, and with a tail call of its own it has none: since 7.2 two
 * programs that end here can be under way on one CPU, and the kernel only keeps one and the same
 * program from starting twice.
 */
SEC("tp")
int readback(void *ctx)
{
	struct task_struct *task = current_task();
	struct scratch *s = scratch_mine(READ(task, pid));

	if (!s)
		return 0;
	range_send(s, task);
	if (range_next(s))
		bpf_tail_call(ctx, &readbacks, 0);
	scratch_give(s);
	return 0;
}

#endif
