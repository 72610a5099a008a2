/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which processes of a recording are wanted: the verdict that the kernel side makes of a live
 * trace, from the events alone. Mirrors see all; what others did is marked as not to be shown.
 */
#ifndef CORE_MEMBER_H
#define CORE_MEMBER_H

#include "core/proc.h"
#include "core/whom.h"

/* All zero: it was not asked about yet. */
struct member {
	bool is_known; /* all that was asked for: is_wanted holds until its next exec */
	bool is_born;  /* of one that is wanted and followed: wanted whatever it is called */
	bool is_wanted;
};

/*
 * The verdict on the process of ev, before ev is applied. p: as the mirror knows it, NULL if it
 * does not; was: the verdict before.
 */
struct member member_ask(const struct whom *w, const struct event *ev, const struct proc *p,
			 struct member was);
/* That on the child of one on which it is parent. */
struct member member_child(const struct whom *w, struct member parent);

#endif
