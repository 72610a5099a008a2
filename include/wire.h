/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The wire format: the records that the BPF programs put into lanes and rings.
 * Native byte order, every record a multiple of 8 bytes.
 *
 * A record is a head, then the fixed part of its kind, then (if mpw_head.flags
 * says so) a range: the mappings found in [lo, hi) under the mmap lock, each a
 * struct mpw_vma with its name behind it, padded to 8 bytes. With MPW_F_FILE one
 * such struct mpw_vma (start, end and vm_flags are 0) ends a call's record, for the
 * file of an mmap or the name that a prctl gave; in others, which have a struct
 * mpw_id, it follows that, for the process's program (mm->exe_file).
 */
#ifndef MPW_WIRE_H
#define MPW_WIRE_H

#include <linux/types.h>

#include "calls.h"

#if defined(__x86_64__) || defined(__TARGET_ARCH_x86)
#define MPW_X86_64
#endif

enum mpw_kind {
	MPW_KIND_CALL = 1, /* struct mpw_call_rec: a system call returned */
	MPW_KIND_EXEC,	   /* struct mpw_exec_rec */
	MPW_KIND_FORK,	   /* struct mpw_fork_rec: a new process, not a thread */
	MPW_KIND_EXIT,	   /* struct mpw_exit_rec: the last thread of a process left */
	MPW_KIND_RANGE,	   /* struct mpw_range_rec: a piece of a snapshot */
	MPW_KIND_FAULT,	   /* struct mpw_fault_rec: a signal that memory has to do with */
	MPW_KIND_WRITE,	   /* struct mpw_write_rec: bytes were written past the mappings' rights */
	MPW_KIND_WHO,	   /* struct mpw_who_rec: a process gave itself another name or program */
};

enum mpw_head_flags {
	MPW_F_RANGE = 1 << 0,	/* a struct mpw_range and its mappings end the record */
	MPW_F_FILE = 1 << 1,	/* there is a struct mpw_vma for the mapped file, or the program */
	MPW_F_BUSY = 1 << 2,	/* a struct mpw_range that could not be read ends the record */
	MPW_F_RIE = 1 << 3,	/* personality READ_IMPLIES_EXEC was on */
	MPW_F_SIBLING = 1 << 4, /* for the mirror only: the caller is not wanted */
	MPW_F_CHECK = 1 << 5,	/* a RANGE to verify the mirror with */
	MPW_F_RACY = 1 << 6,	/* others use this address space too: the order is not certain */
	MPW_F_COMPAT = 1 << 7,	/* a CALL by the 32-bit entry of a 64-bit kernel */
	MPW_F_TRACED = 1 << 8,	/* a struct mpw_tracer follows a call's arguments */
	MPW_F_STACK = 1 << 9,	/* a struct mpw_stack with its bytes follows the tracer */
	MPW_F_UNPROVEN =
		1 << 10, /* a CALL that may not have run: somebody may have answered for it */
	MPW_F_URING =
		1
		<< 11, /* a FORK, RANGE: the process has used io_uring, whose madvise is not seen */
	MPW_F_CONDITIONS = 1 << 12, /* a struct mpw_conditions follows a failed call's stack */
};

#define MPW_COMM_LEN 16
#define MPW_PATH_MAX 4096    /* bytes of a mapping's name at most */
#define MPW_TASK_MAX (~0ULL) /* as a range's end: the end of the address space */

struct mpw_head {
	__u64 ts_ns; /* CLOCK_BOOTTIME, read before the record got its place in a lane or ring */
	__u64 mm;    /* opaque key of the address space; reused after its death */
	__u32 tgid, tid; /* in the initial pid namespace */
	__u8 kind;	 /* enum mpw_kind */
	__u8 call;	 /* enum mpw_call, for MPW_KIND_CALL */
	__u16 flags;	 /* enum mpw_head_flags */
	__u32 mark;	 /* in a lane: see struct mpw_lane */
	char comm[MPW_COMM_LEN];
	__u32 cpu; /* of the event */
	__u32 map_count; /* mappings, by the kernel's count; 0: not read (it is at failures, RANGE, EXEC) */
};

