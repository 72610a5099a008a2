/* SPDX-License-Identifier: BSD-2-Clause */
/* Who a process is, from events and from its mirror. */
#include "core/proc.h"

static bool is_program(const struct object *obj)
{
	return obj->kind == OBJECT_FILE || obj->kind == OBJECT_MEMFD;
}

void proc_identify(struct proc *p, const struct event *ev)
{
	if (!ev->start_ns)
		return;
	if (!p->start_ns || !same_start(p->start_ns, ev->start_ns)) /* an identity stays */
		p->start_ns = ev->start_ns;
	p->uid = ev->uid;
	p->ppid = ev->ppid;
	p->ns_pid = ev->ns_pid;
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
