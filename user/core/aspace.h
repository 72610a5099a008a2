/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One address space: an ordered set of mappings which never overlap, adjacent
 * equal ones joined. Every operation is logarithmic in the number of mappings,
 * plus the number it touches.
 */
#ifndef CORE_ASPACE_H
#define CORE_ASPACE_H

#include <stddef.h>

#include "core/vma.h"

struct aspace;

/* A mapping in the set: [start, end), borrowed until the next change of the set. */
struct vma {
	uint64_t start, end;
	struct attr attr;
};

/* Called for each sub-range that became something else. Must not change the set. */
typedef void aspace_diff_fn(void *ctx, uint64_t start, uint64_t end, const struct attr *before,
			    const struct attr *after);

struct aspace *aspace_new(void);
struct aspace *aspace_clone(const struct aspace *as);
void aspace_free(struct aspace *as);

/* True if holes are unmapped; else they are unknown, as in a new set (a mirror not yet seeded). */
bool aspace_is_known(const struct aspace *as);
void aspace_set_known(struct aspace *as, bool known);

/*
 * Make [start, end) one mapping with attr (attr->off counts from start), or unmapped if attr is
 * NULL. fn is called for each difference, before the set changes; NULL: nobody wants to know.
 */
void aspace_assign(struct aspace *as, uint64_t start, uint64_t end, const struct attr *attr,
		   aspace_diff_fn *fn, void *ctx);

/* The mapping that holds addr, or the first above addr; NULL if there is none. */
const struct vma *aspace_find(const struct aspace *as, uint64_t addr);
const struct vma *aspace_next(const struct aspace *as, const struct vma *v);
const struct vma *aspace_prev(const struct aspace *as, const struct vma *v);
/* The last mapping that starts below addr; NULL if there is none. */
const struct vma *aspace_last(const struct aspace *as, uint64_t addr);
/* Hold the objects of all mappings (object.h). */
void aspace_hold(const struct aspace *as);
size_t aspace_nr_vmas(const struct aspace *as);

/* State of addr; off is that of addr too. */
struct attr aspace_at(const struct aspace *as, uint64_t addr);

/*
 * True if the difference below end is a stack that grew: stacks grow downward by faults, without a
 * call, so that nobody made a change.
 */
bool aspace_is_growth(const struct aspace *as, uint64_t end, const struct attr *before,
		      const struct attr *after);

/*
 * True if both are the same memory, which the kernel calls [heap] in one: it does so with all
 * anonymous memory below the break, and with what it joins to that, without a change.
 */
bool attr_is_heap_too(const struct attr *a, const struct attr *b);

/* The attributes n_bytes further on in the same mapping. */
struct attr attr_advance(struct attr a, uint64_t n_bytes);
/* True if rights, object (by object_same()) and, where the object has offsets, offset are equal. */
bool attr_equal(const struct attr *a, const struct attr *b);

#endif
