/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The kernel's types, with the members that are read: kept by hand, small, the same
 * on every architecture. Members are found by name when the program is loaded
 * (CO-RE), so that order and size do not matter.
 */
#ifndef VMLINUX_TYPES_H
#define VMLINUX_TYPES_H

#include <linux/types.h>
#include <linux/bpf.h>
#include <stdbool.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	unsigned int val;
} kuid_t;

struct hlist_bl_node {
	struct hlist_bl_node **pprev;
};

struct qstr {
	const unsigned char *name;
};

struct super_block {
	unsigned int s_dev;
	unsigned long s_blocksize, s_magic, s_iflags;
	void *s_fs_info;
};

struct percpu_counter {
	long long count;
};

struct shmem_sb_info {
	unsigned long max_blocks;
	struct percpu_counter used_blocks;
};

struct hstate {
	unsigned int order;
	unsigned long free_huge_pages;
};

struct hugetlbfs_sb_info {
	struct hstate *hstate;
};

struct inode {
	unsigned short i_mode;
	unsigned int i_flags;
	struct super_block *i_sb;
	unsigned long i_ino;
	long long i_size;
};

struct pid;

/* The inode of a file of tmpfs, and of a memfd. */
struct shmem_inode_info {
	unsigned int seals;
	struct inode vfs_inode;
};

/* The inode of a file in /proc/PID. */
struct proc_inode {
	struct pid *pid;
	struct inode vfs_inode;
};

struct dentry;

struct dentry_operations {
	char *(*d_dname)(struct dentry *, char *, int);
};

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	const struct dentry_operations *d_op;
};

struct vfsmount {
	struct dentry *mnt_root;
	int mnt_flags;
};

struct ns_common {
	unsigned int inum;
};

struct mnt_namespace {
	struct ns_common ns;
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
};

struct mount {
	struct mnt_namespace *mnt_ns; /* NULL or an error: none */
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	unsigned int f_mode;
	struct inode *f_inode;
	struct path f_path;
	void *private_data;
};

struct backing_file {
	struct file file;
	struct path user_path;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct anon_vma_name {
	char name[0];
};

struct vm_special_mapping {
	const char *name;
};

struct vm_area_struct;

struct vm_operations_struct {
	const char *(*name)(struct vm_area_struct *);
};

typedef struct seqcount {
	unsigned int sequence;
} seqcount_t;

struct mm_struct {
	atomic_t mm_users;
	int map_count;
	seqcount_t mm_lock_seq; /* 6.14; odd while the lock is held for writing */
	unsigned long start_brk, brk, start_stack, start_data, end_data;
	unsigned long total_vm, data_vm, locked_vm, def_flags; /* pages; VM_* of new mappings */
	unsigned long flags;				       /* MMF_*, until 6.17 */
	struct task_struct *owner;			       /* with CONFIG_MEMCG */
	struct file *exe_file;
};

/* Since 6.18. */
struct mm_struct___bitmap {
	struct {
		unsigned long __mm_flags[1];
	} flags;
};

struct vm_area_struct {
	unsigned long vm_start, vm_end, vm_flags, vm_pgoff;
	struct mm_struct *vm_mm;
	const struct vm_operations_struct *vm_ops;
	struct file *vm_file;
	void *vm_private_data;
	struct anon_vma_name *anon_name;
};

struct bpf_iter_task_vma_kern_data {
	struct vm_area_struct snapshot; /* never read: only its existence counts */
};

struct rlimit {
	unsigned long rlim_cur, rlim_max; /* both, for the size of an element */
};

struct signal_struct {
	atomic_t live;
	int group_exit_code;
	unsigned int flags;
	struct rlimit rlim[16];
};

struct xarray {
	void *xa_head;
};

struct xa_node {
	unsigned char shift;
	void *slots[1];
};

struct idr {
	struct xarray idr_rt;
};

struct pid_namespace {
	struct idr idr;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct pid {
	unsigned int level; /* 0: the initial pid namespace */
	struct hlist_head tasks[1];
	struct upid numbers[1];
};

struct cred {
	kuid_t uid;
};

struct kernfs_node {
	__u64 id;
};

struct cgroup {
	int level;
	struct kernfs_node *kn;
	__u64 ancestor_ids[1]; /* before 6.1 */
	struct cgroup *ancestors[1];
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

union __sifields {
	struct {
		void *_addr;
	} _sigfault;
};

struct kernel_siginfo {
	int si_code;
	union __sifields _sifields;
};

struct sigaction {
	void *sa_handler;
};

struct k_sigaction {
	struct sigaction sa;
};

struct action_cache {
	unsigned long allow_native[1]; /* bit nr: this filter and those below allow the call always */
	unsigned long allow_compat[1];
};

struct seccomp_filter {
	struct action_cache cache; /* 5.11 */
};

struct seccomp {
	int mode;
	struct seccomp_filter *filter;
};

struct io_uring_task;

struct task_struct {
	void *stack;
	struct thread_info thread_info;
	struct mm_struct *mm;
	unsigned int personality, ptrace;
	unsigned int in_execve : 1;
	int exit_code;
	int pid, tgid;
	struct task_struct *real_parent, *parent, *group_leader;
	struct pid *thread_pid;
	struct hlist_node pid_links[1];
	struct seccomp seccomp;
	__u64 start_boottime;
	const struct cred *cred;
	char comm[16];
	struct files_struct *files;
	struct css_set *cgroups;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct io_uring_task *io_uring; /* NULL: never used */
	struct thread_struct thread;
};

struct linux_binprm;

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_iter_task_vma {
	__u64 __opaque[1];
};

#pragma clang attribute pop

#endif
