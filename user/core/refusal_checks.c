/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's checks that several calls have in common. */
#include "core/refusal_private.h"

#include <errno.h>

#include "core/room.h"

uint64_t inquiry_number(const struct inquiry *q, enum condition id)
{
	return conditions_have(&q->has, id) ? q->has.value[id] : 0;
}

uint64_t inquiry_limit(const struct inquiry *q, enum condition id)
{
	return conditions_have(&q->has, id) ? q->has.value[id] : NO_LIMIT;
}

struct reason *inquiry_add(struct inquiry *q, enum refusal_cause id)
{
	struct reason *cause = &q->r->cause[q->r->nr];

	if (q->r->nr == REFUSAL_CAUSES)
		return &q->r->cause[REFUSAL_CAUSES - 1];
	q->r->nr++;
	*cause = (struct reason){ .id = id };
	return cause;
}

/* A cause that is proven, with numbers. Returns true. */
bool inquiry_prove(struct inquiry *q, enum refusal_cause id, uint64_t allowed, uint64_t used,
		   uint64_t asked)
{
	struct reason *cause = inquiry_add(q, id);

	cause->allowed = allowed;
	cause->used = used;
	cause->asked = asked;
	return true;
}

bool inquiry_prove_plain(struct inquiry *q, enum refusal_cause id)
{
	return inquiry_prove(q, id, 0, 0, 0);
}

bool inquiry_prove_vma(struct inquiry *q, enum refusal_cause id, const struct vma *v)
{
	struct reason *cause = inquiry_add(q, id);

	cause->start = v->start;
	cause->end = v->end;
	cause->vma = v;
	return true;
}

/* ---- limits ---- */

/* True if asked more bytes are above the limit; ~0 is none. */
bool limit_is_passed(uint64_t limit, uint64_t used, uint64_t asked)
{
	return limit != NO_LIMIT && (asked > limit || used > limit - asked);
}

/* at_limit: the call makes a mapping more from one less than the limit on, as splits do. */
bool inquiry_map_count(struct inquiry *q, bool at_limit)
{
	uint64_t nr = facts_number(&q->ev->facts, MPW_FACT_MAP_COUNT);
	uint64_t max = inquiry_limit(q, CONDITION_MAX_MAP_COUNT);

	if (!nr || max == NO_LIMIT || nr + at_limit <= max)
		return false;
	return inquiry_prove(q, REFUSAL_MAP_COUNT, max, nr, 1);
}

/* The limits of mappings of asked bytes; of data (private, writable), if is_data. */
bool inquiry_limits(struct inquiry *q, uint64_t asked, bool is_data)
{
	uint64_t as = inquiry_limit(q, CONDITION_AS_LIMIT),
		 data = inquiry_limit(q, CONDITION_DATA_LIMIT);

	if (limit_is_passed(as, inquiry_number(q, CONDITION_AS_USED), asked))
		return inquiry_prove(q, REFUSAL_RLIMIT_AS, as, inquiry_number(q, CONDITION_AS_USED),
				     asked);
	if (is_data && limit_is_passed(data, inquiry_number(q, CONDITION_DATA_USED), asked))
		return inquiry_prove(q, REFUSAL_RLIMIT_DATA, data,
				     inquiry_number(q, CONDITION_DATA_USED), asked);
	return false;
}

/* vm.overcommit_memory: 0 refuses what is more than all memory, 2 what is above its limit. */
bool inquiry_overcommit(struct inquiry *q, uint64_t asked)
{
	uint64_t max = inquiry_limit(q, CONDITION_MEMORY), used = 0;

	if (!conditions_have(&q->has, CONDITION_OVERCOMMIT) ||
	    inquiry_number(q, CONDITION_OVERCOMMIT) == 1)
		return false;
	if (inquiry_number(q, CONDITION_OVERCOMMIT) == 2) {
		max = inquiry_limit(q, CONDITION_COMMIT_LIMIT);
		used = inquiry_number(q, CONDITION_COMMITTED);
	}
	return limit_is_passed(max, used, asked) &&
	       inquiry_prove(q, REFUSAL_OVERCOMMIT, max, used, asked);
}

bool inquiry_memlock(struct inquiry *q, uint64_t asked)
{
	uint64_t max = inquiry_limit(q, CONDITION_MEMLOCK_LIMIT);

	return limit_is_passed(max, inquiry_number(q, CONDITION_LOCKED_USED), asked) &&
	       inquiry_prove(q, REFUSAL_RLIMIT_MEMLOCK, max,
			     inquiry_number(q, CONDITION_LOCKED_USED), asked);
}

void inquiry_guess_range(struct inquiry *q, enum refusal_cause id)
{
	if (!aspace_is_known(q->mm->as))
		inquiry_add(q, id);
	inquiry_add(q, REFUSAL_MEMORY);
}

