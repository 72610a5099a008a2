/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Writes into a process by its number: process_vm_writev(2), ptrace(2), and /proc/PID/mem. Writes
 * to that file are seen where programs can be put on the kernel's functions; elsewhere only that it
 * was opened for writing. They are reported if the process that is written to is traced, or else if
 * the writer is. Tasks other than the current one are read by checked copies alone.
 */
#ifndef WRITE_BPF_H
#define WRITE_BPF_H

#define PTRACE_POKETEXT		 4  /* include/uapi/linux/ptrace.h */
#define PTRACE_SYSEMU		 31 /* of x86 and arm64 */
#define PTRACE_SYSEMU_SINGLESTEP 32
#define PTRACE_POKEUSR		 6
#define PTRACE_SETREGS		 13 /* of x86 */
#define PTRACE_SETREGSET	 0x4205
#define PTRACE_SET_SYSCALL_INFO	 0x4212 /* Linux 6.16 */
#define PTRACE_POKEDATA		 5
#define O_ACCMODE		 3 /* include/uapi/asm-generic/fcntl.h; 0: for reading */
#define FMODE_WRITE		 2 /* include/linux/fs.h */
#define PROC_MAGIC		 0x9fa0
#define XA_NODE			 2    /* include/linux/xarray.h: low bits of a pointer to a node */
#define XA_LEVELS		 6    /* of a tree with 22 bits at most, of 4 bits each */
#define IOVS_MAX		 1024 /* UIO_MAXIOV */
#define OLD_IOVS_MAX		 32   /* where there is no bpf_loop() */

/* A write that is about to be reported. */
struct writing {
	struct task_ids writer;
	struct task_struct *target;
	struct mm_struct *mm; /* the target's */
	__u32 tgid;	      /* the target's */
	__u8 how, flags;
};

/* ---- the target ---- */

static __always_inline struct task_struct *pid_task_of(struct pid *pid)
{
	struct hlist_node *first = pid ? BPF_CORE_READ(pid, tasks[0].first) : NULL;

	if (!first)
		return NULL;
	return (void *)first - bpf_core_field_offset(struct task_struct, pid_links);
}

/* The task that the current one knows by this number, in its namespace's table of numbers. */
static __always_inline struct task_struct *task_by_number(struct task_struct *task, __u32 nr)
{
	__u32 fan = bpf_core_field_size(struct xa_node, slots) / sizeof(void *), i, at;
	struct pid *own = BPF_CORE_READ(task, thread_pid);
	struct pid_namespace *ns = NULL;
	struct xa_node *node;
	__u64 entry;

	bpf_probe_read_kernel(&ns, sizeof(ns),
			      (void *)&own->numbers[0].ns +
				      (__u64)BPF_CORE_READ(own, level) *
					      bpf_core_type_size(struct upid));
	entry = (__u64)BPF_CORE_READ(ns, idr.idr_rt.xa_head);
	for (i = 0; i < XA_LEVELS && (entry & 3) == XA_NODE; i++) {
		node = (struct xa_node *)(entry - XA_NODE);
		at = nr >> (BPF_CORE_READ(node, shift) & 31);
		if (!i && at >= fan)
			return NULL;
		entry = 0;
		bpf_probe_read_kernel(&entry, sizeof(entry), &node->slots[at & (fan - 1)]);
	}
	return i && !(entry & 3) ? pid_task_of((struct pid *)entry) : NULL;
}

/* True if the file is a /proc/PID/mem; *ret_task: whose, NULL if that is gone. */
static __always_inline bool file_is_mem(struct file *file, struct task_struct **ret_task)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	const unsigned char *at;
	struct pid *pid;
	char name[4] = {};

	if (BPF_CORE_READ(inode, i_sb, s_magic) != PROC_MAGIC)
		return false;
	at = BPF_CORE_READ(file, f_path.dentry, d_name.name);
	bpf_probe_read_kernel(name, sizeof(name), at);
	if (name[0] != 'm' || name[1] != 'e' || name[2] != 'm' || name[3])
		return false;
	inode = (void *)inode - bpf_core_field_offset(struct proc_inode, vfs_inode);
	pid = BPF_CORE_READ((struct proc_inode *)inode, pid);
	*ret_task = pid_task_of(pid);
	return pid;
}

