/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Faults: a thread's SIGSEGV or SIGBUS, as it is delivered, with what the kernel knows of the place
 * at that time; and other signals by which a process may end after one that it caught.
 */
#ifndef FAULT_BPF_H
#define FAULT_BPF_H

/* include/uapi/asm-generic/signal.h */
#define SIGILL	4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGBUS	7
#define SIGSEGV 11

#define RLIMIT_STACK	3
#define TMPFS_MAGIC	0x01021994 /* include/uapi/linux/magic.h */
#define HUGETLBFS_MAGIC 0x958458f6

static __always_inline bool signal_is_of_memory(__u32 sig)
{
	return sig == SIGSEGV || sig == SIGBUS;
}

static __always_inline bool signal_counts(__u32 sig)
{
	return signal_is_of_memory(sig) || sig == SIGILL || sig == SIGTRAP || sig == SIGABRT;
}

/*
 * signal_generate(int sig, struct kernel_siginfo *info, struct task_struct *task, int group, int
 * result), in the sender.
 */
SEC("tp_btf/signal_generate")
int on_signal(__u64 *ctx)
{
	struct task_struct *sender = current_task(), *target = (struct task_struct *)ctx[2];
	struct sender from = {};
	__u32 tgid;

	from.sig = ctx[0];
	if (!signal_counts(from.sig))
		return 0;
	tgid = BPF_CORE_READ(target, tgid);
	from.tgid = READ(sender, tgid);
	from.uid = task_uid(sender);
	comm_read(from.comm, sender);
	bpf_map_update_elem(&senders, &tgid, &from, BPF_ANY);
	return 0;
}

static __always_inline void fault_put_sender(struct mpw_fault_rec *rec)
{
	__u32 tgid = rec->head.tgid;
	struct sender *from = bpf_map_lookup_elem(&senders, &tgid);

	if (!from || from->sig != rec->sig)
		return;
	rec->sender = from->tgid;
	rec->sender_uid = from->uid;
	__builtin_memcpy(rec->sender_comm, from->comm, MPW_COMM_LEN);
}

/* Bytes that a file system in memory has left; not exact where CPUs count by themselves. */
static __always_inline __u64 fs_room(struct super_block *sb, __u64 magic)
{
	if (magic == TMPFS_MAGIC && bpf_core_type_exists(struct shmem_sb_info)) {
		struct shmem_sb_info *info = BPF_CORE_READ(sb, s_fs_info);
		__s64 max = BPF_CORE_READ(info, max_blocks);
		__s64 used = BPF_CORE_READ(info, used_blocks.count);

		if (!max) /* no limit */
			return ~0ULL;
		return max > used ? (max - used) * page_bytes : 0;
	}
	if (magic == HUGETLBFS_MAGIC && bpf_core_type_exists(struct hugetlbfs_sb_info)) {
		struct hugetlbfs_sb_info *info = BPF_CORE_READ(sb, s_fs_info);
		struct hstate *h = BPF_CORE_READ(info, hstate);

		return (BPF_CORE_READ(h, free_huge_pages) * page_bytes)
		       << (BPF_CORE_READ(h, order) & 31);
	}
	return ~0ULL;
}

#ifndef OLD_KERNEL

/* Context of mapped_file_put() for bpf_find_vma(). */
struct file_of {
	struct mpw_fault_rec *rec;
};

static long mapped_file_put(struct task_struct *task, struct vm_area_struct *vma,
			    struct file_of *of)
{
	struct file *file = vma->vm_file;
	struct mpw_fault_rec *rec = of->rec;
	struct super_block *sb;

	if (!file || !rec)
		return 0;
	sb = BPF_CORE_READ(file, f_inode, i_sb);
	rec->has_file = 1;
	rec->file_bytes = BPF_CORE_READ(file, f_inode, i_size);
	rec->fs_magic = BPF_CORE_READ(sb, s_magic);
	rec->fs_room = fs_room(sb, rec->fs_magic);
	return 0;
}

/*
 * The file that is mapped at the address, as it is now. bpf_find_vma() (5.17) can be asked where
 * interrupts are off, as they are here, unlike the iterator.
 */
static __always_inline void fault_put_file(struct mpw_fault_rec *rec, struct task_struct *task)
{
	struct file_of of = { .rec = rec };

	bpf_find_vma(task, rec->addr, mapped_file_put, &of, 0);
}

#else

static __always_inline void fault_put_file(struct mpw_fault_rec *rec, struct task_struct *task)
{
}

#endif

static __always_inline void fault_fill(struct mpw_fault_rec *rec, struct task_struct *task,
				       struct kernel_siginfo *info)
{
	__u64 link = regs_link(task);

	rec->ip = regs_ip(task);
	rec->sp = regs_sp(task);
	rec->link = is_behind_call(link) ? link : 0;
	rec->stack_max = BPF_CORE_READ(task, signal, rlim[RLIMIT_STACK].rlim_cur);
	if (rec->code <= 0) {
		fault_put_sender(rec);
	} else if (rec->code == MPW_SI_KERNEL) {
		rec->bad = regs_bad_pointer(task, link);
	} else if (signal_is_of_memory(rec->sig)) {
		rec->addr = (__u64)BPF_CORE_READ(info, _sifields._sigfault._addr);
		rec->access = fault_access(task);
	}
}

/* signal_deliver(int sig, struct kernel_siginfo *info, struct k_sigaction *ka) */
SEC("tp_btf/signal_deliver")
int on_fault(__u64 *ctx)
{
	struct kernel_siginfo *info = (struct kernel_siginfo *)ctx[1];
	struct k_sigaction *ka = (struct k_sigaction *)ctx[2];
	struct mpw_fault_rec *rec;
	struct task_ids ids;
	struct scratch *s;
	__u32 sig = ctx[0];
	__u16 flags;
	bool handled;
	__s32 code;

	if (!signal_counts(sig))
		return 0;
	code = BPF_CORE_READ(info, si_code);
	handled = BPF_CORE_READ(ka, sa.sa_handler) != NULL;
	if (handled && (code <= 0 || !signal_is_of_memory(sig)))
		return 0; /* codes up to 0: a process sent it */
	task_ids_read(&ids, current_task());
	if (!ids.mm || !filter_wants(ids.task, ids.tgid, ids.tid, &flags))
		return 0;
	s = scratch_take(&ids);
	if (!s)
		return 0;
	rec = (struct mpw_fault_rec *)s->data;
	__builtin_memset(rec, 0, sizeof(*rec));
	head_fill(&rec->head, &ids, MPW_KIND_FAULT, bpf_ktime_get_boot_ns());
	rec->head.flags = flags;
	rec->code = code;
	rec->sig = sig;
	rec->handled = handled;
	fault_fill(rec, ids.task, info);
	if (sig == SIGBUS && rec->addr)
		fault_put_file(rec, ids.task);
	s->len = sizeof(*rec);
	if (with_stack)
		put_stack(s, ids.task);
	emit_scratch(s);
	scratch_give(s);
	return 0;
}

#endif
