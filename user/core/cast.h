/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cast: who lives where, from when to when. A life is one process from birth to end, a space is
 * one address space from exec or fork to its end; several lives can share a space. Only the
 * pipeline changes them. Each output has a slot in every life and space for its own data, so that
 * no output needs a table of processes.
 *
 * The cast decides once for all outputs: a pid that comes back with another start time is another
 * life, and the end of the first was lost; a sibling's event and a loss make no life shown; nothing
 * ends before it began; at the end of the stream every life leaves its space and is over.
 */
#ifndef CORE_CAST_H
#define CORE_CAST_H

#include "core/member.h"
#include "core/proc.h"

#define CAST_SLOTS 8 /* and so the number of sinks at most */

/*
 * A life is freed when it is over and its slots are empty: an output that needs a life longer keeps
 * its slot filled, and clears the slot with life_release().
 */
struct life {
	uint64_t nr;		   /* from 1, in the order of first sight */
	struct proc *proc;	   /* NULL: the life is over */
	uint32_t pid, ppid;	   /* ppid 0: not known */
	uint64_t id_ns;		   /* start of the process, CLOCK_BOOTTIME; 0: not known */
	uint64_t start_ns, end_ns; /* watched from, to; end_ns is valid when the life is over */
	bool is_shown;	    /* set when one of its events, or the fork that made it, was shown */
	bool has_exited;    /* set when its exit was seen: exit_code is valid */
	uint32_t exit_code; /* see event.exit_code */
	char comm[17];	    /* of its last event that was no call */
	const struct object *exe; /* the last that was known; NULL: none was */
	struct space *space;	  /* the current one; NULL: the life is over */
	struct member member;	  /* on replay: whether the process is wanted */
	void *slots[CAST_SLOTS];
	struct life *prev, *next; /* list of the living */
};

/* A space is freed when the last life has left. Slots must be empty by then. */
struct space {
	uint64_t nr;	    /* from 1, in the order of first sight */
	struct mm *mm;	    /* NULL: freed, and the last life leaves with its next event */
	uint64_t start_ns;  /* when a shown life first had the space; until then, its first sight */
	uint64_t end_ns;    /* when the latest life left */
	uint64_t lost_from; /* since a loss, snapshots have covered the addresses below this;
			     * MPW_TASK_MAX: nothing is lost */
	unsigned int nr_users;	/* lives in this space */
	unsigned int nr_shown;	/* those of them that are shown */
	unsigned int nr_wanted; /* on replay: those of them that are wanted */
	void *slots[CAST_SLOTS];
	struct space *prev, *next;
};

/* Callbacks to outputs; ctx is that of cast_new(). Their meaning: sink.h. */
struct cast_ops {
	void (*left)(void *ctx, struct life *l, struct space *sp, const struct event *ev);
	void (*over)(void *ctx, struct life *l);
	void (*lost)(void *ctx, struct space *sp, const struct event *ev);
	void (*healed)(void *ctx, struct space *sp, const struct event *ev);
};

struct cast;

struct cast *cast_new(const struct cast_ops *ops, void *ctx);
/* To be called after proctab_free(), which lets go of the spaces. */
void cast_free(struct cast *c);

/*
 * Give p its life, and the life the space of p's address space, before an event of p, or one that
 * makes p, is applied. True if ev is the first shown event of the life.
 */
bool cast_enter(struct cast *c, struct proc *p, const struct event *ev);
/* True if a process with l's pid that started at id_ns (0: not known) is certainly not l. */
bool life_is_another(const struct life *l, uint64_t id_ns);
/* Set the answer whether l's process is wanted. */
void life_choose(struct life *l, struct member member);
/* Take over pid, parent, start and program from p. */
void life_identify(struct life *l, const struct proc *p);
/* Records of sp, or of all spaces (NULL), were lost. */
void cast_lose(struct cast *c, struct space *sp, const struct event *ev);
/* A snapshot of [ev->lo, ev->hi) of sp came; the mirror has it by now. */
void cast_heal(struct cast *c, struct space *sp, const struct event *ev);
/* End p's life; ev is the exit. */
void cast_exit(struct cast *c, struct proc *p, const struct event *ev);
/* Hold the objects of all the living (object.h). */
void cast_hold(const struct cast *c);
/* End all lives: the stream is over. */
void cast_finish(struct cast *c, uint64_t end_ns);

/* The output with this slot needs l no longer: clears the slot, and frees l if it was the last. */
void life_release(struct life *l, unsigned int slot);

/* True until snapshots after a loss have covered all addresses. */
bool space_is_lost(const struct space *sp);

#endif
