/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The life of processes: fork, exec and exit. */
#ifndef LIFECYCLE_BPF_H
#define LIFECYCLE_BPF_H

#define SIGNAL_GROUP_EXIT 0x4 /* include/linux/sched/signal.h */

/* The code of a process whose last thread leaves, as wait(2) gives it. */
static __always_inline __u32 exit_code_of(struct task_struct *task)
{
	struct signal_struct *signal = READ_PTR(task, signal);

	if (READ(signal, flags) & SIGNAL_GROUP_EXIT)
		return READ(signal, group_exit_code);
	return BPF_CORE_READ(task, group_leader, exit_code);
}

static __always_inline void send_exit(const struct task_ids *ids, __u16 flags, __u32 code)
{
	__u64 ts_ns = bpf_ktime_get_boot_ns();
	struct mpw_exit_rec *rec = life_reserve(sizeof(*rec), ids->tgid);

	if (!rec) {
		count_loss(ids->tgid);
		return;
	}
	head_fill(&rec->head, ids, MPW_KIND_EXIT, ts_ns);
	rec->head.flags = flags;
	rec->code = code;
	rec->pad = 0;
	bpf_ringbuf_submit(rec, life_wake());
}

/* The new address space is complete: the kernel has mapped the program without any call. */
SEC("tp_btf/sched_process_exec")
int on_exec(void *ctx)
{
	enum exec_verdict verdict;
	struct scratch *s;
	struct task_ids ids;

	task_ids_read(&ids, current_task());
	verdict = ids.mm ? filter_exec(ids.task, ids.tgid) : EXEC_NO;
	if (verdict == EXEC_LEAVES)
		send_exit(&ids, MPW_F_SIBLING, MPW_EXIT_UNSEEN);
	if (verdict != EXEC_YES)
		return 0;
	s = whole_begin(&ids, MPW_KIND_EXEC, 0);
	if (!s)
		return 0;
	program_put(s, ids.mm);
	if (NEW_KERNEL && has_vma_iter)
		range_send(s, ids.task);
	else
		emit_scratch(s);
	scratch_give(s);
	return 0;
}

/*
 * A last check of a mirror, while the process still has its memory: on_exit() comes too late before
 * Linux 6.16. Processes with more threads are left out: their last calls may not be in the ring
 * yet.
 */
SEC("tp/syscalls/sys_enter_exit_group")
int on_leave(void *ctx)
{
	struct scratch *s;
	struct task_ids ids;
	__u16 flags;

	task_ids_read(&ids, current_task());
	if (!ids.mm || READ(ids.mm, mm_users.counter) > 1 ||
	    !filter_wants(ids.task, ids.tgid, ids.tid, &flags))
		return 0;
	s = whole_begin(&ids, MPW_KIND_RANGE, flags | MPW_F_CHECK);
	return s ? ranges_send(s) : 0;
}

/*
 * The mappings of a child whose parent has more threads, or uses io_uring: their changes during the
 * copy may or may not be in it, and MADV_DONTFORK by io_uring is not seen. The child does not run
 * yet.
 */
static __always_inline void send_copied(struct task_struct *child)
{
	struct scratch *s;
	struct task_ids ids;

	task_ids_read(&ids, child);
	s = whole_begin(&ids, MPW_KIND_RANGE, 0);
	if (!s)
		return;
	range_send(s, child);
	scratch_give(s);
}

SEC("tp_btf/sched_process_fork")
int on_fork(__u64 *ctx)
{
	struct task_struct *task = current_task();
	struct task_struct *child = (struct task_struct *)ctx[1];
	__u32 child_tgid = BPF_CORE_READ(child, tgid);
	struct mm_struct *child_mm = BPF_CORE_READ(child, mm);
	struct mpw_fork_rec *rec;
	struct task_ids ids;
	__u64 ts_ns;
	bool racy;

	task_ids_read(&ids, task);
	if (child_tgid == ids.tgid || !ids.mm || !child_mm)
		return 0;
	if (!filter_fork(task, ids.tgid, child_tgid, child_mm == ids.mm))
		return 0;
	ts_ns = bpf_ktime_get_boot_ns();
	rec = life_reserve(sizeof(*rec), ids.tgid);
	if (!rec) {
		count_loss(child_tgid);
		return 0;
	}
	head_fill(&rec->head, &ids, MPW_KIND_FORK, ts_ns);
	racy = child_mm != ids.mm && (READ(ids.mm, mm_users.counter) > 1 || uring_flag(task));
	rec->head.flags = racy ? MPW_F_RACY : 0;
	rec->child_mm = (__u64)child_mm;
	id_fill(&rec->child, child, child_mm);
	rec->child_tgid = child_tgid;
	rec->pad = 0;
	bpf_ringbuf_submit(rec, life_wake());
	if (NEW_KERNEL && truth && racy)
		send_copied(child);
	return 0;
}

/*
 * A process gives itself another name: its first thread's, which others of its threads can change,
 * too. The new program's name at an exec comes with that.
 */
SEC("tp_btf/task_rename")
int on_rename(__u64 *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx[0];
	struct task_ids ids;
	__u16 flags;

	task_ids_read(&ids, task);
	if (ids.tid == ids.tgid && ids.mm && !BPF_CORE_READ_BITFIELD_PROBED(task, in_execve) &&
	    filter_wants(task, ids.tgid, ids.tid, &flags))
		who_send(&ids, flags, (const char *)ctx[1]);
	return 0;
}

/* A check of the mirror of a process whose last thread leaves, with all its mappings. */
static __always_inline void check_last(const struct task_ids *ids, __u16 flags)
{
	struct scratch *s = whole_begin(ids, MPW_KIND_RANGE, flags | MPW_F_CHECK);

	if (!s)
		return;
	range_send(s, ids->task);
	scratch_give(s);
}

/* The last thread leaves. Before Linux 6.16 the memory is gone already: mm is 0. */
SEC("tp_btf/sched_process_exit")
int on_exit(void *ctx)
{
	struct task_struct *task = current_task();
	struct signal_struct *signal = READ_PTR(task, signal);
	struct task_ids ids;
	__u16 flags;
	bool wanted;

	if (READ(signal, live.counter))
		return 0;
	task_ids_read(&ids, task);
	wanted = filter_wants(task, ids.tgid, ids.tid, &flags);
	filter_exit(ids.tgid);
	if (!wanted)
		return 0;
	if (NEW_KERNEL && has_vma_iter && check_at_exit && ids.mm)
		check_last(&ids, flags);
	send_exit(&ids, flags, exit_code_of(task));
	return 0;
}

#endif
