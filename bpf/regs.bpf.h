/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The user's registers at the exit of a system call: they still have the arguments,
 * and have the result. Each function has a body for each architecture.
 */
#ifndef REGS_BPF_H
#define REGS_BPF_H

struct user_regs {
	__u64 arg[MPW_NR_ARGS];
	__s64 ret;
	__u64 ip;
	__u64 link; /* return address of the function that made the call, if it pushed no frame */
};

/* Read the first nargs arguments; the others stay as they are. */
static __always_inline void regs_read(struct task_struct *task, struct user_regs *u, int nargs)
{
	struct pt_regs *regs = task_regs(task);

#if defined(__TARGET_ARCH_x86)
	__u64 sp = READ(regs, sp);

	u->arg[0] = READ(regs, di);
	if (nargs > 1)
		u->arg[1] = READ(regs, si);
	if (nargs > 2)
		u->arg[2] = READ(regs, dx);
	if (nargs > 3)
		u->arg[3] = READ(regs, r10);
	if (nargs > 4)
		u->arg[4] = READ(regs, r8);
	if (nargs > 5)
		u->arg[5] = READ(regs, r9);
	u->ret = READ(regs, ax);
	u->ip = READ(regs, ip);
	u->link = 0;
	bpf_probe_read_user(&u->link, sizeof(u->link), (void *)sp);
#elif defined(__TARGET_ARCH_arm64)
	u->arg[0] = READ(regs, orig_x0);
	if (nargs > 1)
		u->arg[1] = READ(regs, user_regs.regs[1]);
	if (nargs > 2)
		u->arg[2] = READ(regs, user_regs.regs[2]);
	if (nargs > 3)
		u->arg[3] = READ(regs, user_regs.regs[3]);
	if (nargs > 4)
		u->arg[4] = READ(regs, user_regs.regs[4]);
	if (nargs > 5)
		u->arg[5] = READ(regs, user_regs.regs[5]);
	u->ret = READ(regs, user_regs.regs[0]);
	u->ip = READ(regs, user_regs.pc);
	u->link = READ(regs, user_regs.regs[30]);
#else
#error "this architecture's registers are not described"
#endif
}

/*
 * The result of a call's own function, long f(const struct pt_regs *), in the context of a program
 * on its exit. The registers do not have it yet.
 */
static __always_inline __s64 function_ret(const void *ctx)
{
	return ((const volatile __u64 *)
			ctx)[1]; /* not merged with other loads: it is of the context */
}

/* The result of a call alone, and one argument of those from the second on. */
static __always_inline __s64 call_ret(const void *ctx, struct task_struct *task)
{
	struct pt_regs *regs = task_regs(task);

	if (by_function)
		return function_ret(ctx);

#if defined(__TARGET_ARCH_x86)
	return READ(regs, ax);
#else
	return READ(regs, user_regs.regs[0]);
#endif
}

#if defined(__TARGET_ARCH_x86)
#define regs_arg1(task) READ(task_regs(task), si)
#define regs_arg2(task) READ(task_regs(task), dx)
#else
#define regs_arg1(task) READ(task_regs(task), user_regs.regs[1])
#define regs_arg2(task) READ(task_regs(task), user_regs.regs[2])
#endif

/* Registers for struct mpw_stack. */
static __always_inline void regs_read_all(struct task_struct *task, __u64 reg[MPW_NR_REGS])
{
	struct pt_regs *regs = task_regs(task);
	int i;

#pragma unroll
	for (i = 0; i < MPW_NR_REGS; i++)
		reg[i] = 0;
#if defined(__TARGET_ARCH_x86)
	reg[3] = READ(regs, bx);
	reg[MPW_REG_FP] = READ(regs, bp);
	reg[MPW_REG_SP] = READ(regs, sp);
	reg[12] = READ(regs, r12);
	reg[13] = READ(regs, r13);
	reg[14] = READ(regs, r14);
	reg[15] = READ(regs, r15);
	reg[MPW_REG_PC] = READ(regs, ip);
#else
#pragma unroll
	for (i = 0; i < 31; i++)
		reg[i] = READ(regs, user_regs.regs[i]);
	reg[MPW_REG_SP] = READ(regs, user_regs.sp);
	reg[MPW_REG_PC] = READ(regs, user_regs.pc);
#endif
}

/* The number of the call that the thread leaves. */
static __always_inline __u32 regs_call_nr(struct task_struct *task)
{
	struct pt_regs *regs = task_regs(task);

#if defined(__TARGET_ARCH_x86)
	return READ(regs, orig_ax);
#else
	return READ(regs, syscallno);
#endif
}

/*
 * Calls by the 32-bit entry, at the exit of any call: is_compat(); and regs_read_compat(), which
 * reads all arguments and the result.
 */
#if defined(__TARGET_ARCH_x86)
#define TS_COMPAT 2    /* arch/x86/include/asm/thread_info.h; still set at sys_exit */
#define USER32_CS 0x23 /* the code segment of 32-bit programs */

static __always_inline bool is_compat(struct task_struct *task)
{
	return READ(task, thread_info.status) & TS_COMPAT;
}