/* ---- reports ---- */

/* Begin the report of a write into target's memory mm (NULL: its own). False: nobody wants it. */
static __always_inline bool write_begin(struct writing *w, struct task_struct *task,
					struct task_struct *target, struct mm_struct *mm, __u8 how)
{
	__u16 flags;

	task_ids_read(&w->writer, task);
	w->target = target;
	w->how = how;
	w->flags = 0;
	if (!target || !w->writer.mm || w->writer.tgid == self_tgid)
		return false;
	w->tgid = BPF_CORE_READ(target, tgid);
	w->mm = mm ?: BPF_CORE_READ(target, mm);
	if (!w->mm || w->tgid == self_tgid)
		return false;
	if (!filter_wants_process(target, w->tgid)) {
		if (!filter_wants(task, w->writer.tgid, w->writer.tid, &flags) ||
		    flags & MPW_F_SIBLING)
			return false;
		w->flags |= MPW_WRITE_OUTWARD;
	}
	if (BPF_CORE_READ(target, ptrace) && BPF_CORE_READ(target, parent, tgid) == w->writer.tgid)
		w->flags |= MPW_WRITE_TRACER;
	if (BPF_CORE_READ(target, real_parent, tgid) == w->writer.tgid)
		w->flags |= MPW_WRITE_PARENT;
	if (task_uid(target) != task_uid(task))
		w->flags |= MPW_WRITE_FOREIGN;
	return true;
}

static __always_inline void other_fill(struct mpw_write_rec *rec, struct task_struct *task,
				       __u32 tgid, __u32 tid)
{
	rec->tgid = tgid;
	rec->tid = tid;
	rec->uid = task_uid(task);
	bpf_probe_read_kernel(rec->comm, sizeof(rec->comm), task->comm);
}

static __noinline int write_send(const struct writing *w, __u64 addr, __u64 len, __s64 ret)
{
	struct task_struct *task = current_task(), *target = w->target;
	struct task_struct *leader = BPF_CORE_READ(target, group_leader);
	__u64 ts_ns = bpf_ktime_get_boot_ns();
	struct mpw_write_rec *rec = events_reserve(sizeof(*rec), w->writer.tgid);

	if (!rec) {
		count_loss(w->flags & MPW_WRITE_OUTWARD ? w->writer.tgid : w->tgid);
		return 0;
	}
	rec->head.map_count = 0;
	rec->head.ts_ns = ts_ns;
	rec->head.kind = MPW_KIND_WRITE;
	rec->head.call = 0;
	rec->head.flags = 0;
	rec->head.mark = 0;
	rec->head.cpu = bpf_get_smp_processor_id();
	if (w->flags & MPW_WRITE_OUTWARD) {
		rec->head.mm = (__u64)w->writer.mm;
		rec->head.tgid = w->writer.tgid;
		rec->head.tid = w->writer.tid;
		comm_read(rec->head.comm, task);
		other_fill(rec, leader, w->tgid, w->tgid);
	} else {
		rec->head.mm = (__u64)w->mm;
		rec->head.tgid = rec->head.tid = w->tgid;
		bpf_probe_read_kernel(rec->head.comm, sizeof(rec->head.comm), leader->comm);
		other_fill(rec, task, w->writer.tgid, w->writer.tid);
	}
	rec->addr = addr;
	rec->len = len;
	rec->ret = ret;
	rec->how = w->how;
	rec->flags = w->flags;
	rec->pad = 0;
	bpf_ringbuf_submit(rec, events_wake(ts_ns));
	return 0;
}

/* ---- process_vm_writev ---- */

/* The ranges of the call that were written to, one after the other. */
struct iov_walk {
	struct writing w;
	__u64 at;   /* the next struct iovec, in the writer's memory */
	__u64 left; /* bytes */
	__u32 nr;   /* of iovecs left */
	bool compat;
};

