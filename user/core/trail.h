/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trail of an address space, for the detector of faults: its last changes, and its refused
 * calls. What was done again and again to one range is one step. Past TRAIL_STEPS the oldest go.
 */
#ifndef CORE_TRAIL_H
#define CORE_TRAIL_H

#include "core/change.h"
#include "core/refusal.h"

#define TRAIL_STEPS 256

struct trail_step {
	uint64_t start, end; /* of a refused call: the range that it named */
	uint64_t nr;	     /* later steps have higher ones, from 1 */
	uint64_t ts_ns;
	/*
	 * Where an mremap moved what was at start or, where it maps, what is there now came from.
	 * UINT64_MAX: nowhere.
	 */
	uint64_t moved;
	struct caller caller;
	const struct object *obj; /* what was mapped there before or, where nothing was, is now */
	uint32_t pid, tid;
	int32_t err;	 /* errno of a refused call; 0: a change */
	uint32_t causes; /* of it: a bit per enum refusal_cause */
	uint16_t before; /* enum vma_flags; with VMA_UNKNOWN any right may have been there */
	uint16_t after;	 /* likewise; of a refused call: the rights that it wanted */
	uint8_t type;	 /* enum event_type */
	uint8_t call;	 /* enum mpw_call, of an EVENT_CALL */
	bool maps;	 /* set when another mapping is there since */
};

/* All zero: empty. */
struct trail {
	struct trail_step *steps;
	unsigned int nr, cap;
	unsigned int next;    /* the place of the next step */
	uint64_t last;	      /* number of the last step */
	uint64_t before_fork; /* steps up to this were the parent's, or those before it; 0: none */
};

/* maps: the change put another mapping there. */
void trail_change(struct trail *t, const struct change *ch, bool maps);
/* The event of ch is a call that was refused; mm is the mirror at that time. */
void trail_refused(struct trail *t, const struct change *ch, const struct mm *mm);
/* The latest step before the one with this number that has to do with addr, or NULL. */
const struct trail_step *trail_find(const struct trail *t, uint64_t addr, uint64_t before);
/* The latest refused call of the thread that should have given memory, before this number, or NULL. */
const struct trail_step *trail_find_refused(const struct trail *t, uint32_t tid, uint64_t before);
/* t is a plain copy of a parent's: from now on it is the child's own. */
void trail_fork(struct trail *t);
/* Hold the objects (object.h). */
void trail_hold(const struct trail *t);
void trail_done(struct trail *t);

#endif
