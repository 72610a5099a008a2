/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Calls by the 32-bit entry: those of 32-bit programs, and on x86-64 of 64-bit
 * programs by int 0x80. They pass no tp/syscalls tracepoint. The program is on the
 * function that all of them and no others pass, if it can be (on x86-64 it came with
 * Linux 6.9 and the stable series of its time), or else on the exit of every call of
 * the machine, or on each call's own function.
 */
#ifndef COMPAT_BPF_H
#define COMPAT_BPF_H

#if defined(__TARGET_ARCH_x86)
#define COMPAT_CALLS MPW_I386_CALLS
#else
#define COMPAT_CALLS MPW_ARM_CALLS
#endif

#define COMPAT_MMAP2  192 /* of both */
#define I386_OLD_MMAP 90
#define I386_IPC      117
#define IPC_SHMAT     21 /* include/uapi/linux/ipc.h */
#define IPC_SHMDT     22

static __always_inline enum mpw_call compat_call(__u32 nr)
{
	switch (nr) {
#define COMPAT_CALL(number, ID) \
	case number:            \
		return MPW_CALL_##ID;
		COMPAT_CALLS(COMPAT_CALL)
#undef COMPAT_CALL
	}
	return MPW_NR_CALLS;
}

#if defined(__TARGET_ARCH_x86)
/*
 * The old mmap takes a pointer to its arguments, which the new mapping may have overwritten. So
 * only its result is reported: length 0 means not known, MAP_FIXED that a failure may have
 * unmapped.
 */
static __always_inline void compat_old_mmap(struct user_regs *u)
{
	u->arg[0] = u->arg[1] = u->arg[2] = u->arg[5] = 0;
	u->arg[3] = ABI_MAP_FIXED | ABI_MAP_ANONYMOUS;
	u->arg[4] = ~0U;
}

/* ipc(SHMAT, id, flags, pointer to the result, address) and ipc(SHMDT, _, _, _, address). */
static __always_inline enum mpw_call compat_ipc(struct user_regs *u)
{
	__u64 id = u->arg[1], flags = u->arg[2], ret_at = u->arg[3], addr = u->arg[4];
	__u32 at = 0;

	if ((u->arg[0] & 0xffff) == IPC_SHMDT) { /* the bits above have a version */
		u->arg[0] = addr;
		return MPW_CALL_SHMDT;
	}
	if ((u->arg[0] & 0xffff) != IPC_SHMAT)
		return MPW_NR_CALLS;
	u->arg[0] = id;
	u->arg[1] = addr;
	u->arg[2] = flags;
	if (!u->ret && !bpf_probe_read_user(&at, sizeof(at), (void *)ret_at))
		u->ret = at;
	return MPW_CALL_SHMAT;
}
#endif

/* The call with this number; its arguments in u are put in the order of a 64-bit call. */
static __always_inline enum mpw_call compat_read(__u32 nr, struct user_regs *u)
{
	if (nr == COMPAT_MMAP2)
		u->arg[5] *= 4096; /* in this unit, whatever the size of the machine's pages */
#if defined(__TARGET_ARCH_x86)
	if (nr == I386_IPC)
		return compat_ipc(u);
	if (nr == I386_OLD_MMAP)
		compat_old_mmap(u);
#endif
	return compat_call(nr);
}

/* Calls of write.bpf.h; the numbers are of i386 and, where it has others, ARM. */
enum compat_write_nr {
	COMPAT_OPEN = 5,
	COMPAT_CREAT = 8,
	COMPAT_PTRACE = 26,
	COMPAT_OPENAT2 = 437,
#if defined(__TARGET_ARCH_x86)
	COMPAT_OPENAT = 295,
	COMPAT_VM_WRITEV = 348,
#else
	COMPAT_OPENAT = 322,
	COMPAT_VM_WRITEV = 377,
#endif
};

