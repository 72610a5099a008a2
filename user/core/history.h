/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The past of one address space, from its changes. Lanes cut the addresses into
 * ranges whose parts always changed together; a change of half a lane splits the
 * lane, and both halves keep the past. [heap] is one lane however it grows. Memory
 * is bounded by a budget that histories share: changes that find it spent are
 * counted, and a lane that could not be split says "unknown", never something wrong.
 */
#ifndef CORE_HISTORY_H
#define CORE_HISTORY_H

#include "core/change.h"
#include "core/span.h"

/* Distinct objects that a lane remembers; of more it only knows that there were more. */
#define LANE_OBJECTS 4

/* Lanes and spans that may still be allocated; outlives its histories. */
struct history_budget {
	long lanes, spans;
};

struct lane {
	uint64_t start, end;
	const struct object *obj;		 /* mapped here last; NULL: none ever was */
	const struct object *objs[LANE_OBJECTS]; /* all objects that were mapped here */
	uint8_t nr_objs;			 /* LANE_OBJECTS + 1: more than objs holds */
	bool is_guard;				 /* set while it is a guard region */
	bool in_scope;	     /* set when a change that is to be shown touched it (scope.h) */
	bool was_wx;	     /* set when it was writable and executable at once */
	bool was_w_to_x;     /* set when one mapping was writable, then executable */
	bool was_x_to_w;     /* likewise, the other way */
	uint8_t had;	     /* VMA_W, VMA_X: rights that this mapping had since it was mapped */
	uint64_t nr_changes; /* by system calls, not by exec, fork and snapshots */
	struct spans spans;
	struct lane *left, *right; /* tree by address */
	struct lane *next;	   /* list by address */
};

struct history {
	struct history_budget *budget;	     /* borrowed */
	struct lane *root, *first;	     /* lanes cover all addresses */
	struct lane heap;		     /* heap.obj NULL: no heap was seen */
	uint64_t heap_bytes[NR_SPAN_STATES]; /* bytes of the heap that have this state now */
	bool heap_lost;		  /* set when heap_bytes may be wrong, until a snapshot */
	uint64_t nr_changes;	  /* by system calls, which are to be shown */
	bool has_others;	  /* set when there were others, which are not */
	uint64_t nr_dropped;	  /* changes that found the budget spent */
	bool was_wx, was_flipped; /* set when any lane was so, or became one after the other */
};

/* A history that starts at ts_ns with the mappings of as; all is unknown if as is not known. */
struct history *history_new(struct history_budget *budget, uint64_t ts_ns, const struct aspace *as);
void history_free(struct history *h);

/* in_scope: the change is to be shown. */
void history_change(struct history *h, const struct change *ch, bool in_scope);
/* Records were lost: everything is unknown from ts_ns on, until history_heal(). */
void history_lose(struct history *h, uint64_t ts_ns);
/* A snapshot of [lo, hi) came at ts_ns: the range is known again, as the mirror as has it. */
void history_heal(struct history *h, uint64_t ts_ns, const struct aspace *as, uint64_t lo,
		  uint64_t hi);

/* "WX!", "W>X", "X>W", or "": the worst of a lane's past. */
const char *lane_note(const struct lane *l);
/* The next lane after l, by address, where anything was ever mapped; the first if l is NULL. */
const struct lane *history_next(const struct history *h, const struct lane *l);
/* The heap's lane; its spans have the heap's size in pages. NULL if there was no heap. */
const struct lane *history_heap(const struct history *h);

#endif
