/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * whom_ask() is called when a process is first seen, at exec, and when facts come that it needs; a
 * fork can make a process a member by birth.
 */
#include "core/member.h"

/* True if the event can change the answer. */
static bool says_more(const struct whom *w, const struct event *ev)
{
	return ev->type == EVENT_EXEC || (ev->type == EVENT_PLACE && ev->facts.has & whom_facts(w));
}

/* The facts of ev's process, the event's own before older ones. Facts of a fork are the child's. */
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

/* A process of which not all is known yet is not wanted so far; its next event asks again. */
struct member member_ask(const struct whom *w, const struct event *ev, const struct proc *p,
			 struct member was)
{
	struct whom_process who = { .pid = ev->pid, .comm = ev->comm };
	enum whom_answer answer;
	struct facts facts;

	if (was.is_known && (!says_more(w, ev) || was.is_born))
		return was;
	facts = known_facts(ev, p);
	who.exe = ev->exe || ev->type == EVENT_EXEC ? ev->exe : p ? p->exe : NULL;
	who.facts = &facts;
	if (!ev->comm[0] && p)
		who.comm = p->comm;
	if (ev->type == EVENT_LOSS && !who.comm[0]) /* nobody has told the name yet */
		who.comm = NULL;
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
