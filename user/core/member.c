/* SPDX-License-Identifier: BSD-2-Clause */
/* A process is judged when it is first seen, and at exec; a fork may make it a member by birth. */
#include "core/member.h"

/*
 * Execs and snapshots say who somebody is; of others the mirror knows it. One of whom that is not
 * known yet is not wanted, and asked about again.
 */
struct member member_ask(const struct whom *w, const struct event *ev, const struct proc *p,
			 struct member was)
{
	bool says_who = ev->start_ns && (ev->type == EVENT_EXEC || ev->type == EVENT_RANGE);
	const struct whom_process who = {
		.pid = ev->pid,
		.has_uid = says_who || (p && p->start_ns),
		.uid = says_who ? ev->uid :
		       p	? p->uid :
				  0,
		.comm = ev->comm[0] ? ev->comm :
			p	    ? p->comm :
				      "",
	};

	if (was.is_known && (ev->type != EVENT_EXEC || was.is_born))
		return was;
	return (struct member){ .is_known = !w->by_uid || who.has_uid,
				.is_born = was.is_born,
				.is_wanted = whom_ask(w, &who) == WHOM_YES };
}

struct member member_child(const struct whom *w, struct member parent)
{
	bool is_born = parent.is_wanted && w->follow;

	return (struct member){ .is_known = is_born, .is_born = is_born, .is_wanted = is_born };
}
