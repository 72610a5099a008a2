/* SPDX-License-Identifier: BSD-2-Clause */
/* A process is judged when it is first seen, and at exec; a fork may make it a member by birth. */
#include "cmd/whom.h"

#include <stdlib.h>

#include <uthash.h>

#include "util/mem.h"

struct member {
	uint32_t pid;
	bool is_born; /* of a member that is followed: whatever it is called */
	bool is_wanted;
	bool is_known; /* all that the options ask of */
	UT_hash_handle hh;
};

bool whom_is_some(const struct trace_options *opt)
{
	return opt->pids.nr || opt->user.set || opt->comm.set;
}

void whom_describe(struct buf *b, const struct trace_options *opt)
{
	const struct id_list *ids = opt->pids.nr ? &opt->pids : &opt->tids;
	size_t i;

	if (!ids->nr) {
		buf_puts(b, opt->user.set || opt->comm.set || opt->cgroup.set ?
				    "all processes that match" :
				    "the whole machine");
		return;
	}
	buf_puts(b, opt->pids.nr ? "process" : "thread");
	for (i = 0; i < ids->nr; i++)
		buf_printf(b, "%s %u", i ? "," : "", ids->id[i]);
}

static bool is_named(const struct trace_options *opt, uint32_t pid)
{
	size_t i;

	for (i = 0; i < opt->pids.nr && opt->pids.id[i] != pid; i++)
		;
	return i < opt->pids.nr;
}

/*
 * Execs and snapshots say who somebody is; of others the mirror knows it. One whose user is not
 * known yet is not wanted, and asked about again.
 */
static bool judge(const struct whom *w, struct pipeline *pl, const struct event *ev,
		  bool *ret_known)
{
	const struct trace_options *o = w->opt;
	const struct proc *p = pipeline_find(pl, ev->pid);
	bool says_who = ev->start_ns && (ev->type == EVENT_EXEC || ev->type == EVENT_RANGE);

	*ret_known = !o->user.set || says_who || (p && p->start_ns);
	if (o->pids.nr && !is_named(o, ev->pid))
		return false;
	if (!*ret_known || (o->user.set && (says_who ? ev->uid : p->uid) != o->user.uid))
		return false;
	if (o->comm.set && !commglob_matches(&o->comm.glob, ev->comm[0] ? ev->comm :
							    p		? p->comm :
									  ""))
		return false;
	return true;
}

static struct member *find(const struct whom *w, uint32_t pid)
{
	struct member *m;

	HASH_FIND(hh, w->members, &pid, sizeof(pid), m);
	return m;
}

static struct member *add(struct whom *w, uint32_t pid)
{
	struct member *m = mem_alloc(sizeof(*m));

	m->pid = pid;
	HASH_ADD(hh, w->members, pid, sizeof(m->pid), m);
	return m;
}

static void forget(struct whom *w, struct member *m)
{
	if (!m)
		return;
	HASH_DEL(w->members, m);
	free(m);
}

bool whom_wants(struct whom *w, struct pipeline *pl, const struct event *ev)
{
	struct member *m = find(w, ev->pid);
	bool is_wanted;

	if (!ev->pid) /* records of anybody were lost */
		return true;
	if (!m || !m->is_known || (ev->type == EVENT_EXEC && !m->is_born)) {
		m = m ? m : add(w, ev->pid);
		m->is_wanted = judge(w, pl, ev, &m->is_known);
	}
	is_wanted = m->is_wanted;
	if (ev->type == EVENT_FORK) {
		forget(w, find(w, ev->child.pid));
		if (is_wanted && w->opt->follow) {
			m = add(w, ev->child.pid);
			m->is_born = m->is_wanted = m->is_known = true;
		}
	}
	if (ev->type == EVENT_EXIT)
		forget(w, m);
	return is_wanted;
}

void whom_done(struct whom *w)
{
	struct member *m, *next;

	HASH_ITER(hh, w->members, m, next)
		forget(w, m);
}
