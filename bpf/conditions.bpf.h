/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Conditions, which the kernel goes by when it refuses a call: limits and what is used of them, and the file or
 * the mapping that the call is about. Read where a call has failed, right after it: a failed call
 * has changed none of it.
 */
#ifndef CONDITIONS_BPF_H
#define CONDITIONS_BPF_H

/* include/uapi/asm-generic/resource.h */
#define LIMIT_DATA    2
#define LIMIT_MEMLOCK 8
#define LIMIT_AS      9

#define MODE_READ	1 /* FMODE_READ of include/linux/fs.h; WRITE is 2 */
#define MODE_WRITE	2
#define INODE_APPEND	4    /* S_APPEND */
#define SB_NO_EXEC	2    /* SB_I_NOEXEC */
#define MNT_NO_EXEC	4    /* MNT_NOEXEC of include/linux/mount.h */
#define SEALS_OF_WRITES 0x18 /* F_SEAL_WRITE, F_SEAL_FUTURE_WRITE of include/uapi/linux/fcntl.h */
#define MAGIC_TMPFS	0x01021994
#define MMF_MDWE	(1UL << 28) /* MMF_HAS_MDWE of include/linux/mm_types.h (6.3) */
#define VM_LOCKED_ALL	0x2000	    /* VM_LOCKED */
#define VM_HUGE		0x400000    /* VM_HUGETLB */
#define VM_MAY_SHIFT	4	    /* VM_MAYREAD is VM_READ << 4, and so on */

#define NO_FILE	    (~0U)
#define PLACE_STEPS 16 /* mappings that are looked at */

static __always_inline __u64 limit_of(struct task_struct *task, int which)
{
	return BPF_CORE_READ(task, signal, rlim[which].rlim_cur);
}

static __always_inline bool has_mdwe(struct mm_struct *mm)
{
	struct mm_struct___bitmap *new = (void *)mm;

	if (bpf_core_field_exists(new->flags.__mm_flags))
		return BPF_CORE_READ(new, flags.__mm_flags[0]) & MMF_MDWE;
	return bpf_core_field_exists(mm->flags) && BPF_CORE_READ(mm, flags) & MMF_MDWE;
}

static __always_inline __u32 seals_of(struct inode *inode)
{
	struct shmem_inode_info *info;

	if (BPF_CORE_READ(inode, i_sb, s_magic) != MAGIC_TMPFS)
		return 0;
	info = (void *)inode - bpf_core_field_offset(struct shmem_inode_info, vfs_inode);
	return BPF_CORE_READ(info, seals);
}

/* enum mpw_condition of a file. */
static __always_inline __u32 file_conditions(struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	__u32 mode = BPF_CORE_READ(file, f_mode);

	return flag_if(!(mode & MODE_READ), MPW_COND_NO_READ) |
	       flag_if(!(mode & MODE_WRITE), MPW_COND_NO_WRITE) |
	       flag_if(BPF_CORE_READ(file, f_path.mnt, mnt_flags) & MNT_NO_EXEC, MPW_COND_NO_EXEC) |
	       flag_if(BPF_CORE_READ(inode, i_sb, s_iflags) & SB_NO_EXEC, MPW_COND_NO_EXEC) |
	       flag_if(BPF_CORE_READ(inode, i_flags) & INODE_APPEND, MPW_COND_APPEND) |
	       flag_if(seals_of(inode) & SEALS_OF_WRITES, MPW_COND_SEAL);
}

/* The file that fd names, as long as the caller has not closed it since; else NULL. */
static __always_inline struct file *fd_file(struct task_struct *task, __u32 fd)
{
	struct fdtable *fdt = BPF_CORE_READ(task, files, fdt);
	struct file *file = NULL, **table;

	if (fd >= BPF_CORE_READ(fdt, max_fds))
		return NULL;
	table = BPF_CORE_READ(fdt, fd);
	bpf_probe_read_kernel(&file, sizeof(file), table + fd);
	return file;
}

#ifndef OLD_KERNEL

/* A walk to the first mapping that lacks a right, or is of hugetlbfs. */
struct obstacle {
	__u64 at, hi, start;
	__u64 file;
	__u32 wanted; /* PROT_* */
	bool huge;
};

static long obstacle_look(struct task_struct *task, struct vm_area_struct *vma, struct obstacle *p)
{
	__u64 flags = vma->vm_flags;

	p->at = vma->vm_end;
	if (p->wanted & ~(flags >> VM_MAY_SHIFT) || flags & VM_HUGE) {
		p->start = vma->vm_start;
		p->file = (__u64)vma->vm_file;
		p->huge = flags & VM_HUGE;
	}
	return 0;
}

static long obstacle_step(__u32 i, struct obstacle *p)
{
	if (p->at >= p->hi || p->start)
		return 1;
	return !!bpf_find_vma(current_task(), p->at, obstacle_look, p, 0);
}

static __always_inline void obstacle_put(struct mpw_conditions *c, __u64 lo, __u64 hi, __u32 wanted)
{
	struct obstacle p = { .at = lo, .hi = hi, .wanted = wanted };
	struct file *file;

	bpf_loop(PLACE_STEPS, obstacle_step, &p, 0);
	c->place = p.start;
	file = (struct file *)p.file;
	if (!file)
		return;
	c->flags |= file_conditions(file);
	if (p.huge)
		c->huge_bytes = BPF_CORE_READ(file, f_inode, i_sb, s_blocksize);
}

#else

static __always_inline void obstacle_put(struct mpw_conditions *c, __u64 lo, __u64 hi, __u32 wanted)
{
	/* bpf_find_vma() came with 5.17 */
}

#endif

/*
 * Append the conditions to a failed call's record. [lo, hi) and wanted (PROT_*) are what the call
 * asked for of mappings that were there; fd is its file, or NO_FILE.
 */
ONCE int conditions_put(struct scratch *s, __u64 lo, __u64 hi, __u32 wanted, __u32 fd)
{
	struct task_struct *task = current_task();
	struct mm_struct *mm = READ_PTR(task, mm);
	struct mpw_conditions *c;
	struct file *file;
	__u32 at;

	if (!s || !mm)
		return 0;
	at = s->len;
	if (at > SCRATCH_BYTES - sizeof(*c))
		return 0;
	c = (struct mpw_conditions *)(s->data + at);
	__builtin_memset(c, 0, sizeof(*c));
	s->len = at + sizeof(*c);
	((struct mpw_head *)s->data)->flags |= MPW_F_CONDITIONS;
	c->as_used = BPF_CORE_READ(mm, total_vm) * page_bytes;
	c->as_limit = limit_of(task, LIMIT_AS);
	c->data_used = BPF_CORE_READ(mm, data_vm) * page_bytes;
	c->data_limit = limit_of(task, LIMIT_DATA);
	c->data_segment = BPF_CORE_READ(mm, end_data) - BPF_CORE_READ(mm, start_data);
	c->locked_used = BPF_CORE_READ(mm, locked_vm) * page_bytes;
	c->memlock_limit = limit_of(task, LIMIT_MEMLOCK);
	c->flags = flag_if(has_mdwe(mm), MPW_COND_MDWE) |
		   flag_if(BPF_CORE_READ(mm, def_flags) & VM_LOCKED_ALL, MPW_COND_LOCKS_ALL);
	file = fd == NO_FILE ? NULL : fd_file(task, fd);
	if (file)
		c->flags |= file_conditions(file);
	obstacle_put(c, lo, hi, wanted);
	return 0;
}

#endif
