/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by refusal.c, which knows the calls, and refusal_checks.c, which knows the checks. */
#ifndef CORE_REFUSAL_PRIVATE_H
#define CORE_REFUSAL_PRIVATE_H

#include "core/conditions.h"
#include "core/refusal.h"

#define NO_LIMIT UINT64_MAX

/* A refused call, and what is being found out about it. */
struct inquiry {
	const struct mm *mm;
	const struct event *ev;
	const struct event_call *c;
	struct conditions has;
	uint64_t prot; /* that the call asks for */
	struct refusal *r;
};

/* The value of a condition; 0, or NO_LIMIT, where there is none. */
uint64_t inquiry_number(const struct inquiry *q, enum condition id);
uint64_t inquiry_limit(const struct inquiry *q, enum condition id);
/* The call's range, as whole pages. */
uint64_t inquiry_start(const struct inquiry *q);
uint64_t inquiry_end(const struct inquiry *q);

/* One cause more; the last one again, if there are too many. */
struct reason *inquiry_add(struct inquiry *q, enum refusal_cause id);
/* A cause that is proven. Returns true. */
bool inquiry_prove(struct inquiry *q, enum refusal_cause id, uint64_t allowed, uint64_t used,
		   uint64_t asked);
bool inquiry_prove_plain(struct inquiry *q, enum refusal_cause id);
bool inquiry_prove_vma(struct inquiry *q, enum refusal_cause id, const struct vma *v);

/* True if asked bytes more are above the limit. */
bool limit_is_passed(uint64_t limit, uint64_t used, uint64_t asked);

/*
 * Checks of the kernel. Each adds its cause and returns true if it is proven that it refused the
 * call.
 */
/* at_limit: the call makes a mapping more than one, as splits do. */
bool inquiry_map_count(struct inquiry *q, bool at_limit);
/* RLIMIT_AS, and RLIMIT_DATA if the bytes are data: private and writable. */
bool inquiry_limits(struct inquiry *q, uint64_t asked, bool is_data);
bool inquiry_overcommit(struct inquiry *q, uint64_t asked);
bool inquiry_memlock(struct inquiry *q, uint64_t asked);
/* No free range has as many bytes. */
bool inquiry_room(struct inquiry *q, uint64_t asked);
/* A part of [lo, hi) is not mapped; a mapping in it is sealed. */
bool inquiry_hole(struct inquiry *q, uint64_t lo, uint64_t hi);
bool inquiry_sealed(struct inquiry *q, uint64_t lo, uint64_t hi);
/* EINVAL of a range. */
bool inquiry_align(struct inquiry *q, uint64_t at, uint64_t len, bool may_be_empty);
/* The file refuses its new mapping, or more rights of an old one. */
bool inquiry_file(struct inquiry *q, bool is_shared, bool is_new);

/*
 * Nothing is proven: what is still possible is added. Recordings from before conditions leave more
 * of it.
 */
void inquiry_guess_memory(struct inquiry *q, bool is_data);
/* Memory; or, if the mirror is not known, what it would show: REFUSAL_HOLE, REFUSAL_NO_ROOM. */
void inquiry_guess_range(struct inquiry *q, enum refusal_cause id);
void inquiry_guess_denied(struct inquiry *q, bool is_of_file, bool gains);

#endif
