/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The input of the kernel side, beside the constants of bpf/maps.bpf.h: which processes are traced,
 * and requests for snapshots.
 */
#ifndef MPW_CONTROL_H
#define MPW_CONTROL_H

#include <linux/types.h>

/* A process's byte in the table of members, which has one for each pid. */
enum mpw_member {
	MPW_MEMBER_NO = 1 << 0,	    /* not wanted, as the filter found */
	MPW_MEMBER_YES = 1 << 1,    /* traced */
	MPW_MEMBER_NAMED = 1 << 2,  /* wanted by pid or tid: set by user space */
	MPW_MEMBER_BORN = 1 << 3,   /* followed child of a traced process: stays so through exec */
	MPW_MEMBER_SHARED = 1 << 4, /* shares the memory of a traced process: its calls are shown */
	MPW_MEMBER_EMULATED =
		1 << 5, /* a tracer used PTRACE_SYSEMU: it may answer a call, and leave */
};

#define MPW_NR_PIDS (4 << 20) /* PID_MAX_LIMIT of 64-bit kernels, include/linux/threads.h */

/*
 * Globs over comm as one bit-parallel automaton (Shift-And): bit i is the state before token i. At
 * each byte every set bit moves on if its token takes the byte, and also stays if it loops. Globs
 * have their bits one after the other; no token takes a byte at the last bit of a glob.
 */
struct commglob {
	__u64 accepts[256]; /* bit i: token i takes this byte */
	__u64 loops;	    /* bit i: a "*" is before token i */
	__u64 firsts;	    /* the bits with which each glob begins */
	__u64 finals;	    /* the bits of full matches */
};

#define MPW_NR_UIDS 16

/*
 * The filter of processes, set before the programs are loaded. Conditions of several fields must
 * all hold. Named processes and threads are in maps of their own.
 */
struct mpw_filter {
	__u8 by_any;  /* 0: the whole machine */
	__u8 by_pid;  /* those that are MPW_MEMBER_NAMED */
	__u8 by_tid;  /* those in the map tids; other threads of their processes feed the mirror */
	__u8 nr_uids; /* those of a user in uid; 0: of any */
	__u8 by_cgroup;
	__u8 by_comm;
	__u8 follow; /* children of the traced are traced */
	__u8 pad;
	__u32 cgroup_level; /* of the wanted cgroup, below the root of the unified hierarchy */
	__u32 pad2;
	__u64 cgroup_id;
	__u32 uid[MPW_NR_UIDS];
	struct commglob comm;
};

/* A record of the program "spaces": a process, and the key of its address space. */
struct mpw_shared {
	__u64 mm; /* as in struct mpw_head */
	__u32 tgid;
	__u32 pad;
};

/* Context of the program "snapshot". */
struct mpw_snapshot {
	__u32 tgid;
	__s32 err;	  /* out: 0, -ESRCH, -ENOENT: it has no memory, or -EBUSY: it changes */
	__u64 from;	  /* in, out: address to go on at; 0 when all was sent */
	__u32 piece_vmas; /* mappings sent at once: fewer are more often unchanged meanwhile */
	__u32 tid; /* of a thread, where the first has left the others behind; 0: the first */
};

#endif
