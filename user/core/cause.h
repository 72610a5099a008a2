/* SPDX-License-Identifier: BSD-2-Clause */
/* Causes: which step of a trail is why an access is not allowed. */
#ifndef CORE_CAUSE_H
#define CORE_CAUSE_H

#include "core/trail.h"

/* Steps of the trail, borrowed until its next one; NULL: there was none. */
struct cause {
	const struct trail_step *taken;	 /* took the right away, or unmapped; */
	const struct trail_step *mapped; /* or mapped without it, and nothing took it since; */
	const struct trail_step *kept;	 /* or kept it from the fork: MADV_DONTFORK */
	const struct trail_step *left; /* unmapped what had the right and was there before mapped */
	const struct trail_step *keyed;	  /* the latest pkey_mprotect */
	const struct trail_step *refused; /* a refused call for the right */
	bool was_moved;			  /* set when mremap brought the memory there */
};

/* Why addr lacks wanted: rights, or VMA_GUARD for what made it a guard. Steps after last don't count. */
void cause_in_mapping(const struct trail *t, uint64_t addr, uint64_t last, uint16_t wanted,
		      struct cause *ret);
/* Why nothing is mapped at addr. */
void cause_in_nothing(const struct trail *t, uint64_t addr, uint64_t last, struct cause *ret);

#endif
