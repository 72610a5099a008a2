/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Differences between kernels. The unit is compiled twice: once for kernels that
 * have bpf_loop() (5.17), where types that BTF describes are read by plain loads,
 * and once, with OLD_KERNEL, for those without (5.10 is the oldest that is tested).
 * Old kernels can't read mappings: programs that only do so are in both units, but
 * are not loaded there.
 *
 * The verifier looks at a function that is not static once for each program, and not at each call
 * in each state. Its result and its arguments are numbers. Where it is marked ONCE, they may be
 * pointers, too, which it has to check for NULL; before 5.12 each call of it is looked at.
 */
#ifndef KERNEL_BPF_H
#define KERNEL_BPF_H

extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __weak __ksym;

/*
 * A pointer that the verifier shall not trust: before Linux 7.0 the verifier searches all of BTF,
 * for a millisecond, at each pointer that is read through a trusted one. Costs no instruction.
 */
#define UNTRUSTED(type, ptr) ((type *)bpf_rdonly_cast(ptr, bpf_core_type_id_kernel(type)))

#ifndef OLD_KERNEL

#define NEW_KERNEL	    true
#define READ(ptr, field)    ((ptr)->field)
#define current_task()	    bpf_get_current_task_btf()
#define ONCE		    __noinline
#define claim(owner, tid)   (!__sync_val_compare_and_swap(owner, 0, tid))
#define PATH_STEPS	    512 /* components and mount points on the way to the root */
#define path_loop(step, id) bpf_loop(PATH_STEPS, step, &(id), 0)

/* A pointer that a task holds. The cast came with Linux 6.2, before what is asked for here. */
#define READ_PTR(task, field)                                                        \
	({                                                                           \
		struct task_struct *t_ = (task);                                     \
		has_vma_iter ? UNTRUSTED(struct task_struct, t_)->field : t_->field; \
	})

static __always_inline void comm_read(char to[MPW_COMM_LEN], struct task_struct *task)
{
	((__u64 *)to)[0] = *(__u64 *)task->comm;
	((__u64 *)to)[1] = *(__u64 *)(task->comm + 8);
}

static __always_inline struct pt_regs *task_regs(struct task_struct *task)
{
	return (struct pt_regs *)bpf_task_pt_regs(task);
}

#else

#define NEW_KERNEL false /* drops the code that reads mappings: its kfuncs are missing there */
#define READ(ptr, field)                  \
	({                                \
		typeof(ptr) p_ = (ptr);   \
		BPF_CORE_READ(p_, field); \
	})
#define READ_PTR       READ
#define current_task() ((struct task_struct *)bpf_get_current_task())
#define ONCE	       static __noinline
#define PATH_STEPS     32 /* the verifier walks through each */
#define path_loop(step, id) \
	_Pragma("nounroll") for (__u32 i = 0; i < PATH_STEPS; i++) if (step(i, &(id))) break

/* Compare-and-exchange came with 5.12. */
static __always_inline bool claim(__u32 *owner, __u32 tid)
{
	if (*(volatile __u32 *)owner)
		return false;
	WRITE_ONCE(*owner, tid);
	return true;
}

static __always_inline void comm_read(char to[MPW_COMM_LEN], struct task_struct *task)
{
	bpf_probe_read_kernel(to, MPW_COMM_LEN, task->comm);
}

/* bpf_task_pt_regs() came with 5.15; before, the registers are at the top of the kernel stack. */
static __always_inline struct pt_regs *task_regs(struct task_struct *task)
{
	void *stack = BPF_CORE_READ(task, stack);

	return stack + stack_bytes - bpf_core_type_size(struct pt_regs);
}

#endif

/*
 * The flag if x is above 0, by arithmetic: to the verifier a branch is two states, and each flag
 * would double those of all that follows.
 */
static __always_inline __u16 flag_if(__s64 x, __u16 flag)
{
	x = -x;
	barrier_var(x); /* else the compiler makes a branch of it */
	return x >> 63 & flag;
}

#endif
