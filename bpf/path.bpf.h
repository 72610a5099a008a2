/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The file of a mapping: device, inode, and its name at this moment. The kernel
 * side reads the name because /proc has none once the process is gone. A path is
 * sent as its components, innermost first; user space turns it round.
 */
#ifndef PATH_BPF_H
#define PATH_BPF_H

#define NAME_MAX_BYTES	  256 /* NAME_MAX of the VFS, with the NUL */
#define MODE_OTHERS_WRITE 2   /* S_IWOTH of include/uapi/linux/stat.h */

/* One step up from the dentry. Returns 1 when the root is reached. */
static long path_step(__u32 i, void *ctx)
{
	struct scratch *s = scratch_get(*(__u32 *)ctx);
	struct dentry *dentry, *parent;
	struct mount *mnt, *mnt_parent;
	const unsigned char *name;
	__u32 at;
	long n;

	if (!s)
		return 1;
	dentry = (struct dentry *)s->dentry;
	mnt = (struct mount *)s->mnt;
	if (dentry == BPF_CORE_READ(mnt, mnt.mnt_root)) {
		mnt_parent = BPF_CORE_READ(mnt, mnt_parent);
		if (mnt_parent == mnt)
			return 1;
		s->dentry = (__u64)BPF_CORE_READ(mnt, mnt_mountpoint);
		s->mnt = (__u64)mnt_parent;
		return 0;
	}
	parent = BPF_CORE_READ(dentry, d_parent);
	if (parent == dentry)
		return 1;
	at = s->len;
	if (at - s->name_at > MPW_PATH_MAX - NAME_MAX_BYTES || at > SCRATCH_BYTES) {
		s->cut = 1;
		return 1;
	}
	name = BPF_CORE_READ(dentry, d_name.name);
	n = bpf_probe_read_kernel_str(s->data + at, NAME_MAX_BYTES, name);
	if (n > 0)
		s->len = at + n;
	s->dentry = (__u64)parent;
	if (i == PATH_STEPS - 1)
		s->cut = 1;
	return 0;
}

/* Append one string to the name. */
static __always_inline void name_put(struct scratch *s, const void *kernel_str)
{
	__u32 at = s->len;
	long n;

	if (at > SCRATCH_BYTES)
		return;
	n = bpf_probe_read_kernel_str(s->data + at, NAME_MAX_BYTES, kernel_str);
	if (n > 0)
		s->len = at + n;
}

/* The mount namespace of mnt; 0: the tracer's. A mount that was detached has none. */
static __always_inline __u32 mnt_ns_of(struct mount *mnt)
{
	__u32 inum = BPF_CORE_READ(mnt, mnt_ns, ns.inum);

	if (!inum)
		return MPW_MNT_NS_NONE;
	return inum == home_mnt_ns ? 0 : inum;
}

/* True if anybody may write to the file, or put another in its place. */
static __always_inline bool is_open_to_all(struct inode *inode, struct dentry *dentry)
{
	return (BPF_CORE_READ(inode, i_mode) | BPF_CORE_READ(dentry, d_parent, d_inode, i_mode)) &
	       MODE_OTHERS_WRITE;
}

/* Fill v's device, inode and name from file; the name goes behind v, at s->len. */
static __noinline void vma_put_file(struct scratch *s, struct mpw_vma *v, struct file *file)
{
	struct path path = BPF_CORE_READ(file, f_path);
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct dentry *dentry;
	__u32 id = s->id;

	if (bpf_core_type_exists(struct backing_file) &&
	    BPF_CORE_READ(file, f_mode) & fmode_backing) {
		struct path opened = BPF_CORE_READ((struct backing_file *)file, user_path);
		struct inode *opened_inode = BPF_CORE_READ(opened.dentry, d_inode);

		if (opened_inode) {
			path = opened;
			inode = opened_inode;
		}
	}
	dentry = path.dentry;
	v->ino = BPF_CORE_READ(inode, i_ino);
	v->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	v->magic = BPF_CORE_READ(inode, i_sb, s_magic);
	s->name_at = s->len;
	s->cut = 0;
	if (BPF_CORE_READ(dentry, d_op, d_dname)) {
		v->name_kind = MPW_NAME_PSEUDO;
		name_put(s, BPF_CORE_READ(dentry, d_name.name));
		return;
	}
	v->name_kind = BPF_CORE_READ(dentry, d_hash.pprev) ? MPW_NAME_PATH : MPW_NAME_UNLINKED;
	if (BPF_CORE_READ(dentry, d_parent) == dentry)
		v->name_kind = MPW_NAME_PATH;
	s->dentry = (__u64)dentry;
	s->mnt = (__u64)path.mnt - bpf_core_field_offset(struct mount, mnt);
	v->mnt_ns = mnt_ns_of((struct mount *)s->mnt);
	if (is_open_to_all(inode, dentry))
		v->name_flags = MPW_NAME_OPEN;
	path_loop(path_step, id);
	if (s->cut)
		v->name_flags |= MPW_NAME_CUT;
}

/* Close the entry v whose name ends at s->len: its length, and the padding. */
static __always_inline void vma_close(struct scratch *s, struct mpw_vma *v, __u32 name_at)
{
	v->name_len = s->len - name_at;
	s->len = (s->len + 7) & ~7U;
}

/* A new entry at the end of the scratch, all zero; NULL if there is no room. */
static __always_inline struct mpw_vma *vma_open(struct scratch *s)
{
	struct mpw_vma *v;
	__u32 at = s->len;

	if (at > SCRATCH_BYTES - sizeof(*v))
		return NULL;
	v = (struct mpw_vma *)(s->data + at);
	__builtin_memset(v, 0, sizeof(*v));
	s->len = at + sizeof(*v);
	return v;
}

/* Append a file to a record, as its last part (MPW_F_FILE); nothing if it is NULL. */
static __always_inline void file_put(struct scratch *s, struct file *file)
{
	struct mpw_head *h = (struct mpw_head *)s->data;
	struct mpw_vma *v = file ? vma_open(s) : NULL;

	if (!v)
		return;
	h->flags |= MPW_F_FILE;
	vma_put_file(s, v, file);
	vma_close(s, v, s->name_at);
}

/* Append the program of mm to a record with an identity. */
static __always_inline void program_put(struct scratch *s, struct mm_struct *mm)
{
	file_put(s, BPF_CORE_READ(mm, exe_file));
}

#endif