static __always_inline void regs_read_compat(struct task_struct *task, struct user_regs *u)
{
	struct pt_regs *regs = task_regs(task);
	__u64 sp = READ(regs, sp);

	u->arg[0] = (__u32)READ(regs, bx);
	u->arg[1] = (__u32)READ(regs, cx);
	u->arg[2] = (__u32)READ(regs, dx);
	u->arg[3] = (__u32)READ(regs, si);
	u->arg[4] = (__u32)READ(regs, di);
	u->arg[5] = (__u32)READ(regs, bp);
	u->ret = READ(regs, ax);
	u->ip = READ(regs, ip);
	u->link = 0;
	bpf_probe_read_user(&u->link, READ(regs, cs) == USER32_CS ? 4 : 8, (void *)sp);
}
#else
#define PSR_MODE32_BIT 0x10 /* arch/arm64/include/uapi/asm/ptrace.h: a 32-bit program runs */

static __always_inline bool is_compat(struct task_struct *task)
{
	struct pt_regs *regs = task_regs(task);

	return READ(regs, user_regs.pstate) & PSR_MODE32_BIT;
}

static __always_inline void regs_read_compat(struct task_struct *task, struct user_regs *u)
{
	struct pt_regs *regs = task_regs(task);

	u->arg[0] = (__u32)READ(regs, orig_x0);
	u->arg[1] = (__u32)READ(regs, user_regs.regs[1]);
	u->arg[2] = (__u32)READ(regs, user_regs.regs[2]);
	u->arg[3] = (__u32)READ(regs, user_regs.regs[3]);
	u->arg[4] = (__u32)READ(regs, user_regs.regs[4]);
	u->arg[5] = (__u32)READ(regs, user_regs.regs[5]);
	u->ret = READ(regs, user_regs.regs[0]);
	if (ret_is_error((__s32)u->ret)) /* the register has its lower half alone */
		u->ret = (__s32)u->ret;
	u->ip = READ(regs, user_regs.pc);
	u->link = READ(regs, user_regs.regs[14]) & ~1ULL; /* set: to Thumb code */
}
#endif

/* True if the bits above those of an address are all equal to its highest, as x86-64 demands. */
static __always_inline bool is_canonical(__u64 addr)
{
	__u64 top = addr >> 47;

	return !top || top == 0x1ffff;
}

/* The access of a thread's last fault, for which it gets a signal: enum mpw_access. */
static __always_inline __u8 fault_access(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86) /* X86_PF_WRITE, X86_PF_INSTR */
	__u64 error = BPF_CORE_READ(task, thread.error_code);

	return error & 16 ? MPW_ACCESS_EXEC : error & 2 ? MPW_ACCESS_WRITE : MPW_ACCESS_READ;
#else /* ESR_EL1: an instruction abort; WnR of a data abort */
	__u64 esr = BPF_CORE_READ(task, thread.fault_code), class = esr >> 26 & 0x3f;

	if (class == 0x20)
		return MPW_ACCESS_EXEC;
	if (class != 0x24)
		return MPW_ACCESS_ANY;
	return esr & 1 << 6 ? MPW_ACCESS_WRITE : MPW_ACCESS_READ;
#endif
}

static __always_inline __u64 regs_sp(struct task_struct *task)
{
	struct pt_regs *regs = task_regs(task);

#if defined(__TARGET_ARCH_x86)
	return READ(regs, sp);
#else
	return READ(regs, user_regs.sp);
#endif
}

/* The return address of a function that pushed nothing; of one that did, anything. */
static __always_inline __u64 regs_link(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	__u64 link = 0;

	bpf_probe_read_user(&link, sizeof(link), (void *)regs_sp(task));
	return link;
#else
	struct pt_regs *regs = task_regs(task);

	return READ(regs, user_regs.regs[30]);
#endif
}

/* True if the instruction before the address can be a call. */
static __always_inline bool is_behind_call(__u64 addr)
{
#if defined(__TARGET_ARCH_x86) /* e8 rel32; ff with one to six bytes of operands */
	__u8 code[7] = {};

	if (bpf_probe_read_user(code, sizeof(code), (void *)(addr - sizeof(code))))
		return false;
	return code[2] == 0xe8 || code[5] == 0xff || code[4] == 0xff || code[1] == 0xff ||
	       code[3] == 0xff || code[0] == 0xff;
#else
	return addr;
#endif
}

/*
 * A value that is no address, of those that the instruction may have used: the word that a "ret"
 * takes from the stack, or a register. 0: there is none.
 */
static __always_inline __u64 regs_bad_pointer(struct task_struct *task, __u64 link)
{
#if defined(__TARGET_ARCH_x86)
	struct pt_regs *regs = task_regs(task);
	const __u64 values[] = { READ(regs, ax),  READ(regs, bx),  READ(regs, cx),  READ(regs, dx),
				 READ(regs, si),  READ(regs, di),  READ(regs, bp),  READ(regs, r8),
				 READ(regs, r9),  READ(regs, r10), READ(regs, r11), READ(regs, r12),
				 READ(regs, r13), READ(regs, r14), READ(regs, r15), READ(regs, sp) };
	__u8 code = 0;
	int i;

	bpf_probe_read_user(&code, 1, (void *)READ(regs, ip));
	if ((code == 0xc3 || code == 0xc2) && !is_canonical(link))
		return link;
#pragma unroll
	for (i = 0; i < 16; i++)
		if (!is_canonical(values[i]))
			return values[i];
#endif
	return 0;
}

static __always_inline __u64 regs_ip(struct task_struct *task)
{
	struct pt_regs *regs = task_regs(task);

#if defined(__TARGET_ARCH_x86)
	return READ(regs, ip);
#else
	return READ(regs, user_regs.pc);
#endif
}

#endif
