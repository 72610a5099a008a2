/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Facts: optional values that ride on an event, one row each: X(ID, name, type, of, about).
 *
 * A row makes the id, and lines (--fields), JSON and its schema, SQL (a column), the HTML page and
 * replay show the fact; only the line that takes the value is left to write: in core/decode.c for
 * the kernel side's values, in source/procfacts.c for those of /proc.
 *
 * type: NUMBER (64 bits), WORD (bytes from outside), WORDS (several, each ended by NUL).
 * of: EVENT, a value of this one event; or PROCESS, a value of the event's process (on a fork, of
 * the child), which holds until another event says otherwise.
 *
 * Ids are written to recordings: append, never reorder, never change a meaning.
 */
#ifndef MPW_FACTS_H
#define MPW_FACTS_H

#define MPW_FACTS(X)                                                                             \
	X(CPU, cpu, NUMBER, EVENT, "the CPU on which it happened; not of snapshots")             \
	X(NS_PID, ns_pid, NUMBER, PROCESS, "the process's id in the pid namespace it lives in")  \
	X(UID, uid, NUMBER, PROCESS,                                                             \
	  "the process's real user id at its last exec, fork or snapshot")                       \
	X(CMDLINE, cmdline, WORDS, PROCESS, "the process's arguments, 4096 bytes at most")       \
	X(CGROUP, cgroup, WORD, PROCESS, "the process's path in the unified cgroup hierarchy")   \
	X(PID_NS, pid_ns, NUMBER, PROCESS, "the inode of the process's pid namespace")           \
	X(MNT_NS, mnt_ns, NUMBER, PROCESS, "the inode of the process's mount namespace")         \
	X(NET_NS, net_ns, NUMBER, PROCESS, "the inode of the process's network namespace")       \
	X(USER_NS, user_ns, NUMBER, PROCESS, "the inode of the process's user namespace")        \
	X(MAP_COUNT, map_count, NUMBER, EVENT,                                                   \
	  "the process's mappings by the kernel's count, at failed calls and in snapshots")      \
	X(TRACER_UID, tracer_uid, NUMBER, EVENT,                                                 \
	  "the real user id of who ptraces the process, at its calls")                           \
	X(OVER_SHARE, over_share, NUMBER, EVENT,                                                 \
	  "the lost records that were more than their process's or user's share of the ring")    \
	X(SIGNAL, signal_number, NUMBER, EVENT,                                                  \
	  "of a fault: the number of its signal, where that is not SIGSEGV")                     \
	X(STACK_POINTER, stack_pointer, NUMBER, EVENT, "of a fault: the thread's stack pointer") \
	X(RETURN, return_address, NUMBER, EVENT,                                                 \
	  "of a fault: where the function may have been called, if it pushed nothing")           \
	X(BAD_POINTER, bad_pointer, NUMBER, EVENT,                                               \
	  "of a fault without an address: what a register held that is none")                    \
	X(STACK_MAX, stack_max, NUMBER, EVENT, "of a fault: RLIMIT_STACK, bytes")                \
	X(FILE_BYTES, file_bytes, NUMBER, EVENT,                                                 \
	  "of a SIGBUS: bytes of the file that is mapped there")                                 \
	X(FS_MAGIC, fs_magic, NUMBER, EVENT,                                                     \
	  "of a SIGBUS: the kind of that file's file system, as statfs(2) has it")               \
	X(FS_ROOM, fs_room, NUMBER, EVENT,                                                       \
	  "of a SIGBUS: bytes that this has left, of tmpfs and hugetlbfs")                       \
	X(SENDER, sender, NUMBER, EVENT, "of a signal that a process sent: that process")        \
	X(SENDER_COMM, sender_comm, WORD, EVENT, "its name")                                     \
	X(CONDITIONS, conditions, WORDS, EVENT,                                                  \
	  "what the kernel goes by when it refuses a call, as NAME=NUMBER, at failed calls")

enum mpw_fact {
#define MPW_FACT_ID(ID, name, type, of, about) MPW_FACT_##ID,
	MPW_FACTS(MPW_FACT_ID)
#undef MPW_FACT_ID
		MPW_NR_FACTS
};

#endif