struct mpw_call_rec {
	struct mpw_head head;
	__u64 ip;    /* user instruction pointer at the return from the call */
	__u64 link;  /* word at the user stack pointer (arm64: x30): mostly the return address */
	__s64 ret;   /* result, or -errno */
	__u64 arg[]; /* as many as the call has; with MPW_F_COMPAT all MPW_NR_ARGS */
};

/*
 * A lane: a ring of slots for the short records of one CPU, which user space maps. A slot holds a
 * call's record of any number of arguments. Position pos is in slot pos % MPW_LANE_SLOTS, and its
 * record is whole when the slot's head.mark is mpw_lane_mark(pos), which is written last.
 */
#define MPW_LANE_SLOTS 2048
#define MPW_SLOT_BYTES (sizeof(struct mpw_call_rec) + MPW_NR_ARGS * sizeof(__u64))

struct mpw_lane {
	__u64 head; /* next position to be claimed, by programs on this CPU alone */
	__u8 pad[56];
	__u64 tail; /* the first position that user space may still read, which it alone moves */
	__u8 pad2[56];
};

/* Never 0, which is a slot that was not used yet. */
static inline __u32 mpw_lane_mark(__u64 pos)
{
	return (__u32)(pos / MPW_LANE_SLOTS) << 1 | 1;
}

/* Records of a process that found no room, since user space last asked. */
struct mpw_losses {
	__u64 nr;
	__u64 nr_over; /* of them, that were more than the share of their process or user */
	__u64 ts_ns;   /* of the first: CLOCK_BOOTTIME */
};

/* The process that ptraces the caller. */
struct mpw_tracer {
	__u32 tgid, uid;
	char comm[MPW_COMM_LEN];
};

/*
 * The start of unwinding: the caller's registers, by their DWARF numbers, and the begin of its
 * stack. On x86-64 only the registers that a function preserves are set, and the instruction
 * pointer is the last; arm64 has x0 to x30, sp and pc.
 */
#ifdef MPW_X86_64
#define MPW_NR_REGS 17
#define MPW_REG_FP  6
#define MPW_REG_SP  7
#else
#define MPW_NR_REGS 33
#define MPW_REG_FP  29
#define MPW_REG_SP  31
#endif
#define MPW_REG_PC	(MPW_NR_REGS - 1)
#define MPW_STACK_BYTES 8192

struct mpw_stack {
	__u64 reg[MPW_NR_REGS];
	__u32 len; /* bytes of the stack, from reg[MPW_REG_SP] on, that follow, padded to 8 */
	__u32 pad;
};

/* More of a failed call's process, and of the file or mapping that the call is about. */
enum mpw_condition {
	MPW_COND_MDWE = 1 << 0,	     /* prctl(PR_SET_MDWE) */
	MPW_COND_LOCKS_ALL = 1 << 1, /* mlockall(MCL_FUTURE): what is mapped is locked */
	MPW_COND_NO_READ = 1 << 2,   /* the file was not opened for reading */
	MPW_COND_NO_WRITE = 1 << 3,  /* the file was not opened for writing */
	MPW_COND_NO_EXEC = 1 << 4, /* the file is on a mount, or a file system, without execution */
	MPW_COND_APPEND = 1 << 5,  /* the file may be appended to alone */
	MPW_COND_SEAL = 1 << 6,	   /* the file is sealed against writing (fcntl(2): F_ADD_SEALS) */
};

/* Conditions, which the kernel goes by when it refuses a call: bytes, ~0 for no limit. */
struct mpw_conditions {
	__u64 as_used, as_limit;	  /* all mappings; RLIMIT_AS */
	__u64 data_used, data_limit;	  /* private writable memory; RLIMIT_DATA */
	__u64 data_segment;		  /* what brk(2) counts for RLIMIT_DATA beside the heap */
	__u64 locked_used, memlock_limit; /* RLIMIT_MEMLOCK */
	__u64 place;	  /* start of the mapping that lacks what was asked for; 0: none is known */
	__u64 huge_bytes; /* of a page of that mapping, which is of hugetlbfs; 0: it is not */
	__u32 flags;	  /* enum mpw_condition */
	__u32 pad;
};

