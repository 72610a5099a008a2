/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a range of addresses was over time, in bounded memory. A span is one
 * state from its start to the next span's. When a list is full, spans that
 * start within one quantum of time become one which was "several", and the
 * quantum doubles: a million changes cost what SPANS_MAX do, the shape over the
 * whole time stays, and which states occurred is never forgotten.
 */
#ifndef CORE_SPAN_H
#define CORE_SPAN_H

#include "core/vma.h"

#define SPANS_MAX 256

enum span_state {
	SPAN_UNMAPPED,
	SPAN_UNKNOWN,
	SPAN_NONE,
	SPAN_R,
	SPAN_W,
	SPAN_RW,
	SPAN_X,
	SPAN_RX,
	SPAN_WX, /* writable and executable, readable or not */
	NR_SPAN_STATES,
};

/* Sets of states are masks of this. */
#define SPAN_BIT(state) ((uint16_t)(1u << (state)))

enum span_state span_state_of(const struct attr *a);

/* Several states alternated from start_ns to busy_ns; from then on it is now. */
struct span {
	uint64_t start_ns, busy_ns;    /* equal: there was only now */
	uint32_t max_pages, now_pages; /* of a range that grows (the heap), else 0 */
	uint16_t states;	       /* all that occurred, now included */
	uint16_t now;		       /* more than one bit: the parts of the range differ */
};

struct spans {
	struct span *v;
	uint32_t nr, cap;
	uint8_t quantum_shift; /* the quantum is 1 << this ns */
};

/* budget, here and below: how many more spans may be allocated; lists get coarser when none are. */
void spans_init(struct spans *s, long *budget, uint64_t ts_ns, uint16_t now);
void spans_copy(struct spans *dst, const struct spans *src, long *budget);
void spans_done(struct spans *s, long *budget);

/* From ts_ns on it is now. Time does not run backwards: an earlier ts_ns counts as the last one. */
void spans_add(struct spans *s, long *budget, uint64_t ts_ns, uint16_t now, uint32_t now_pages);

#endif
