/* SPDX-License-Identifier: BSD-2-Clause */
/* A process is judged when it is first seen, at exec, and where its cgroup is told; a fork may make it a member by birth. */
#include "cmd/chosen.h"

#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "util/mem.h"

struct member {
	uint32_t pid;
	bool is_born; /* of a member that is followed: whatever it is called */
	bool is_wanted;
	bool is_known; /* all that the options ask of */
	UT_hash_handle hh;
};

/* As the event says it, or one before; text: room for it. NULL: nothing says it. */
static const char *cgroup_of(const struct event *ev, const struct proc *p,
			     char text[FACT_WORD_MAX + 1])
{
	const struct facts *f = ev->type == EVENT_PLACE && facts_have(&ev->facts, MPW_FACT_CGROUP) ?
					&ev->facts :
				p ? &p->facts :
				    NULL;
	const struct fact_value *v = f ? &f->value[MPW_FACT_CGROUP] : NULL;

	if (!f || !facts_have(f, MPW_FACT_CGROUP))
		return NULL;
	memcpy(text, v->word, v->number);
	text[v->number] = '\0';
	return text;
}

/*
 * Execs and snapshots say who somebody is; of others the mirror knows it. One of whom that is not
 * known yet is not wanted, and asked about again.
 */
static bool ask(struct chosen *c, struct pipeline *pl, const struct event *ev, bool *ret_known)
{
	const struct proc *p = pipeline_find(pl, ev->pid);
	bool says_who = ev->start_ns && (ev->type == EVENT_EXEC || ev->type == EVENT_RANGE);
	struct whom_process who = {
		.pid = ev->pid,
		.has_uid = says_who || (p && p->start_ns),
		.uid = says_who || p ?
			       facts_number(says_who ? &ev->facts : &p->facts, MPW_FACT_UID) :
			       0,
		.comm = ev->comm[0] ? ev->comm :
			p	    ? p->comm :
				      "",
	};

	char cgroup[FACT_WORD_MAX + 1];

	who.cgroup = cgroup_of(ev, p, cgroup);
	c->some_cgroup |= who.cgroup != NULL;
	*ret_known = (!c->whom->by_uid || who.has_uid) && (!c->whom->by_cgroup || who.cgroup);
	return whom_ask(c->whom, &who) == WHOM_YES;
}

static struct member *find(const struct chosen *c, uint32_t pid)
{
	struct member *m;

	HASH_FIND(hh, c->members, &pid, sizeof(pid), m);
	return m;
}

static struct member *add(struct chosen *c, uint32_t pid)
{
	struct member *m = mem_alloc(sizeof(*m));

	m->pid = pid;
	HASH_ADD(hh, c->members, pid, sizeof(m->pid), m);
	return m;
}

static void forget(struct chosen *c, struct member *m)
{
	if (!m)
		return;
	HASH_DEL(c->members, m);
	free(m);
}

/* May it make another answer right? */
static bool is_news(const struct chosen *c, const struct event *ev)
{
	return ev->type == EVENT_EXEC || (ev->type == EVENT_PLACE && c->whom->by_cgroup);
}

bool chosen_wants(struct chosen *c, struct pipeline *pl, const struct event *ev)
{
	struct member *m = find(c, ev->pid);
	bool is_wanted;

	if (!ev->pid) /* records of anybody were lost */
		return true;
	if (!m || !m->is_known || (is_news(c, ev) && !m->is_born)) {
		m = m ? m : add(c, ev->pid);
		m->is_wanted = ask(c, pl, ev, &m->is_known);
	}
	is_wanted = m->is_wanted;
	if (ev->type == EVENT_FORK) {
		forget(c, find(c, ev->child.pid));
		if (is_wanted && c->whom->follow) {
			m = add(c, ev->child.pid);
			m->is_born = m->is_wanted = m->is_known = true;
		}
	}
	if (ev->type == EVENT_EXIT)
		forget(c, m);
	return is_wanted;
}

void chosen_done(struct chosen *c)
{
	struct member *m, *next;

	HASH_ITER(hh, c->members, m, next)
		forget(c, m);
}
