/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Free and mapped ranges of an address space. Walks end after ROOM_STEPS mappings: nothing is known
 * of those behind.
 */
#ifndef CORE_ROOM_H
#define CORE_ROOM_H

#include "core/aspace.h"
#include "core/event.h"

#define ROOM_STEPS 4096

struct room {
	uint64_t bytes;	 /* of the biggest free range */
	uint64_t lo, hi; /* where the kernel looks for one */
};

/* The biggest range in which the kernel can put what the call asks for. False: it is not known. */
bool room_biggest(const struct aspace *as, const struct event_call *c, struct room *ret);
/* The first part of [lo, hi) in which nothing is mapped. False: there is none, for all we know. */
bool room_hole(const struct aspace *as, uint64_t lo, uint64_t hi, uint64_t *ret_start,
	       uint64_t *ret_end);
/* The first mapping in [lo, hi) that has these flags under the mask; NULL: there is none. */
const struct vma *room_first(const struct aspace *as, uint64_t lo, uint64_t hi, uint16_t mask,
			     uint16_t flags);
/* Bytes of [lo, hi) that are mapped. */
uint64_t room_mapped(const struct aspace *as, uint64_t lo, uint64_t hi);

#endif
