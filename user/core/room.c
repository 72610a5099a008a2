/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks over the mappings of a mirror. */
#include "core/room.h"

/* Where MAP_32BIT puts mappings, on x86-64. */
#define LOW_START 0x40000000ULL
#define LOW_END	  0x80000000ULL

/*
 * The end of the address space, by its highest mapping: a stack is near the end. The sizes are those
 * of 32-bit programs, of arm64 and of x86-64.
 */
static uint64_t end_of_space(const struct aspace *as)
{
	static const uint8_t bits[] = { 32, 39, 42, 47, 48, 52, 56 };
	const struct vma *last = aspace_last(as, UINT64_MAX >> 1);
	size_t i;

	for (i = 0; i < sizeof(bits); i++)
		if (!last || last->end <= 1ULL << bits[i])
			return 1ULL << bits[i];
	return UINT64_MAX >> 1;
}

bool room_biggest(const struct aspace *as, const struct event_call *c, struct room *ret)
{
	bool is_low = c->id == MPW_CALL_MMAP && c->arg[3] & ABI_MAP_32BIT && !c->compat;
	const struct vma *v;
	uint64_t at;
	int steps;

	*ret = (struct room){ .lo = is_low ? LOW_START : 0,
			      .hi = is_low ? LOW_END : end_of_space(as) };
	if (!aspace_is_known(as))
		return false;
	v = aspace_find(as, ret->lo);
	for (at = ret->lo, steps = 0; v && v->start < ret->hi; v = aspace_next(as, v)) {
		if (++steps > ROOM_STEPS)
			return false;
		if (v->start > at && v->start - at > ret->bytes)
			ret->bytes = v->start - at;
		at = v->end;
	}
	if (at < ret->hi && ret->hi - at > ret->bytes)
		ret->bytes = ret->hi - at;
	return true;
}

bool room_hole(const struct aspace *as, uint64_t lo, uint64_t hi, uint64_t *ret_start,
	       uint64_t *ret_end)
{
	const struct vma *v = aspace_find(as, lo);
	int steps;

	if (!aspace_is_known(as))
		return false;
	for (steps = 0; v && v->start <= lo && lo < hi; v = aspace_next(as, v)) {
		if (++steps > ROOM_STEPS)
			return false;
		lo = v->end;
	}
	*ret_start = lo;
	*ret_end = v && v->start < hi ? v->start : hi;
	return lo < hi;
}

const struct vma *room_first(const struct aspace *as, uint64_t lo, uint64_t hi, uint16_t mask,
			     uint16_t flags)
{
	const struct vma *v = aspace_find(as, lo);
	int steps;

	for (steps = 0; v && v->start < hi && steps < ROOM_STEPS; v = aspace_next(as, v), steps++)
		if ((v->attr.flags & mask) == flags)
			return v;
	return NULL;
}

uint64_t room_mapped(const struct aspace *as, uint64_t lo, uint64_t hi)
{
	const struct vma *v = aspace_find(as, lo);
	uint64_t sum = 0;
	int steps;

	for (steps = 0; v && v->start < hi && steps < ROOM_STEPS; v = aspace_next(as, v), steps++)
		sum += (v->end < hi ? v->end : hi) - (v->start > lo ? v->start : lo);
	return sum;
}
