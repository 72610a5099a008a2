/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Which processes are wanted, as the kernel side is told: a constant of its programs, set before
 * they are loaded. What several fields ask for must all be so. Named processes and threads are
 * in maps of their own.
 */
#ifndef MPW_FILTER_H
#define MPW_FILTER_H

#include <linux/types.h>

struct mpw_filter {
	__u8 by_any; /* 0: the whole machine */
	__u8 by_pid; /* those which user space put into members as MEMBER_NAMED */
	__u8 by_tid; /* those in tids; the others of their processes feed the mirror */
	__u8 by_uid;
	__u8 by_cgroup;
	__u8 by_comm;
	__u8 follow; /* children of the traced are traced */
	__u8 pad;
	__u32 uid;
	__u32 cgroup_level; /* of the wanted cgroup, below the root of the unified hierarchy */
	__u64 cgroup_id;
	/* A glob over comm as a bit-parallel automaton: bit i of accepts[c] says that token i takes
	 * the byte c, bit i of loops that a "*" stands before token i; final is a full match. */
	__u32 comm_accepts[256];
	__u32 comm_loops;
	__u32 comm_final;
};

#endif
