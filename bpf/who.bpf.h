/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Who a process is: its identity, its program, and the changes that it makes to its own. */
#ifndef WHO_BPF_H
#define WHO_BPF_H

/* The task's pid in its own pid namespace; 0: that is the initial one. */
static __always_inline __u32 ns_pid_of(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
	__u64 level = BPF_CORE_READ(pid, level);
	int nr = 0;

	if (level)
		bpf_probe_read_kernel(&nr, sizeof(nr),
				      (void *)&pid->numbers[0].nr +
					      level * bpf_core_type_size(struct upid));
	return nr;
}

static __always_inline void id_fill(struct mpw_id *id, struct task_struct *task,
				    struct mm_struct *mm)
{
	id->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	id->start_brk = BPF_CORE_READ(mm, start_brk);
	id->uid = BPF_CORE_READ(task, cred, uid.val);
	id->ppid = BPF_CORE_READ(task, real_parent, tgid);
	id->ns_pid = ns_pid_of(task);
	id->mnt_ns = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
}

/* MPW_F_URING, if the process has used io_uring. */
static __always_inline __u16 uring_flag(struct task_struct *task)
{
	return bpf_core_field_exists(task->io_uring) && BPF_CORE_READ(task, io_uring) ?
		       MPW_F_URING :
		       0;
}

/* A record with the identity of the process, to be sent with all its mappings; NULL: a loss. */
static __always_inline struct scratch *whole_begin(const struct task_ids *ids, __u8 kind,
						   __u16 flags)
{
	struct scratch *s = scratch_take(ids);
	struct mpw_exec_rec *rec;

	if (!s)
		return NULL;
	rec = (struct mpw_exec_rec *)s->data;
	head_fill(&rec->head, ids, kind, bpf_ktime_get_boot_ns());
	rec->head.flags = flags | uring_flag(ids->task);
	rec->head.map_count = READ(ids->mm, map_count);
	id_fill(&rec->id, ids->task, ids->mm);
	s->len = sizeof(*rec);
	s->walk = (struct walk){ .hi = MPW_TASK_MAX };
	return s;
}

/*
 * A process has another name, or another program. name is a kernel string, the first thread's new
 * name; NULL: it stays.
 */
static __always_inline void who_send(const struct task_ids *ids, __u16 flags, const char *name)
{
	struct task_ids first = *ids;
	struct mpw_who_rec *rec;
	struct scratch *s;

	first.task = READ_PTR(ids->task, group_leader);
	first.tid = ids->tgid;
	s = scratch_take(ids);
	if (!s)
		return;
	rec = (struct mpw_who_rec *)s->data;
	head_fill(&rec->head, &first, MPW_KIND_WHO, bpf_ktime_get_boot_ns());
	rec->head.flags = flags;
	if (name)
		bpf_probe_read_kernel_str(rec->head.comm, sizeof(rec->head.comm), name);
	id_fill(&rec->id, first.task, ids->mm);
	s->len = sizeof(*rec);
	program_put(s, ids->mm);
	emit_scratch(s);
	scratch_give(s);
}

#endif
