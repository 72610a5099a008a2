/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The past of one address space, from its changes. Lanes cut the addresses into
 * ranges whose parts always changed together; a change of half a lane splits it,
 * and both halves keep the past. [heap] is one lane however it grows. Memory is
 * bounded by a budget that histories share: what it can't hold is counted, and a
 * lane that could not be split says "unknown", never something wrong.
 */
#ifndef CORE_HISTORY_H
#define CORE_HISTORY_H

#include "core/change.h"
#include "core/span.h"

/* Distinct objects that a lane remembers; more are only known to be more. */
#define LANE_OBJECTS 4

/* How much may still be allocated; outlives its histories. */
struct history_budget {
	long lanes, spans;
};

struct lane {
	uint64_t start, end;
	const struct object *obj;		 /* mapped here last; NULL: nothing ever was */
	const struct object *objs[LANE_OBJECTS]; /* all that were */
	uint8_t nr_objs;			 /* LANE_OBJECTS + 1: more than objs holds */
	bool was_wx;				 /* writable and executable at a time */
	bool was_flipped;    /* one mapping writable, later executable; or the other way round */
	uint8_t had;	     /* VMA_W, VMA_X: what this mapping was, since it was mapped */
	uint64_t nr_changes; /* by system calls, not by exec, fork and snapshots */
	struct spans spans;
	struct lane *left, *right; /* tree by address */
	struct lane *next;	   /* list by address */
};

struct history {
	struct history_budget *budget; /* borrowed */
	struct lane *root, *first;     /* lanes cover all addresses */
	struct lane heap;	       /* heap.obj NULL: none was seen */
	uint64_t heap_bytes[NR_SPAN_STATES];
	bool heap_lost;
	uint64_t nr_changes;
	uint64_t nr_dropped;	  /* changes that found the budget spent */
	bool was_wx, was_flipped; /* of any lane */
};

/* What as holds at ts_ns is the start; all is unknown if as is. */
struct history *history_new(struct history_budget *budget, uint64_t ts_ns, const struct aspace *as);
void history_free(struct history *h);

void history_change(struct history *h, const struct change *ch);
/* Records were lost: nothing is known from ts_ns on ... */
void history_lose(struct history *h, uint64_t ts_ns);
/* ... until a snapshot: in [lo, hi), it is as the mirror has it. */
void history_heal(struct history *h, uint64_t ts_ns, const struct aspace *as, uint64_t lo,
		  uint64_t hi);

/* The lane after l, by address, where anything was ever mapped; the first if l is NULL. */
const struct lane *history_next(const struct history *h, const struct lane *l);
/* The heap's lane: what it is made of, and its size in pages. NULL if there was none. */
const struct lane *history_heap(const struct history *h);

#endif
