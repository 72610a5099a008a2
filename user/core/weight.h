/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of mirrors and of detectors' pasts, and its limit: a process can make a mirror heavy at
 * little cost, by forks, or by calls that a filter of its own answers. Whoever fills it pays: first
 * the user with most, of his processes the heaviest.
 */
#ifndef CORE_WEIGHT_H
#define CORE_WEIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event;
struct mm;
struct proc;
struct proctab;

/* In ranges of some 100 bytes each: 0.8 GB. 10,000 processes of 700 mappings fit. */
#define WEIGHT_MAX (1u << 23)

struct weight {
	size_t max;	/* ranges; a power of 2 */
	size_t at_most; /* an upper bound of all there are */
	/* for weight_has_room() alone, which no event may depend on */
	size_t counted;
	uint64_t counted_ns;
};

/* The share of one address space. */
static inline size_t weight_share(const struct weight *w)
{
	return w->max / 8;
}

/* Ranges of mm, with those of its past. */
size_t weight_of(const struct mm *mm);
/* True if all ranges may be too many after ev, which made nr_changes: then make room. */
bool weight_is_over(struct weight *w, const struct event *ev, unsigned int nr_changes,
		    struct proctab *procs);

/* Makes nearly all that p weighs free; it may remove p, but no other process. */
typedef void weight_give_fn(void *ctx, struct proc *p);
/* Calls give for the heaviest of the heaviest user, and so on, until an eighth is free. */
void weight_make_room(struct weight *w, struct proctab *procs, weight_give_fn *give, void *ctx);

/* True if ranges, as many as nr, find room, and an eighth is left. Counts once a second at most. */
bool weight_has_room(struct weight *w, const struct proctab *procs, size_t nr, uint64_t now_ns);

#endif
