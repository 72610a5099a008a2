/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process is judged when it is first seen, at exec, and where its cgroup is told; a fork may make
 * it a member by birth.
 */
#include "core/member.h"

#include <string.h>

/* As the event says it, or one before; text: room for it. NULL: nothing says it. */
static const char *cgroup_of(const struct event *ev, const struct proc *p,
			     char text[FACT_WORD_MAX + 1])
{
	const struct facts *f = &ev->facts;

	if (!facts_have(f, MPW_FACT_CGROUP) && p)
		f = &p->facts;
	if (!facts_have(f, MPW_FACT_CGROUP))
		return NULL;
	memcpy(text, f->value[MPW_FACT_CGROUP].word, f->value[MPW_FACT_CGROUP].number);
	text[f->value[MPW_FACT_CGROUP].number] = '\0';
	return text;
}

/* May the event make another answer right? */
static bool is_news(const struct whom *w, const struct event *ev)
{
	return ev->type == EVENT_EXEC || (ev->type == EVENT_PLACE && w->by_cgroup);
}

/*
 * Execs and snapshots say who somebody is; of others the mirror knows it. One of whom that is not
 * known yet is not wanted, and asked about again.
 */
struct member member_ask(const struct whom *w, const struct event *ev, const struct proc *p,
			 struct member was)
{
	bool says_who = ev->start_ns && (ev->type == EVENT_EXEC || ev->type == EVENT_RANGE);
	const struct facts *facts = says_who ? &ev->facts : p ? &p->facts : NULL;
	struct whom_process who = {
		.pid = ev->pid,
		.has_uid = says_who || (p && p->start_ns),
		.uid = facts ? facts_number(facts, MPW_FACT_UID) : 0,
		.comm = ev->comm[0] ? ev->comm :
			p	    ? p->comm :
				      "",
	};
	char cgroup[FACT_WORD_MAX + 1];

	if (was.is_known && (!is_news(w, ev) || was.is_born))
		return was;
	if (w->by_cgroup)
		who.cgroup = cgroup_of(ev, p, cgroup);
	return (struct member){ .is_known = (!w->by_uid || who.has_uid) &&
					    (!w->by_cgroup || who.cgroup),
				.is_born = was.is_born,
				.is_wanted = whom_ask(w, &who) == WHOM_YES };
}

struct member member_child(const struct whom *w, struct member parent)
{
	bool is_born = parent.is_wanted && w->follow;

	return (struct member){ .is_known = is_born, .is_born = is_born, .is_wanted = is_born };
}
