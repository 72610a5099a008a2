/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The filter: which processes are traced. It is asked when a process is first seen,
 * at exec and at fork; its verdict stays in members, so that a call costs one lookup.
 */
#ifndef FILTER_BPF_H
#define FILTER_BPF_H

/* A process has the name of its first thread. */
static __always_inline bool comm_matches(struct task_struct *task)
{
	struct task_struct *first = BPF_CORE_READ(task, group_leader);
	__u64 here = filter.comm.firsts, next;
	char comm[MPW_COMM_LEN] = {};
	int i;

	bpf_probe_read_kernel(comm, sizeof(comm), first->comm);
	for (i = 0; i < MPW_COMM_LEN - 1; i++) {
		__u8 c = comm[i];

		if (!c)
			break;
		next = (here & filter.comm.accepts[c]) << 1;
		here = next | (here & filter.comm.loops);
	}
	return here & filter.comm.finals;
}

static __always_inline __u8 *member_of(__u32 tgid)
{
	return &members[tgid & (MPW_NR_PIDS - 1)];
}

static __always_inline __u32 task_uid(struct task_struct *task)
{
	return BPF_CORE_READ(task, cred, uid.val);
}

static __always_inline bool uid_matches(struct task_struct *task)
{
	__u32 uid = task_uid(task);
	int i;

	for (i = 0; i < MPW_NR_UIDS && i < filter.nr_uids; i++)
		if (filter.uid[i] == uid)
			return true;
	return false;
}

/* The id of the task's cgroup at that level of the unified hierarchy; 0: it has none so deep. */
static __always_inline __u64 ancestor_cgroup(struct task_struct *task, __u32 level)
{
	struct cgroup *cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp), *ancestor = NULL;
	__u64 id = 0;

	if (level > (__u32)BPF_CORE_READ(cgroup, level))
		return 0;
	if (!bpf_core_field_exists(cgroup->ancestors)) {
		bpf_probe_read_kernel(&id, sizeof(id), &cgroup->ancestor_ids[level]);
		return id;
	}
	bpf_probe_read_kernel(&ancestor, sizeof(ancestor), &cgroup->ancestors[level]);
	return ancestor ? BPF_CORE_READ(ancestor, kn, id) : 0;
}

/* The verdict on a process, by any task of it; bits: its byte in members so far. */
static __always_inline __u8 filter_verdict(struct task_struct *task, __u8 bits)
{
	__u8 named = bits & (MPW_MEMBER_NAMED | MPW_MEMBER_BORN | MPW_MEMBER_EMULATED);

	if (bits & MPW_MEMBER_BORN)
		return named | MPW_MEMBER_YES;
	if ((filter.by_pid || filter.by_tid) && !(bits & MPW_MEMBER_NAMED))
		return named | MPW_MEMBER_NO;
	if (filter.nr_uids && !uid_matches(task))
		return named | MPW_MEMBER_NO;
	if (filter.by_cgroup && ancestor_cgroup(task, filter.cgroup_level) != filter.cgroup_id)
		return named | MPW_MEMBER_NO;
	if (filter.by_comm && !comm_matches(task))
		return named | MPW_MEMBER_NO;
	return named | MPW_MEMBER_YES;
}

enum exec_verdict {
	EXEC_NO,
	EXEC_YES,
	EXEC_LEAVES, /* not wanted any longer: it was traced until now */
};

/* The verdict on the current process at exec, asked anew. */
static __always_inline enum exec_verdict filter_exec(struct task_struct *task, __u32 tgid)
{
	__u8 *member = member_of(tgid), before;

	if (tgid == self_tgid)
		return EXEC_NO;
	if (!filter.by_any)
		return EXEC_YES;
	before = *member;
	*member = filter_verdict(task, before);
	if (*member & MPW_MEMBER_YES)
		return EXEC_YES;
	return before & MPW_MEMBER_YES ? EXEC_LEAVES : EXEC_NO;
}

/* True if the process of a task is traced. */
static __always_inline bool filter_wants_process(struct task_struct *task, __u32 tgid)
{
	__u8 *member = member_of(tgid), verdict;

	if (tgid == self_tgid)
		return false;
	if (!filter.by_any)
		return true;
	verdict = *member;
	if (!(verdict & (MPW_MEMBER_YES | MPW_MEMBER_NO)))
		*member = verdict = filter_verdict(task, verdict);
	return verdict & MPW_MEMBER_YES;
}

/*
 * True if the current thread is reported; *ret_flags: 0, or MPW_F_SIBLING for the mirror only. Those
 * who share the memory of a traced process are no process that was asked for, but what they change
 * is: see filter_wants_call().
 */
static __always_inline bool filter_wants(struct task_struct *task, __u32 tgid, __u32 tid,
					 __u16 *ret_flags)
{
	__u8 verdict;

	*ret_flags = 0;
	if (!filter_wants_process(task, tgid))
		return false;
	if (!filter.by_any)
		return true;
	verdict = *member_of(tgid);
	if (verdict & MPW_MEMBER_SHARED)
		*ret_flags = MPW_F_SIBLING;
	else if (filter.by_tid && !(verdict & MPW_MEMBER_BORN) && !bpf_map_lookup_elem(&tids, &tid))
		*ret_flags = MPW_F_SIBLING;
	return true;
}

/* filter_wants() of a call: it is shown if it changes memory that was asked for, whoever makes it. */
static __always_inline bool filter_wants_call(struct task_struct *task, __u32 tgid, __u32 tid,
					      __u16 *ret_flags)
{
	bool wants = filter_wants(task, tgid, tid, ret_flags);

	if (!filter.by_tid)
		*ret_flags = 0;
	return wants;
}

/* The current process made a child process. True if the fork is reported. */
static __always_inline bool filter_fork(struct task_struct *task, __u32 tgid, __u32 child,
					bool shared)
{
	__u16 flags;
	__u8 verdict;

	if (!filter.by_any)
		return tgid != self_tgid;
	if (!filter_wants(task, tgid, READ(task, pid), &flags)) {
		*member_of(child) = 0; /* whatever a process with this pid was before */
		if (shared)
			__sync_fetch_and_add(&unseen_shares, 1);
		return false;
	}
	if (filter.follow && !(flags & MPW_F_SIBLING))
		verdict = MPW_MEMBER_YES | MPW_MEMBER_BORN;
	else if (filter_verdict(task, 0) == MPW_MEMBER_YES)
		verdict = MPW_MEMBER_YES;
	else if (shared)
		verdict = MPW_MEMBER_YES | MPW_MEMBER_SHARED;
	else
		verdict = 0;
	*member_of(child) = verdict;
	return verdict;
}

/* The process is gone. */
static __always_inline void filter_exit(__u32 tgid)
{
	*member_of(tgid) = 0;
}

#endif