static __always_inline bool compat_writes(__u32 nr)
{
	return nr == COMPAT_PTRACE || nr == COMPAT_VM_WRITEV ||
	       (opens_of_mem && (nr == COMPAT_OPEN || nr == COMPAT_CREAT || nr == COMPAT_OPENAT ||
				 nr == COMPAT_OPENAT2));
}

/*
 * The two kinds of calls, each with a stack of its own: all that call one another share 512 bytes.
 * ret: the result, if the registers do not have it yet; else NULL.
 */
static __noinline int compat_write(struct task_struct *task, __u32 nr, const __s64 *ret)
{
	struct user_regs u;
	bool ran = ret || call_ran(task, nr, true);

	regs_read_compat(task, &u);
	if (ret)
		u.ret = *ret;
	if (nr == COMPAT_VM_WRITEV)
		return vm_report(task, &u, ran, true);
	if (nr == COMPAT_PTRACE) {
		note_emulation(task, &u);
		return ptrace_report(task, &u, sizeof(__u32), ran);
	}
	return open_report(task, u.ret);
}

static __always_inline int change_report(struct task_struct *task, __u32 nr, const __s64 *ret)
{
	enum mpw_call call;
	struct user_regs u;
	struct task_ids ids;
	__u16 flags;

	task_ids_read(&ids, task);
	if (!ids.mm || !filter_wants_call(task, ids.tgid, ids.tid, &flags))
		return 0;
	regs_read_compat(task, &u);
	if (ret) /* of the function that makes the calls: it ran */
		u.ret = *ret;
	else if (!call_ran(task, nr, true) || *member_of(ids.tgid) & MPW_MEMBER_EMULATED)
		flags |= MPW_F_UNPROVEN;
	call = compat_read(nr, &u);
	if (call != MPW_NR_CALLS)
		call_report(NULL, false, &ids, call, MPW_NR_ARGS, flags | MPW_F_COMPAT, &u);
	return 0;
}

static __noinline int compat_change(struct task_struct *task, __u32 nr, const __s64 *ret)
{
	return change_report(task, nr, ret);
}

static __always_inline int on_compat(struct task_struct *task, const __s64 *ret)
{
	__u32 nr = regs_call_nr(task);

	return compat_writes(nr) ? compat_write(task, nr, ret) : compat_change(task, nr, ret);
}

#if defined(__TARGET_ARCH_x86)
/* long ia32_sys_call(const struct pt_regs *regs, unsigned int nr) */
SEC("fexit/ia32_sys_call")
int exit_compat(__u64 *ctx)
{
	__s64 ret = ctx[2];

	return on_compat(current_task(), &ret);
}

/* Each call's own function, where there is no function that all of them pass. */
#define COMPAT_PROGRAM(name, nr)                                \
	SEC("fexit/__ia32_" #name)                              \
	int compat_##name(void *ctx)                            \
	{                                                       \
		__s64 ret = function_ret(ctx);                  \
                                                                \
		return change_report(current_task(), nr, &ret); \
	}

/* Not loaded on old kernels, whose verifier takes minutes for it. */
#define COMPAT_WRITE_PROGRAM(name, nr)                         \
	SEC("fexit/__ia32_" #name)                             \
	int compat_##name(void *ctx)                           \
	{                                                      \
		__s64 ret = function_ret(ctx);                 \
                                                               \
		return compat_write(current_task(), nr, &ret); \
	}

MPW_I386_FUNCTIONS(COMPAT_PROGRAM)
MPW_I386_WRITE_FUNCTIONS(COMPAT_WRITE_PROGRAM)
#else
/* void do_el0_svc_compat(struct pt_regs *regs) */
SEC("fexit/do_el0_svc_compat")
int exit_compat(void *ctx)
{
	return on_compat(current_task(), NULL);
}
#endif

/* Every system call of the machine comes here: others must leave at once. */
SEC("tp_btf/sys_exit")
int exit_any(void *ctx)
{
	struct task_struct *task = current_task();

	return is_compat(task) ? on_compat(task, NULL) : 0;
}

#endif
