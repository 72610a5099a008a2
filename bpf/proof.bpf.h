/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Proof that a call ran. A seccomp filter, a tracer (PTRACE_SYSEMU, a changed register) or the
 * listener of a filter can answer a call with any result, and the exit tracepoint fires as if the
 * call had been made. A call is proven where nobody could answer for it, or where the memory is now
 * as a call that ran would have left it. All others are reported as not proven.
 */
#ifndef PROOF_BPF_H
#define PROOF_BPF_H

#define BITS_PER_WORD 64

/*
 * True if the thread's filters allow the call whatever its arguments are. The kernel works that out
 * for each call when a filter is set (Linux 5.11), and then runs no filter for it.
 */
static __always_inline bool filters_allow(struct task_struct *task, __u32 nr, bool compat)
{
	struct seccomp_filter *filter = READ_PTR(task, seccomp.filter);
	__u64 word = 0;
	__u32 at, size;

	if (!filter || !bpf_core_field_exists(filter->cache))
		return false;
	at = bpf_core_field_offset(filter->cache.allow_native);
	size = bpf_core_field_size(filter->cache.allow_native);
	if (compat) {
		if (!bpf_core_field_exists(filter->cache.allow_compat))
			return false;
		at = bpf_core_field_offset(filter->cache.allow_compat);
		size = bpf_core_field_size(filter->cache.allow_compat);
	}
	if (nr / 8 >= size)
		return false;
	at += nr / BITS_PER_WORD * sizeof(word);
	if (bpf_probe_read_kernel(&word, sizeof(word), (void *)filter + at))
		return false;
	return word >> nr % BITS_PER_WORD & 1;
}

/* True if nobody can have answered for the call, whose number is nr. */
static __always_inline bool call_ran(struct task_struct *task, __u32 nr, bool compat)
{
	if (READ(task, ptrace))
		return false;
	return !READ(task, seccomp.mode) || filters_allow(task, nr, compat);
}

#ifndef OLD_KERNEL

/* One mapping as a call wants it. */
struct promise {
	__u64 hi;    /* it reaches at least to here */
	__u64 mask;  /* of VM_* */
	__u64 flags; /* under the mask */
	bool fresh;  /* set when it must have neither a file nor a name */
	bool yes;
};

static __always_inline bool vma_has_name(struct vm_area_struct *vma)
{
	return bpf_core_field_exists(vma->anon_name) && BPF_CORE_READ(vma, anon_name);
}

static long vma_keeps(struct task_struct *task, struct vm_area_struct *vma, struct promise *k)
{
	k->yes = vma->vm_end >= k->hi && (vma->vm_flags & k->mask) == k->flags &&
		 !(k->fresh && (vma->vm_file || vma_has_name(vma)));
	return 0;
}

/*
 * True if mremap moved or shrank a mapping: the place that it left is unmapped now. Where it was so
 * before, there was nothing to move.
 */
static __always_inline bool mremap_left(const struct user_regs *u, struct task_struct *task)
{
	__u64 left = u->arg[0];
	struct promise k = {};

	if (u->arg[3] & ABI_MREMAP_DONTUNMAP || !u->arg[1] || !truth ||
	    u->ret != (__s64)page_down(u->ret))
		return false;
	if ((__u64)u->ret == left && page_up(u->arg[2]) < page_up(u->arg[1]))
		left += page_up(u->arg[2]);
	else if ((__u64)u->ret == left)
		return false;
	return bpf_find_vma(task, left, vma_keeps, &k, 0) == -ENOENT;
}

/*
 * True if one mapping has all that the call's arguments and result promise. Asked for the calls
 * that are frequent and that filters look into for their protection; the others are read back.
 */
static __always_inline bool call_keeps_promise(enum mpw_call call, const struct user_regs *u,
					       struct task_struct *task, __u16 flags)
{
	struct promise k = {};
	__u64 how = u->arg[3], lo = u->arg[0], prot = u->arg[2];

	if (call == MPW_CALL_MREMAP && !(flags & MPW_F_RACY) && !ret_is_error(u->ret))
		return mremap_left(u, task);
	if (flags & (MPW_F_RACY | MPW_F_RIE) || ret_is_error(u->ret) ||
	    prot & ~(__u64)ABI_PROT_MASK || prot == ABI_PROT_EXEC || !u->arg[1])
		return false;
	if (call == MPW_CALL_MMAP && how & ABI_MAP_ANONYMOUS &&
	    !(how & (ABI_MAP_SHARED | ABI_MAP_GROWSDOWN | ABI_MAP_HUGETLB))) {
		/* all that a new mapping has not: an older one may be there, as it was */
		k.mask |= MPW_VM_MAYSHARE | MPW_VM_GROWSDOWN | MPW_VM_DONTCOPY | MPW_VM_PKEYS;
		k.fresh = true;
		lo = u->ret;
	} else if (call != MPW_CALL_MPROTECT || u->ret) {
		return false;
	}
	k.hi = page_up(lo + u->arg[1]);
	k.flags = prot;
	k.mask |= ABI_PROT_MASK; /* here: an initializer becomes a map that old kernels lack */
	if (k.hi <= lo || lo != page_down(lo) || bpf_find_vma(task, lo, vma_keeps, &k, 0))
		return false;
	return k.yes;
}

#else

static __always_inline bool call_keeps_promise(enum mpw_call call, const struct user_regs *u,
					       struct task_struct *task, __u16 flags)
{
	return false; /* bpf_find_vma() came with 5.17 */
}

#endif

#endif
