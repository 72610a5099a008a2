/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process is judged when it is first seen, at exec, and where its cgroup is told; a fork may make
 * it a member by birth.
 */
#include "core/member.h"

/* May the event make another answer right? */
static bool says_more(const struct whom *w, const struct event *ev)
{
	return ev->type == EVENT_EXEC || (ev->type == EVENT_PLACE && ev->facts.has & whom_facts(w));
}

/* Of its process as it was, and as the event has it. Those of a fork are the child's. */
static struct facts known_facts(const struct event *ev, const struct proc *p)
{
	struct facts ret = p ? p->facts : (struct facts){ 0 };
	int id;

	for (id = 0; id < MPW_NR_FACTS && ev->type != EVENT_FORK; id++)
		if (facts_have(&ev->facts, id))
			ret.value[id] = ev->facts.value[id];
	if (ev->type != EVENT_FORK)
		ret.has |= ev->facts.has;
	return ret;
}

/* One of whom not all is known yet is not wanted, and asked about again. */
struct member member_ask(const struct whom *w, const struct event *ev, const struct proc *p,
			 struct member was)
{
	struct whom_process who = { .pid = ev->pid, .comm = ev->comm };
	enum whom_answer answer;
	struct facts facts;

	if (was.is_known && (!says_more(w, ev) || was.is_born))
		return was;
	facts = known_facts(ev, p);
	who.facts = &facts;
	if (!ev->comm[0] && p)
		who.comm = p->comm;
	answer = whom_ask(w, &who);
	return (struct member){ .is_known = answer != WHOM_UNKNOWN,
				.is_born = was.is_born,
				.is_wanted = answer == WHOM_YES };
}

struct member member_child(const struct whom *w, struct member parent)
{
	bool is_born = parent.is_wanted && w->follow;

	return (struct member){ .is_known = is_born, .is_born = is_born, .is_wanted = is_born };
}