/* Identity of the process with the address space. */
struct mpw_id {
	__u64 start_ns;	 /* CLOCK_BOOTTIME when the process started: with tgid, its identity */
	__u64 start_brk; /* start of its heap */
	__u32 uid, ppid;
	__u32 ns_pid; /* pid in its own pid namespace; 0: that is the initial one */
	__u32 mnt_ns; /* inode of its mount namespace; 0: not known */
};

struct mpw_exec_rec { /* followed by a range where the kernel can read it */
	struct mpw_head head;
	struct mpw_id id;
};

struct mpw_fork_rec { /* head is the parent's */
	struct mpw_head head;
	__u64 child_mm; /* equal to head.mm: shared (vfork, CLONE_VM) */
	struct mpw_id child;
	__u32 child_tgid;
	__u32 pad;
};

struct mpw_exit_rec {
	struct mpw_head head;
	__u32 code; /* as wait(2) gives it: status << 8 | signal; or MPW_EXIT_UNSEEN */
	__u32 pad;
};

#define MPW_EXIT_UNSEEN 0xffffffffU /* the process lives on, but its exec left the filter */

enum mpw_access {
	MPW_ACCESS_ANY, /* the architecture does not say */
	MPW_ACCESS_READ,
	MPW_ACCESS_WRITE,
	MPW_ACCESS_EXEC,
};

/*
 * A SIGSEGV or SIGBUS that the kernel made; or one that ends the process, also of those by which
 * programs end themselves: SIGILL, SIGTRAP, SIGABRT. With MPW_F_STACK a struct mpw_stack follows.
 */
struct mpw_fault_rec {
	struct mpw_head head;
	__u64 addr;   /* accessed address, where fault_has_addr() */
	__u64 ip, sp; /* user instruction and stack pointers */
	__u64 link; /* word at the stack pointer (arm64: x30): maybe the return address; 0: none */
	__u64 bad;  /* value of a register that is no address (x86), with MPW_SI_KERNEL; 0: none */
	__u64 stack_max;  /* RLIMIT_STACK, bytes */
	__u64 file_bytes; /* size of the file that is mapped at addr; with has_file */
	__u64 fs_magic;	  /* s_magic of its file system; likewise */
	__u64 fs_room;	  /* bytes that this has left, of tmpfs and hugetlbfs; likewise */
	__s32 code;	  /* si_code of sigaction(2); up to 0: a process sent it */
	__u8 access;	  /* enum mpw_access */
	__u8 handled;	  /* set when the process has a handler */
	__u8 sig;
	__u8 has_file;
	__u32 sender, sender_uid; /* tgid of who sent it; 0: not known */
	char sender_comm[MPW_COMM_LEN];
};

#define MPW_SI_KERNEL 0x80 /* si_code where the processor told no address */

/* The ways to write into memory by its process's number. These numbers are in recordings. */
enum mpw_write_how {
	MPW_WRITE_VM,	  /* process_vm_writev(2): obeys the rights of the mapping */
	MPW_WRITE_PTRACE, /* PTRACE_POKETEXT, PTRACE_POKEDATA: obey no rights */
	MPW_WRITE_MEM,	  /* /proc/PID/mem: obeys no rights */
	MPW_WRITE_OPEN,	  /* /proc/PID/mem was opened for writing; the writes are not seen */
	MPW_NR_WRITE_HOW
};

/* More that is known of a write. These bits are in recordings. */
enum mpw_write_flags {
	MPW_WRITE_OUTWARD = 1 << 0,  /* the event is the writer's: nobody traces the target */
	MPW_WRITE_UNPROVEN = 1 << 1, /* the result, or the ranges, may be somebody's invention */
	MPW_WRITE_TRACER = 1 << 2,   /* the writer ptraces the target */
	MPW_WRITE_PARENT = 1 << 3,   /* the writer is the target's parent */
	MPW_WRITE_FOREIGN = 1 << 4,  /* writer and target have other users */
	MPW_WRITE_REST = 1 << 5,     /* the other ranges of the call, where they are is not known */
	MPW_WRITE_FLAGS = (1 << 6) - 1,
};