static __always_inline bool iov_read(struct iov_walk *k, __u64 *ret_addr, __u64 *ret_len)
{
	__u64 iov[2] = {};
	__u32 iov32[2] = {};

	if (k->compat) {
		if (bpf_probe_read_user(iov32, sizeof(iov32), (void *)k->at))
			return false;
		*ret_addr = iov32[0];
		*ret_len = iov32[1];
		k->at += sizeof(iov32);
		return true;
	}
	if (bpf_probe_read_user(iov, sizeof(iov), (void *)k->at))
		return false;
	*ret_addr = iov[0];
	*ret_len = iov[1];
	k->at += sizeof(iov);
	return true;
}

/* One range. Returns 1 after the last. */
static long iov_step(__u32 i, struct iov_walk *k)
{
	__u64 addr, len;

	if (!k->left || !k->nr || !iov_read(k, &addr, &len))
		return 1;
	k->nr--;
	if (len > k->left)
		len = k->left;
	if (len)
		write_send(&k->w, addr, len, len);
	k->left -= len;
	return 0;
}

static __always_inline void iovs_send(struct iov_walk *k)
{
#ifndef OLD_KERNEL
	bpf_loop(IOVS_MAX, iov_step, k, 0);
#else
	for (__u32 i = 0; i < OLD_IOVS_MAX; i++)
		if (iov_step(i, k))
			break;
#endif
	if (!k->left)
		return;
	k->w.flags |= MPW_WRITE_REST;
	write_send(&k->w, 0, k->left, k->left);
}

#ifndef OLD_KERNEL
static long note_shared(struct task_struct *task, struct vm_area_struct *vma, bool *shared)
{
	*shared = vma->vm_flags & MPW_VM_MAYSHARE;
	return 0;
}

/* True if the mapping at the current task's address is shared, or nobody can say. */
static __always_inline bool is_shared_memory(struct task_struct *task, __u64 addr)
{
	bool shared = true;

	bpf_find_vma(task, addr, note_shared, &shared, 0);
	return shared;
}
#else
static __always_inline bool is_shared_memory(struct task_struct *task, __u64 addr)
{
	return true; /* bpf_find_vma() came with 5.17 */
}
#endif

/* process_vm_writev(pid, iovecs of the writer, their number, iovecs of the target, their number) */
static __always_inline int vm_report(struct task_struct *task, const struct user_regs *u, bool ran,
				     bool compat)
{
	struct iov_walk k = { .at = u->arg[3], .nr = u->arg[4], .compat = compat };
	__u64 addr = 0, len = 0;

	if (!u->ret ||
	    !write_begin(&k.w, task, task_by_number(task, u->arg[0]), NULL, MPW_WRITE_VM) ||
	    k.w.mm == k.w.writer.mm) /* into itself: any store can do that */
		return 0;
	/* other threads, or processes, can change what the call has read */
	if (!ran || READ(k.w.writer.mm, mm_users.counter) > 1 || is_shared_memory(task, k.at))
		k.w.flags |= MPW_WRITE_UNPROVEN;
	if (!ret_is_error(u->ret)) {
		k.left = u->ret;
		iovs_send(&k);
		return 0;
	}
	if (k.nr)
		iov_read(&k, &addr, &len);
	write_send(&k.w, addr, len, u->ret);
	return 0;
}

SEC("tp/syscalls/sys_exit_process_vm_writev")
int exit_process_vm_writev(void *ctx)
{
	struct task_struct *task = current_task();
	struct user_regs u;

	regs_read(task, &u, 5);
	u.ret = call_ret(ctx, task);
	return vm_report(task, &u, by_function || call_ran(task, regs_call_nr(task), false), false);
}

/* ---- ptrace ---- */

static __always_inline int ptrace_report(struct task_struct *task, const struct user_regs *u,
					 __u64 len, bool ran)
{
	struct writing w;

	if ((u->arg[0] != PTRACE_POKETEXT && u->arg[0] != PTRACE_POKEDATA) ||
	    !write_begin(&w, task, task_by_number(task, u->arg[1]), NULL, MPW_WRITE_PTRACE))
		return 0;
	if (!ran)
		w.flags |= MPW_WRITE_UNPROVEN;
	write_send(&w, u->arg[2], len, u->ret);
	return 0;
}

