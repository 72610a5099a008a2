/* SPDX-License-Identifier: BSD-2-Clause */
/* Reasons why a call failed. */
#ifndef CORE_REFUSAL_H
#define CORE_REFUSAL_H

#include "core/event.h"
#include "core/proc.h"
#include "util/buf.h"

enum brk_refusal {
	BRK_REFUSED,	/* why is not known */
	BRK_BELOW_HEAP, /* the break would be below the start of the heap */
	BRK_MET,	/* a mapping is in the way */
	BRK_FREE,	/* no mapping is in the way: a limit, or memory */
};

/*
 * Why the brk c was refused (call_is_refused()), by the mirror in mm. *ret_in_way: the mapping of
 * BRK_MET, borrowed until the mirror's next change; else NULL.
 */
enum brk_refusal brk_refusal(const struct mm *mm, const struct event_call *c,
			     const struct vma **ret_in_way);

/*
 * "ENOMEM"; "refused: 64K of [anon] is in the way"; "EPERM, maybe by a seccomp filter"; "answered by
 * a seccomp filter"; "maybe answered by its tracer". ev is a call that failed, did not run
 * (event_is_vain()), or may not have (event_is_undecided()).
 */
void word_failure(struct buf *b, const struct mm *mm, const struct event *ev);

#endif