/*
 * The head is of the process whose memory it is, with the number of its main thread; or of the
 * writer, with MPW_WRITE_OUTWARD. The rest names the other of the two, which may be the same.
 */
struct mpw_write_rec {
	struct mpw_head head;
	__u64 addr; /* where it was written; 0: not known */
	__u64 len;  /* bytes that were written, or that should have been if it failed */
	__s64 ret;  /* result of the call, or -errno */
	__u32 tgid, tid, uid;
	__u8 how, flags; /* enum mpw_write_how, enum mpw_write_flags */
	__u16 pad;
	char comm[MPW_COMM_LEN];
};

struct mpw_who_rec { /* head is the first thread's, with the new name */
	struct mpw_head head;
	struct mpw_id id;
};

struct mpw_range_rec { /* followed by a range */
	struct mpw_head head;
	struct mpw_id id; /* all zero in the second piece, and in those after it */
};

struct mpw_range {
	__u64 lo, hi; /* the list has all mappings in [lo, hi) */
	__u32 nr_vmas;
	__u32 pad;
	/* struct mpw_vma[nr_vmas], each with its name */
};

enum mpw_name {
	MPW_NAME_NONE,	   /* anonymous, without a name */
	MPW_NAME_PATH,	   /* components, innermost first, each ended by NUL */
	MPW_NAME_UNLINKED, /* components, of a deleted file */
	MPW_NAME_PSEUDO,   /* dentry's name on a pseudo file system (memfd:x, SYSV…, dev/zero) */
	MPW_NAME_SPECIAL,  /* [vdso], [vvar], … as the kernel names it */
	MPW_NAME_ANON,	   /* NAME of [anon:NAME] or [anon_shmem:NAME] */
	MPW_NAME_HEAP,
	MPW_NAME_STACK,
	MPW_NAME_SAME, /* file and name of the mapping before this one */
};

enum mpw_name_flags {
	MPW_NAME_CUT = 1 << 0,	/* the name did not fit: it lacks its outer part */
	MPW_NAME_OPEN = 1 << 1, /* anybody may write to the file, or to its directory */
};

/* As mpw_vma.mnt_ns: the mount is in no namespace that can be entered. Others have high numbers. */
#define MPW_MNT_NS_NONE 1

struct mpw_vma {
	__u64 start, end;
	__u64 off; /* of start in the file, bytes */
	__u64 ino;
	__u64 vm_flags;	 /* VM_* of the kernel */
	__u32 dev;	 /* major << 20 | minor: MKDEV() of include/linux/kdev_t.h */
	__u32 magic;	 /* s_magic of the file system */
	__u16 name_len;	 /* bytes, NULs included; the record pads it to 8 */
	__u8 name_kind;	 /* enum mpw_name */
	__u8 name_flags; /* enum mpw_name_flags */
	__u32 mnt_ns;	 /* inode of the mount namespace in which a path leads to the file; 0: the
		       * tracer's, or there is no path */
			 /* char name[name_len] */
};

/* Bits of VM_* that are read; unchanged since 2.6.12 (VM_SEALED: 6.10, above bit 31). */
#define MPW_VM_READ	 0x00000001u
#define MPW_VM_WRITE	 0x00000002u
#define MPW_VM_EXEC	 0x00000004u
#define MPW_VM_MAYSHARE	 0x00000080u /* "s" in /proc/<pid>/maps */
#define MPW_VM_GROWSDOWN 0x00000100u
#define MPW_VM_DONTCOPY	 0x00020000u
#define MPW_VM_PKEY_BIT	 32 /* VM_PKEY_BIT0, the lowest of four; of x86 alone */
#define MPW_VM_PKEYS	 (15ull << MPW_VM_PKEY_BIT)

#endif
