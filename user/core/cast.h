/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cast: who lives where, from when to when. A life is one process from birth to end, a space is
 * one address space from exec or fork to its end; several lives can share a space. The pipeline
 * writes them, and nobody else. Each output has a slot in every life and space for what it keeps of
 * it, so that none needs a table of processes.
 *
 * Decided here, once for all outputs: a pid that comes back with another start time is another
 * life, and the end of the first was lost; an event of a sibling and a loss make no life shown;
 * nothing ends before it began; at the end of the stream everybody leaves.
 */
#ifndef CORE_CAST_H
#define CORE_CAST_H

#include "core/member.h"
#include "core/proc.h"

#define CAST_SLOTS 8 /* as many as there can be sinks */

/*
 * A life is freed when it is over and no slot holds anything: an output that needs it longer leaves
 * its slot as it is, and clears it with life_release().
 */
struct life {
	uint64_t nr;		   /* counts from 1, in the order in which they were first seen */
	struct proc *proc;	   /* NULL: it is over */
	uint32_t pid, ppid;	   /* ppid 0: not known */
	uint64_t id_ns;		   /* start of the process; 0: not known */
	uint64_t start_ns, end_ns; /* as far as it was watched; end_ns: if it is over */
	bool is_shown;		   /* an event of its own was shown, or the fork that made it */
	bool has_exited;	   /* its exit was seen */
	uint32_t exit_code;	   /* see event.exit_code */
	char comm[17];		   /* of its last event that was no call */
	const struct object *exe;  /* the last that was known; NULL: none was */
	struct space *space;	   /* now; NULL: it is over */
	struct member member;	   /* of those that are wanted, of a recording */
	void *slots[CAST_SLOTS];
	struct life *prev, *next; /* while it lives */
};

/* Freed when the last life left it. Slots must be empty by then. */
struct space {
	uint64_t nr;	   /* as that of a life */
	struct mm *mm;	   /* NULL: it is gone, and the last life leaves with its next event */
	uint64_t start_ns; /* since when a shown life has it; until then, since it was seen */
	uint64_t end_ns;   /* when a life left it last */
	uint64_t lost_from; /* what was lost since start_ns is not healed from there on; MPW_TASK_MAX: nothing is lost */
	unsigned int nr_users; /* lives that have it */
	unsigned int nr_shown; /* of these, those that are shown */
	void *slots[CAST_SLOTS];
	struct space *prev, *next;
};

/* Told to outputs; ctx is that of cast_new(). See sink.h for what each means. */
struct cast_ops {
	void (*left)(void *ctx, struct life *l, struct space *sp, const struct event *ev);
	void (*over)(void *ctx, struct life *l);
	void (*lost)(void *ctx, struct space *sp, const struct event *ev);
	void (*healed)(void *ctx, struct space *sp, const struct event *ev);
};

struct cast;

struct cast *cast_new(const struct cast_ops *ops, void *ctx);
/* After the processes: their address spaces let go of their spaces. */
void cast_free(struct cast *c);

/*
 * An event of p, or one that makes p, is about to be applied: p gets its life, and that the space of
 * p's address space. True if it is the first event of this life that is shown.
 */
bool cast_enter(struct cast *c, struct proc *p, const struct event *ev);
/* Is a process with l's pid that started at id_ns (0: not known) certainly not l? */
bool life_is_another(const struct life *l, uint64_t id_ns);
/* Take over from p who it is. */
void life_identify(struct life *l, const struct proc *p);
/* Records of sp were lost, or of all spaces (NULL). */
void cast_lose(struct cast *c, struct space *sp, const struct event *ev);
/* A snapshot said what is in [ev->lo, ev->hi) of sp; the mirror has it by now. */
void cast_heal(struct cast *c, struct space *sp, const struct event *ev);
/* p exits, with ev. */
void cast_exit(struct cast *c, struct proc *p, const struct event *ev);
/* The stream ended: all that live do, too. */
void cast_finish(struct cast *c, uint64_t end_ns);

/* The output of that slot needs l no more. */
void life_release(struct life *l, unsigned int slot);

/* Has no snapshot said yet what became of all of it since records were lost? */
bool space_is_lost(const struct space *sp);

#endif
