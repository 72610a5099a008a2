/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Snapshots: a whole address space on demand, in stream order. User space runs
 * this program for a process, and again until all is sent.
 */
#ifndef SNAPSHOT_BPF_H
#define SNAPSHOT_BPF_H

extern struct task_struct *bpf_task_from_pid(__s32 pid) __weak __ksym;
extern void bpf_task_release(struct task_struct *task) __weak __ksym;

SEC("syscall")
int snapshot(struct mpw_snapshot *arg)
{
	struct scratch *s = scratch_get(SCRATCH_SNAPSHOT);
	struct mpw_range_rec *rec;
	struct task_struct *task;
	struct walk w = { .lo = arg->from,
			  .hi = MPW_TASK_MAX,
			  .on_demand = true,
			  .piece_vmas = arg->piece_vmas };
	struct task_ids ids, first;

	arg->err = -ESRCH;
	if (!has_vma_iter || !s)
		return 0;
	task = bpf_task_from_pid(arg->tid ? arg->tid : arg->tgid);
	if (!task)
		return 0;
	rec = (struct mpw_range_rec *)s->data;
	task_ids_read(&ids, task);
	first = ids;
	first.task = READ_PTR(task, group_leader);
	first.tid = ids.tgid;
	head_fill(&rec->head, &first, MPW_KIND_RANGE, bpf_ktime_get_boot_ns());
	rec->head.flags = uring_flag(task);
	id_fill(&rec->id, task, ids.mm);
	s->id = SCRATCH_SNAPSHOT;
	s->len = sizeof(*rec);
	arg->err = -ENOENT;
	if (ids.mm) {
		rec->head.map_count = READ(ids.mm, map_count);
		program_put(s, ids.mm);
		s->walk = w;
		arg->err = range_send(s, task) ? 0 : -EBUSY;
		arg->from = s->walk.lo < w.hi ? s->walk.lo : 0;
	}
	bpf_task_release(task);
	return 0;
}

#endif
