/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The states of a range of addresses over time, in bounded memory. A span is one
 * state from its start to the next span's. When a list is full, spans that start
 * within one quantum of time are merged into one with several states, and the
 * quantum doubles: a million changes cost no more than SPANS_MAX, the shape over
 * the whole time stays, and no state that occurred is ever dropped.
 */
#ifndef CORE_SPAN_H
#define CORE_SPAN_H

#include "core/vma.h"

#define SPANS_MAX 256

enum span_state {
	SPAN_UNMAPPED,
	SPAN_UNKNOWN,
	SPAN_NONE, /* also a guard region */
	SPAN_R,
	SPAN_W,
	SPAN_RW,
	SPAN_X,
	SPAN_RX,
	SPAN_WX, /* writable and executable, readable or not */
	NR_SPAN_STATES,
};

/* A set of states is a mask of these bits. */
#define SPAN_BIT(state) ((uint16_t)(1u << (state)))

enum span_state span_state_of(const struct attr *a);

/* One state, or several that alternated until busy_ns, of which "now" stayed. */
struct span {
	uint64_t start_ns, busy_ns;    /* CLOCK_BOOTTIME; equal: there was one state only */
	uint32_t max_pages, now_pages; /* size of a range that grows (the heap), else 0 */
	uint16_t states;	       /* set of all states, "now" included */
	uint16_t now;		       /* set of states: several if the range's parts differ */
};

struct spans {
	struct span *v;
	uint32_t nr, cap;
	uint8_t quantum_shift; /* the quantum is 1 << quantum_shift ns */
};

/* budget, here and below: spans that may still be allocated; at 0 lists get coarser. */
void spans_init(struct spans *s, long *budget, uint64_t ts_ns, uint16_t now);
void spans_copy(struct spans *dst, const struct spans *src, long *budget);
void spans_done(struct spans *s, long *budget);

/* The state becomes "now" at ts_ns. An earlier time than that of the last call counts as that. */
void spans_add(struct spans *s, long *budget, uint64_t ts_ns, uint16_t now, uint32_t now_pages);

#endif
