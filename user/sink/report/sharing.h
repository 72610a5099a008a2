/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shared objects, and the views of them: ranges of address spaces that map them, with protections
 * and the steps that led there. Protections belong to views, not to objects. Memory is bounded:
 * views that find no room are counted, and a view keeps its first and its last steps.
 */
#ifndef SINK_SHARING_H
#define SINK_SHARING_H

#include <bsd/sys/tree.h>
#include <uthash.h>

#include "core/change.h"

#define VIEW_STEPS 8

/* An event that changed a view's protection. */
struct view_step {
	uint64_t ts_ns;
	uint16_t flags; /* enum vma_flags after the event; 0: it ended the view */
	uint8_t type;	/* enum event_type */
	uint8_t call;	/* enum mpw_call, of an EVENT_CALL */
	struct caller caller;
};

struct shared_view {
	uint64_t start, end;
	uint64_t off;	/* of start in the object, bytes */
	uint32_t pid;	/* of the first process that had the address space */
	char comm[17];	/* of that process, when the view began */
	bool is_wanted; /* set when a process that is shown made a step */
	uint16_t flags; /* enum vma_flags: now, or the last if the view is gone */
	uint16_t had;	/* all flags that there were */
	bool is_gone;	/* set when it was unmapped, or mapped over */
	bool is_coarse; /* set when there was no room to split it: parts of it differ */
	uint64_t nr_steps;
	struct view_step steps[VIEW_STEPS]; /* a ring behind the first: shared_view_step() */
	struct shared *object;
	struct shared_view *next;	/* of the object */
	RB_ENTRY(shared_view) by_start; /* in its space's tree, unless it is gone */
};

RB_HEAD(view_tree, shared_view);

/* An object that is mapped MAP_SHARED, or was. */
struct shared {
	struct {
		uint64_t ino, dev;
	} key;			   /* its own struct object where these are not known */
	const struct object *obj;  /* under the first of its names */
	struct shared_view *views; /* owned */
	size_t nr_views;	   /* gone ones, too */
	/* views that are not gone: writable; executable; writable before and no more */
	size_t nr_writers, nr_runners, nr_gave_up;
	bool was_alias;	    /* set when a part was writable in one view, executable in another */
	bool was_uneven;    /* set when a view gave up writing a part that another could write */
	uint64_t nr_looked; /* views that were compared for these two */
	UT_hash_handle hh;
};

/* All zero: empty. */
struct sharing {
	struct shared *objects; /* owned */
	size_t nr_views;	/* of all objects */
	bool is_full;		/* set when no more views can be dropped for new ones */
	uint64_t nr_dropped;	/* views that found no room, or were dropped */
};

/* The views of one address space. */
struct sharing_space {
	struct view_tree views; /* all zero: none; the objects own the views */
	uint32_t pid;		/* of its first process */
	const char *comm;	/* 17 bytes, borrowed */
};

/* Views begin for all shared objects that as has mapped when it is first seen, at ev. */
void sharing_start(struct sharing *s, struct sharing_space *sp, const struct event *ev,
		   const struct aspace *as);
void sharing_change(struct sharing *s, struct sharing_space *sp, const struct change *ch);
/* The views end, as the address space did by ev, an exit or exec. */
void sharing_end(struct sharing_space *sp, const struct event *ev);
void sharing_done(struct sharing *s);

/* The i-th step that is kept, oldest first; *ret_skipped: steps dropped before this one. */
const struct view_step *shared_view_step(const struct shared_view *v, unsigned int i,
					 uint64_t *ret_skipped);
unsigned int shared_view_nr_kept(const struct shared_view *v);
/* True if a part is writable in one view and executable in another, now. */
bool shared_is_alias(const struct shared *o);
/* True if a view gave up writing a part that another can write, now. */
bool shared_is_uneven(const struct shared *o);
/* True if o changed too often to compare all its views: was_alias and was_uneven may be unset. */
bool shared_is_capped(const struct shared *o);
/* True if v was writable, and is not, or was not at last. */
bool shared_view_gave_up_writing(const struct shared_view *v);

#endif
