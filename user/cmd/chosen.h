/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which processes of a recording are meant: the verdict that the kernel side makes of a live
 * trace, from the events alone. Mirrors see all; what others did is marked as not to be shown.
 */
#ifndef CMD_CHOSEN_H
#define CMD_CHOSEN_H

#include "core/pipeline.h"
#include "core/whom.h"

struct member;

struct chosen {
	const struct whom *whom; /* borrowed */
	struct member *members;
	bool some_cgroup; /* there was a process whose cgroup is known */
};

/* Is the next event one of those that are meant? pl is as it was before the event. */
bool chosen_wants(struct chosen *c, struct pipeline *pl, const struct event *ev);
void chosen_done(struct chosen *c);

#endif
