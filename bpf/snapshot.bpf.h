/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * A whole address space on demand, in stream order: user space runs this
 * program for a process, and again from where it stopped.
 */
#ifndef SNAPSHOT_BPF_H
#define SNAPSHOT_BPF_H

extern struct task_struct *bpf_task_from_pid(__s32 pid) __weak __ksym;
extern void bpf_task_release(struct task_struct *task) __weak __ksym;

#define SNAPSHOT_BYTES (512 << 10) /* sent by one run at most */

struct snapshot_arg {
	__u32 tgid;
	__s32 err;    /* out: 0, or -errno: -3 no such process, -2 it has no memory, -16 lock taken */
	__u64 from;   /* in, out: where to go on */
	__u64 done;   /* out: all was sent */
};

/* Send what stands in s as one piece, [range's lo, hi). False if there is no room in the ring. */
static __always_inline bool piece_send(struct scratch *s, __u64 hi)
{
	__u32 len = s->len;

	range_close(s, hi);
	if (len > SCRATCH_BYTES + ENTRY_MAX || len < sizeof(struct mpw_head))
		return false;
	return !bpf_ringbuf_output(&events, s->data, len, BPF_RB_NO_WAKEUP);
}

static __noinline void snapshot_walk(struct scratch *s, struct task_struct *task,
				     struct snapshot_arg *arg)
{
	struct mpw_range_rec *rec = (struct mpw_range_rec *)s->data;
	struct bpf_iter_task_vma it;
	struct vm_area_struct *vma;
	__u64 sent = 0, from = arg->from;
	bool stopped = false;

	s->len = sizeof(*rec);
	range_open(s, from);
	arg->err = bpf_iter_task_vma_new(&it, task, from);
	rec->head.ts_ns = bpf_ktime_get_boot_ns();
	while ((vma = bpf_iter_task_vma_next(&it))) {
		if (s->len > SCRATCH_BYTES - ENTRY_MAX) {
			sent += s->len;
			if (sent > SNAPSHOT_BYTES || !piece_send(s, vma->vm_start)) {
				stopped = true;
				break;
			}
			arg->from = vma->vm_start;
			s->len = sizeof(*rec);
			range_open(s, vma->vm_start);
		}
		range_put(s, SCRATCH_SNAPSHOT, vma);
	}
	if (!stopped && !arg->err && piece_send(s, MPW_TASK_MAX))
		arg->done = 1;
	bpf_iter_task_vma_destroy(&it);
}

SEC("syscall")
int snapshot(struct snapshot_arg *arg)
{
	struct scratch *s = scratch_get(SCRATCH_SNAPSHOT);
	struct mpw_range_rec *rec;
	struct task_struct *task;
	struct who who;

	arg->done = 0;
	arg->err = -3;
	if (!truth || !s)
		return 0;
	task = bpf_task_from_pid(arg->tgid);
	if (!task)
		return 0;
	rec = (struct mpw_range_rec *)s->data;
	who_read(&who, task);
	head_fill(&rec->head, &who, MPW_KIND_RANGE);
	rec->head.flags = MPW_F_RANGE;
	id_fill(&rec->id, task, who.mm);
	snapshot_walk(s, task, arg);
	bpf_task_release(task);
	return 0;
}

#endif
