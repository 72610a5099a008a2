/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which processes of a recording are wanted: from its events alone, the answer that the kernel
 * side gives in a live trace. Mirrors see all events; those of unwanted processes are not shown.
 */
#ifndef CORE_MEMBER_H
#define CORE_MEMBER_H

#include "core/proc.h"
#include "core/whom.h"

/* All zero: the filter was not asked yet. */
struct member {
	bool is_known; /* set when all that the filter needs was known: holds until the next exec */
	bool is_born;  /* set for a followed child of a wanted process: wanted whatever its name */
	bool is_wanted;
};

/*
 * The answer for the process of ev, before ev is applied. p is that process, NULL if there is no
 * mirror of it yet; was is the answer so far.
 */
struct member member_ask(const struct whom *w, const struct event *ev, const struct proc *p,
			 struct member was);
/* The answer for a new child; parent is its parent's. */
struct member member_child(const struct whom *w, struct member parent);

#endif
