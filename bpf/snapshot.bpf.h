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
	__s32 err;  /* out: 0, or -errno: -3 no such process, -2 it has no memory, -16 lock taken */
	__u64 from; /* in, out: where to go on; 0 when all was sent */
};

SEC("syscall")
int snapshot(struct snapshot_arg *arg)
{
	struct scratch *s = scratch_get(SCRATCH_SNAPSHOT);
	struct mpw_range_rec *rec;
	struct task_struct *task;
	struct walk w = { .lo = arg->from, .hi = MPW_TASK_MAX, .max_bytes = SNAPSHOT_BYTES };
	struct who who;

	arg->err = -3;
	if (!has_vma_iter || !s)
		return 0;
	task = bpf_task_from_pid(arg->tgid);
	if (!task)
		return 0;
	rec = (struct mpw_range_rec *)s->data;
	who_read(&who, task);
	head_fill(&rec->head, &who, MPW_KIND_RANGE);
	rec->head.flags = MPW_F_RANGE;
	id_fill(&rec->id, task, who.mm);
	s->len = sizeof(*rec);
	if (who.mm)
		range_send(s, SCRATCH_SNAPSHOT, task, &w);
	else
		w.err = -2;
	arg->err = w.err;
	arg->from = w.next;
	bpf_task_release(task);
	return 0;
}

#endif
