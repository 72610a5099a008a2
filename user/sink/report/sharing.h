/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who maps which shared object, where, with which protection, and how that came about. A view is
 * one range of one address space: protections belong to it, not to the object. Memory is bounded:
 * views that find no room are counted, and of a view's past its first and its last steps are kept.
 */
#ifndef SINK_SHARING_H
#define SINK_SHARING_H

#include <bsd/sys/tree.h>
#include <uthash.h>

#include "core/change.h"

#define VIEW_STEPS 8

/* What was done to a view: flags of 0 end it. */
struct view_step {
	uint64_t ts_ns;
	uint16_t flags; /* of the protection after it; enum vma_flags */
	uint8_t type;	/* enum event_type */
	uint8_t call;	/* enum mpw_call, of an EVENT_CALL */
	struct caller caller;
};

struct shared_view {
	uint64_t start, end;
	uint64_t off;	/* of start in the object, bytes */
	uint32_t pid;	/* the first process that had the address space */
	char comm[17];	/* its name when it got the view */
	bool is_wanted; /* of a process that is shown */
	uint16_t flags; /* now; of a view that is gone: at last */
	uint16_t had;	/* ever */
	bool is_gone;
	bool is_coarse; /* there was no room for two: parts of it differ from what it says */
	uint64_t nr_steps;
	struct view_step steps[VIEW_STEPS]; /* the first, and the last ones: see shared_view_step() */
	struct shared *object;
	struct shared_view *next;	/* of the object */
	RB_ENTRY(shared_view) by_start; /* of its space, while it is there */
};

RB_HEAD(view_tree, shared_view);

/* One object that somebody mapped MAP_SHARED. */
struct shared {
	struct {
		uint64_t ino, dev;
	} key;
	const struct object *obj; /* under the name that it had first */
	struct shared_view *views;
	size_t nr_views;
	/* of views that are there: they can write, can execute, could write once and can't now */
	size_t nr_writers, nr_runners, nr_gave_up;
	bool was_alias;	    /* a part was writable through one view, executable through another */
	bool was_uneven;    /* some had given up writing while others wrote on */
	uint64_t nr_looked; /* at views, to tell these two */
	UT_hash_handle hh;
};

struct sharing {
	struct shared *objects;
	size_t nr_views;
	bool is_full;	     /* nothing more can be dropped */
	uint64_t nr_dropped; /* views that found no room, or made it */
};

/* Of one address space. */
struct sharing_space {
	struct view_tree views; /* all zero: none */
	uint32_t pid;
	const char *comm; /* 17 bytes, borrowed */
};

/* The address space is seen for the first time, at ev: what does it share already? */
void sharing_start(struct sharing *s, struct sharing_space *sp, const struct event *ev,
		   const struct aspace *as);
void sharing_change(struct sharing *s, struct sharing_space *sp, const struct change *ch);
/* It is gone, by an exit or exec. */
void sharing_end(struct sharing_space *sp, const struct event *ev);
void sharing_done(struct sharing *s);

/* The i-th of the steps that are kept, oldest first; *ret_skipped: how many are missing before it. */
const struct view_step *shared_view_step(const struct shared_view *v, unsigned int i,
					 uint64_t *ret_skipped);
unsigned int shared_view_nr_kept(const struct shared_view *v);
/* Is a part of it writable through one view, and executable through another, now? */
bool shared_is_alias(const struct shared *o);
/* Has one given up writing to a part that others can write, now? */
bool shared_is_uneven(const struct shared *o);
/* So many changes that was_alias or was_uneven may have been missed? */
bool shared_is_capped(const struct shared *o);
/* Had it the right to write, and has it (or had it at last) not? */
bool shared_view_gave_up_writing(const struct shared_view *v);

#endif