/*
 * True for requests by which a tracer can make up a call: PTRACE_SYSEMU keeps the tracee from
 * making its next one, and registers can be set at a stop within a call (PTRACE_EVENT_EXEC). The
 * tracer can then detach before the tracee leaves the call, and nothing tells any longer that it was there.
 */
static __always_inline bool requests_invention(__u64 request)
{
	return request == PTRACE_SYSEMU || request == PTRACE_SYSEMU_SINGLESTEP ||
	       request == PTRACE_POKEUSR || request == PTRACE_SETREGS ||
	       request == PTRACE_SETREGSET || request == PTRACE_SET_SYSCALL_INFO;
}

/* Remember whose calls a tracer can make up, also when it is gone. */
static __always_inline void note_emulation(struct task_struct *task, const struct user_regs *u)
{
	struct task_struct *target;

	if (u->ret || !requests_invention(u->arg[0]))
		return;
	target = task_by_number(task, u->arg[1]);
	if (target)
		*member_of(BPF_CORE_READ(target, tgid)) |= MPW_MEMBER_EMULATED;
}

SEC("tp/syscalls/sys_exit_ptrace")
int exit_ptrace(void *ctx)
{
	struct task_struct *task = current_task();
	struct user_regs u;

	regs_read(task, &u, 3);
	u.ret = call_ret(ctx, task);
	note_emulation(task, &u);
	return ptrace_report(task, &u, sizeof(long),
			     by_function || call_ran(task, regs_call_nr(task), false));
}

/* ---- /proc/PID/mem ---- */

/* ssize_t mem_write(struct file *file, const char *buf, size_t count, loff_t *pos): pos moves. */
SEC("fexit/mem_write")
int exit_mem_write(__u64 *ctx)
{
	struct file *file = (struct file *)ctx[0];
	struct mm_struct *mm = BPF_CORE_READ(file, private_data);
	struct task_struct *target = NULL;
	__u64 pos = 0, pos_at = 0, count = ctx[2];
	__s64 ret = ctx[4];
	struct writing w;

	if (!ret || !mm || !file_is_mem(file, &target))
		return 0;
	/* the file stays with the memory, when its process has another since an exec */
	if (target && BPF_CORE_READ(target, mm) != mm)
		target = bpf_core_field_exists(mm->owner) ? BPF_CORE_READ(mm, owner) : NULL;
	if (!write_begin(&w, current_task(), target, mm, MPW_WRITE_MEM))
		return 0;
	/* old verifiers know no pointer to a number */
	bpf_probe_read_kernel(&pos_at, sizeof(pos_at), &ctx[3]);
	bpf_probe_read_kernel(&pos, sizeof(pos), (void *)pos_at);
	write_send(&w, ret < 0 ? pos : pos - ret, ret < 0 ? count : ret, ret);
	return 0;
}

/* A call that opens files returned. */
static __always_inline int open_report(struct task_struct *task, __s64 fd)
{
	struct task_struct *target = NULL;
	struct file *file = fd < 0 ? NULL : fd_file(task, fd);
	struct writing w;

	if (!file || !(BPF_CORE_READ(file, f_mode) & FMODE_WRITE) || !file_is_mem(file, &target) ||
	    !write_begin(&w, task, target, NULL, MPW_WRITE_OPEN))
		return 0;
	write_send(&w, 0, 0, fd);
	return 0;
}

/* Files are opened all the time, but seldom for writing: all others leave at once. */
SEC("tp/syscalls/sys_exit_openat")
int exit_openat(void *ctx)
{
	struct task_struct *task = current_task();

	return regs_arg2(task) & O_ACCMODE ? open_report(task, call_ret(ctx, task)) : 0;
}

SEC("tp/syscalls/sys_exit_open")
int exit_open(void *ctx)
{
	struct task_struct *task = current_task();

	return regs_arg1(task) & O_ACCMODE ? open_report(task, call_ret(ctx, task)) : 0;
}

SEC("tp/syscalls/sys_exit_openat2")
int exit_openat2(void *ctx)
{
	struct task_struct *task = current_task();

	return open_report(task, call_ret(ctx, task));
}

SEC("tp/syscalls/sys_exit_creat")
int exit_creat(void *ctx)
{
	struct task_struct *task = current_task();

	return open_report(task, call_ret(ctx, task));
}

#endif
