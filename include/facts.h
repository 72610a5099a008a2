/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Facts: optional values that ride on an event, one row each: X(ID, name, type, of, about).
 *
 * A row makes the id, and the fact is shown by lines (--fields), JSON and its schema, SQL (a column),
 * the HTML page and replay; what remains to be written is the line that takes it: of what the
 * kernel side sends in core/decode.c, of what /proc says in source/procfacts.c.
 *
 * type: NUMBER (64 bits), WORD (bytes from outside), WORDS (several, each ended by NUL).
 * of: EVENT, a value of this one event; or PROCESS, which an event says of its process (a fork of
 * the child), and which holds until another event says otherwise.
 *
 * Ids are written to recordings: append, never reorder, never give one another meaning.
 */
#ifndef MPW_FACTS_H
#define MPW_FACTS_H

#define MPW_FACTS(X)                                                                            \
	X(CPU, cpu, NUMBER, EVENT, "the CPU on which it happened; not of snapshots")            \
	X(NS_PID, ns_pid, NUMBER, PROCESS, "the process's id in the pid namespace it lives in") \
	X(UID, uid, NUMBER, PROCESS,                                                            \
	  "the process's real user id at its last exec, fork or snapshot")                      \
	X(CMDLINE, cmdline, WORDS, PROCESS, "the process's arguments, 4096 bytes at most")      \
	X(CGROUP, cgroup, WORD, PROCESS, "the process's path in the unified cgroup hierarchy")  \
	X(PID_NS, pid_ns, NUMBER, PROCESS, "the inode of the process's pid namespace")          \
	X(MNT_NS, mnt_ns, NUMBER, PROCESS, "the inode of the process's mount namespace")        \
	X(NET_NS, net_ns, NUMBER, PROCESS, "the inode of the process's network namespace")      \
	X(USER_NS, user_ns, NUMBER, PROCESS, "the inode of the process's user namespace")

enum mpw_fact {
#define MPW_FACT_ID(ID, name, type, of, about) MPW_FACT_##ID,
	MPW_FACTS(MPW_FACT_ID)
#undef MPW_FACT_ID
		MPW_NR_FACTS
};

#endif
