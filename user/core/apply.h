/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inference: the effect of a call on an address space, from its arguments, its
 * result and the mirror (mmap(2), mprotect(2), brk(2), mremap(2), shmop(2),
 * mseal(2), madvise(2), PR_SET_VMA(2const); kernel/mm of Linux 6.18).
 */
#ifndef CORE_APPLY_H
#define CORE_APPLY_H

#include "core/event.h"
#include "core/object.h"
#include "core/proc.h"

struct apply {
	const struct event *ev; /* an EVENT_CALL or EVENT_GUARDS */
	struct mm *mm;
	struct object_table *objects;
	aspace_diff_fn *fn; /* called, with ctx, for each difference */
	void *ctx;
};

/*
 * Bring the mirror up to date with the call. False if the call's effect can't be inferred (it
 * failed half-way, or a driver chose the size): the mirror is stale then, and the kernel must be
 * asked. What the mirror lacked of the call's range is stale already.
 */
bool apply_call(const struct apply *a);

/*
 * Guard regions of an address space at most. The kernel has no limit for them, as they are no
 * mappings; past this one the mirror lacks some.
 */
#define APPLY_GUARDS_MAX 65536

/* Replace the guard regions in [ev->lo, ev->hi) by those that were seen. */
void apply_guards(const struct apply *a);

#endif