/* Nothing is proven: the causes that are still possible, of a call that asks for memory. */
void inquiry_guess_memory(struct inquiry *q, bool is_data)
{
	if (!q->has.has) {
		inquiry_add(q, REFUSAL_RLIMIT_AS);
		if (is_data)
			inquiry_add(q, REFUSAL_RLIMIT_DATA);
		inquiry_add(q, REFUSAL_OVERCOMMIT);
	} else if (inquiry_number(q, CONDITION_OVERCOMMIT) ==
		   2) { /* others gave memory back since */
		inquiry_prove(q, REFUSAL_OVERCOMMIT, inquiry_limit(q, CONDITION_COMMIT_LIMIT),
			      inquiry_number(q, CONDITION_COMMITTED), 0);
	}
	inquiry_guess_range(q, REFUSAL_NO_ROOM);
}

/* No free range has asked bytes. A walk over very many mappings is not worth the answer. */
bool inquiry_room(struct inquiry *q, uint64_t asked)
{
	struct room room;

	if (!room_biggest(q->mm->as, q->c, &room) || (asked && room.bytes >= asked))
		return false;
	inquiry_add(q, REFUSAL_NO_ROOM)->allowed = room.bytes;
	q->r->cause[q->r->nr - 1].asked = asked;
	q->r->cause[q->r->nr - 1].start = room.lo;
	q->r->cause[q->r->nr - 1].end = room.hi;
	return true;
}

/* ---- ranges ---- */

/* The first part of [lo, hi) that is not mapped. */
bool inquiry_hole(struct inquiry *q, uint64_t lo, uint64_t hi)
{
	struct reason *cause;
	uint64_t start, end;

	if (!room_hole(q->mm->as, lo, hi, &start, &end))
		return false;
	cause = inquiry_add(q, REFUSAL_HOLE);
	cause->start = start;
	cause->end = end;
	return true;
}

bool inquiry_sealed(struct inquiry *q, uint64_t lo, uint64_t hi)
{
	const struct vma *v = room_first(q->mm->as, lo, hi, VMA_SEALED, VMA_SEALED);

	return v && inquiry_prove_vma(q, REFUSAL_SEALED, v);
}

uint64_t inquiry_start(const struct inquiry *q)
{
	return page_down(call_start(q->c));
}

uint64_t inquiry_end(const struct inquiry *q)
{
	return page_up(call_start(q->c) + call_len(q->c));
}

/* EINVAL of a call with a range. */
bool inquiry_align(struct inquiry *q, uint64_t at, uint64_t len, bool may_be_empty)
{
	if (at != page_down(at))
		return inquiry_prove_plain(q, REFUSAL_ALIGN);
	if (!len && !may_be_empty)
		return inquiry_prove_plain(q, REFUSAL_EMPTY);
	return conditions_have(&q->has, CONDITION_PLACE) && q->r->huge_bytes &&
	       inquiry_prove_plain(q, REFUSAL_HUGE_ALIGN);
}

/* ---- rights ---- */

/* A file may refuse: to a new mapping or, at place, to an old one. */
bool inquiry_file(struct inquiry *q, bool is_shared, bool is_new)
{
	bool writes = is_shared && q->prot & VMA_W;

	if (q->prot & VMA_X && inquiry_number(q, CONDITION_NO_EXEC) &&
	    (!is_new || q->c->ret == -EPERM))
		return inquiry_prove_plain(q, REFUSAL_NO_EXEC);
	if (is_new && inquiry_number(q, CONDITION_NO_READ) && q->c->ret == -EACCES)
		return inquiry_prove_plain(q, REFUSAL_FILE_MODE);
	if (writes && inquiry_number(q, CONDITION_NO_WRITE) && (!is_new || q->c->ret == -EACCES))
		return inquiry_prove_plain(q, REFUSAL_FILE_MODE);
	if (writes && inquiry_number(q, CONDITION_APPEND) && q->c->ret == -EACCES)
		return inquiry_prove_plain(q, REFUSAL_FILE_APPEND);
	return writes && inquiry_number(q, CONDITION_SEAL) &&
	       inquiry_prove_plain(q, REFUSAL_FILE_SEAL);
}

/* A security module, for all that is known. Old recordings do not say what else it can be. */
void inquiry_guess_denied(struct inquiry *q, bool is_of_file, bool gains)
{
	if (!q->has.has && is_of_file)
		inquiry_add(q, q->prot & VMA_X ? REFUSAL_NO_EXEC : REFUSAL_FILE_MODE);
	if (!q->has.has && q->c->ret == -EACCES && gains)
		inquiry_add(q, REFUSAL_MDWE);
	inquiry_add(q, REFUSAL_LSM);
}
