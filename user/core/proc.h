/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process, and its address space with the mirror. Identity is (boot id, pid, start
 * time). Several processes can share one address space (vfork, CLONE_VM), which
 * counts its users.
 */
#ifndef CORE_PROC_H
#define CORE_PROC_H

#include <uthash.h>

#include "core/aspace.h"
#include "core/event.h"

struct life;
struct makers;
struct object_table;

struct proc {
	uint32_t pid; /* tgid */
	uint32_t ppid;
	struct facts facts; /* the latest, from its events */
	uint64_t start_ns;  /* CLOCK_BOOTTIME; 0: not known */
	char comm[17];	    /* of its first thread, which names it; until that acts, of another */
	const struct object *exe; /* NULL: not known */
	bool exe_is_guess;	  /* set when exe is no more than the lowest file that is mapped */
	struct mm *mm;
	struct life *life; /* cast.h; NULL: no event of it was applied yet */
	UT_hash_handle hh;
};

struct suspect;
struct space;

/* An address space with its users. */
struct mm {
	uint64_t key; /* the kernel's; reused after its death */
	unsigned int nr_users;
	struct aspace *stale; /* ranges of the mirror that may be wrong; NULL: there are none */
	uint64_t maps_ns;     /* when it was last read from /proc, ahead of the stream; 0: never */
	uint64_t lost_until_ns;		      /* a snapshot from before this time heals nothing */
	uint64_t heal_after_ns, heal_wait_ns; /* pipeline_next_stale() leaves it alone until then */
	size_t given_up; /* ranges of the mirror when it was given up (weight.h); 0: it is kept */
	bool snapshot_requested; /* set when a snapshot to heal it is under way */
	bool differs;		 /* set when a check that is under way found a difference */
	bool in_doubt;		 /* set when doubt.h counts it: it ended while stale */
	bool racy; /* calls were applied in an order that is not certain: of racing threads, or
		       * to what was read from /proc after them */
	bool has_guards;	 /* set once a guard region was known */
	bool guards_known;	 /* set when those that were there first are known, too */
	bool guards_dropped;	 /* set when there are too many: the mirror lacks some */
	uint32_t nr_guards;	 /* since they were last read, at most APPLY_GUARDS_MAX */
	bool guards_stale;	 /* set when guard regions must be looked for */
	uint64_t nr_events;	 /* applied to it */
	uint8_t exec_only_pkey;	 /* key of mappings with PROT_EXEC alone; 0: none, or not known */
	uint64_t start_brk;	 /* where [heap] starts; 0: not known */
	uint64_t brk;		 /* the break, as the last brk or exec left it; 0: not known */
	uint64_t brk_top;	 /* the highest break of racing threads since it was certain */
	struct aspace *as;	 /* the mirror */
	struct aspace *copies;	 /* copies.h; NULL: there are none */
	struct aspace *hidden;	 /* hidden.h; NULL: nothing is */
	struct makers *makers;	 /* makers.h; NULL: none are kept, or known */
	struct suspect *suspect; /* the judge's; NULL: none yet */
	struct space *space;	 /* cast.h; NULL: none yet */
	UT_hash_handle hh;
};

/* True if both can be one start: the one of /proc is rounded down to a clock tick. */
static inline bool same_start(uint64_t a_ns, uint64_t b_ns)
{
	return (a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns) < 10000000;
}

/* The name of the thread that acted; p's where the event has none. 17 bytes. */
static inline const char *thread_comm(const struct event *ev, const struct proc *p)
{
	return ev->comm[0] ? ev->comm : p->comm;
}

/* Take the name of the first thread over, if that acted; another's, if p has no name yet. */
void proc_name(struct proc *p, const struct event *ev);
/* Take the identity over from an event that has one; else nothing happens. */
void proc_identify(struct proc *p, const struct event *ev);
/* Give a new child its parent's arguments and cgroup, until its own events say otherwise. */
void proc_inherit(struct proc *child, const struct proc *parent);
/* Set the program after an exec; NULL if the event does not say. */
void proc_exec(struct proc *p, const struct event *ev);
/*
 * Set the program as a later event has it. One that differs is marked as a claim: only the process
 * itself can have changed it. Without one in the event it is, where none is known, a guess from the
 * mirror.
 */
void proc_learn_exe(struct proc *p, const struct event *ev, struct object_table *objects);

#endif
