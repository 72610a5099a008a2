/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many bytes of an address space are writable, executable, and so on: now, at most, and
 * over time. Kept from changes alone; a snapshot of the whole sets it right.
 */
#ifndef SINK_HOLDING_H
#define SINK_HOLDING_H

#include "core/change.h"

enum hold {
	HOLD_HEAP, /* [heap] */
	HOLD_ANON, /* private memory of no file and without any other part, that has a right */
	NR_CURVES, /* of these it is kept over time */
	HOLD_W = NR_CURVES,
	HOLD_X,
	HOLD_WX,     /* both at once */
	HOLD_X_ANON, /* executable, and of no file */
	NR_HOLDS,
};

#define CURVE_CELLS 48

/* The most in each of CURVE_CELLS stretches of time; these get longer as time goes by. */
struct curve {
	uint64_t most[CURVE_CELLS];
	uint64_t now;
};

struct holding {
	uint64_t now[NR_HOLDS], first[NR_HOLDS], most[NR_HOLDS];
	uint64_t start_ns, step_ns; /* of the curves */
	unsigned int cell;	    /* the last that is filled */
	struct curve curves[NR_CURVES];
	bool is_begun; /* first is known */
	bool is_stale; /* something changed of which it is not known what it was: now is too much */
};

void holding_start(struct holding *h, uint64_t ts_ns);
/* It is as the mirror has it. */
void holding_set(struct holding *h, const struct aspace *as);
void holding_change(struct holding *h, const struct change *ch);
/* An event is over: what is held now counts. */
void holding_mark(struct holding *h, uint64_t ts_ns);
/* It goes on as it is until ts_ns. */
void holding_end(struct holding *h, uint64_t ts_ns);

/* By how much it grew at most since it was first known. */
uint64_t holding_growth(const struct holding *h, enum hold hold);

/* For lines: how many bytes which of them has. */
const char *hold_name(enum hold hold);

#endif
