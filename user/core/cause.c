/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trail of an address, backwards: to the step that took the right, or that put the mapping
 * there; through moves, to where the memory was before.
 */
#include "core/cause.h"

static bool step_takes(const struct trail_step *st, uint16_t wanted)
{
	uint16_t before = st->before & VMA_UNKNOWN ? VMA_PROT : st->before;

	if (st->maps || !(st->after & VMA_MAPPED))
		return false;
	return wanted == VMA_GUARD ? st->after & ~st->before & VMA_GUARD :
				     before & ~st->after & wanted & VMA_PROT;
}

static bool is_pkey_mprotect(const struct trail_step *st)
{
	return st->type == EVENT_CALL && st->call == MPW_CALL_PKEY_MPROTECT;
}

/* The step before "before" that unmapped what had the right, if nothing else was there since. */
static const struct trail_step *find_left(const struct trail *t, uint64_t addr, uint64_t before,
					  uint16_t wanted)
{
	const struct trail_step *st = trail_find(t, addr, before);

	while (st && st->err)
		st = trail_find(t, addr, st->nr);
	return st && !(st->after & VMA_MAPPED) && st->before & wanted ? st : NULL;
}

void cause_in_mapping(const struct trail *t, uint64_t addr, uint64_t last, uint16_t wanted,
		      struct cause *ret)
{
	const struct trail_step *st;

	for (st = trail_find(t, addr, last + 1); st; st = trail_find(t, addr, st->nr)) {
		if (st->err) {
			if (!ret->refused && st->after & wanted)
				ret->refused = st;
			continue;
		}
		if (!ret->keyed && is_pkey_mprotect(st))
			ret->keyed = st;
		if (step_takes(st, wanted)) {
			ret->taken = st;
			return;
		}
		if (!st->maps)
			continue;
		if (st->moved == UINT64_MAX) {
			ret->mapped = st;
			ret->left = find_left(t, addr, st->nr, wanted);
			return;
		}
		ret->was_moved = true;
		addr = st->moved + (addr - st->start);
	}
}

void cause_in_nothing(const struct trail *t, uint64_t addr, uint64_t last, struct cause *ret)
{
	const struct trail_step *st = trail_find(t, addr, last + 1);

	while (st && st->err)
		st = trail_find(t, addr, st->nr);
	if (!st)
		return;
	if (!(st->after & VMA_MAPPED))
		ret->taken = st;
	else if (st->nr <= t->before_fork && st->after & VMA_DONTCOPY)
		ret->kept = st;
}
