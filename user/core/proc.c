/* SPDX-License-Identifier: BSD-2-Clause */
/* The identity and program of a process, from events and from its mirror. */
#include "core/proc.h"

static bool is_program(const struct object *obj)
{
	return obj->kind == OBJECT_FILE || obj->kind == OBJECT_MEMFD;
}

void proc_identify(struct proc *p, const struct event *ev)
{
	if (!ev->start_ns)
		return;
	if (!p->start_ns || !same_start(p->start_ns, ev->start_ns)) {
		if (p->start_ns) /* the facts are another process's */
			facts_done(&p->facts);
		p->start_ns = ev->start_ns;
	}
	facts_drop(&p->facts, MPW_FACT_NS_PID); /* the event has it, but in the initial namespace */
	facts_learn(&p->facts, &ev->facts);
	p->ppid = ev->ppid;
}

void proc_inherit(struct proc *child, const struct proc *parent)
{
	struct facts facts = parent->facts;

	facts.has &= 1U << MPW_FACT_CMDLINE | 1U << MPW_FACT_CGROUP;
	facts_learn(&child->facts, &facts);
}

void proc_find_exe(struct proc *p)
{
	const struct vma *v;

	p->exe = NULL;
	for (v = aspace_find(p->mm->as, 0); v && !p->exe; v = aspace_next(p->mm->as, v))
		if (is_program(v->attr.obj))
			p->exe = v->attr.obj;
}

const struct object *event_exe(const struct event *ev)
{
	size_t i;

	for (i = 0; ev->has_range && i < ev->nr_seen; i++)
		if (is_program(ev->seen[i].attr.obj))
			return ev->seen[i].attr.obj;
	return NULL;
}
