/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes of an address space that are writable, executable, and so on: now, at most, and over time.
 * Changes keep the sums; a snapshot of the whole sets them right.
 */
#ifndef SINK_HOLDING_H
#define SINK_HOLDING_H

#include "core/change.h"

enum hold {
	HOLD_HEAP, /* [heap] */
	HOLD_ANON, /* private anonymous memory with any right, but neither heap nor stack */
	HOLD_MAPS, /* no bytes: the number of mappings, as the kernel counts them */
	NR_CURVES, /* those before have curves */
	HOLD_W = NR_CURVES,
	HOLD_X,
	HOLD_WX,     /* both at once */
	HOLD_X_ANON, /* executable, and of no file */
	HOLD_MAPPED, /* all that is mapped */
	NR_HOLDS,
};

#define CURVE_CELLS 48

/* The most bytes in each of CURVE_CELLS stretches of time, which get longer as time goes by. */
struct curve {
	uint64_t most[CURVE_CELLS];
	uint64_t now; /* at the last mark */
};

struct holding {
	uint64_t now[NR_HOLDS], first[NR_HOLDS], most[NR_HOLDS]; /* bytes */
	uint64_t start_ns, step_ns; /* of the curves: begin, and length of a stretch */
	unsigned int cell;	    /* the last that is filled */
	uint64_t nr_hidden;	    /* mappings that the kernel keeps apart, and the mirror can't */
	struct curve curves[NR_CURVES];
	bool is_begun; /* set when first is known */
	bool is_stale; /* set when memory of unknown state changed: now may be too much */
};

/* h is all zero; the curves start at ts_ns. */
void holding_start(struct holding *h, uint64_t ts_ns);
/* Sets now, and the first time also first, to what the mirror has. */
void holding_set(struct holding *h, const struct aspace *as);
void holding_change(struct holding *h, const struct change *ch);
/* The kernel counts nr mappings where the mirror has as. */
void holding_count(struct holding *h, const struct aspace *as, uint64_t nr);
/* Ends an event: now counts for most and for the curves, unless it is stale. */
void holding_mark(struct holding *h, const struct aspace *as, uint64_t ts_ns);
/* The curves go on as they are until ts_ns. */
void holding_end(struct holding *h, uint64_t ts_ns);

/* Bytes between first and most. */
uint64_t holding_growth(const struct holding *h, enum hold hold);

/* "heap", "mappings", "x_anon", …: static; JSON's keys, too. */
const char *hold_name(enum hold hold);

#endif
