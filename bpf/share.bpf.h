/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Which address space each process has: user space finds those who share one before it traces. */
#ifndef SHARE_BPF_H
#define SHARE_BPF_H

/* A struct mpw_shared for each process. User space reads all of them from one file. */
SEC("iter/task")
int spaces(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task, *leader;
	struct seq_file *seq = ctx->meta->seq;
	struct mpw_shared one = {};

	if (!task)
		return 0;
	one.mm = (__u64)READ_PTR(task, mm);
	one.tgid = READ(task, tgid);
	leader = READ_PTR(task, group_leader);
	/* A leader that has left its threads behind has no memory any more. */
	if (one.mm && (task == leader || !READ_PTR(leader, mm)))
		bpf_seq_write(seq, &one, sizeof(one));
	return 0;
}

#endif
