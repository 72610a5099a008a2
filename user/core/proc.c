/* SPDX-License-Identifier: BSD-2-Clause */
/* The identity and program of a process, from events and from its mirror. */
#include "core/proc.h"

#include "core/object.h"

static bool is_program(const struct object *obj)
{
	return obj->kind == OBJECT_FILE || obj->kind == OBJECT_MEMFD;
}

void proc_name(struct proc *p, const struct event *ev)
{
	if (ev->comm[0] && (ev->tid == ev->pid || !p->comm[0]))
		memcpy(p->comm, ev->comm, sizeof(p->comm));
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

/* The first mapping of a program lies lowest, mostly: old recordings have no better sign. */
static const struct object *exe_guess(const struct vma_seen *seen, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (is_program(seen[i].attr.obj))
			return seen[i].attr.obj;
	return NULL;
}

static void proc_guess_exe(struct proc *p)
{
	const struct vma *v;

	for (v = aspace_find(p->mm->as, 0); v && !p->exe; v = aspace_next(p->mm->as, v))
		if (is_program(v->attr.obj))
			p->exe = v->attr.obj;
	p->exe_is_guess = p->exe;
}

void proc_exec(struct proc *p, const struct event *ev)
{
	p->exe_is_guess = !ev->exe;
	p->exe = ev->exe ? ev->exe : ev->has_range ? exe_guess(ev->seen, ev->nr_seen) : NULL;
}

/* True if both can be one program: inodes differ with the source on some file systems. */
static bool same_program(const struct object *a, const struct object *b)
{
	return object_same(a, b) ||
	       (a->mnt_ns == b->mnt_ns && !((a->marks | b->marks) & (OBJECT_CUT | OBJECT_FOLDED)) &&
		a->name_len == b->name_len && !memcmp(a->name, b->name, a->name_len));
}

void proc_learn_exe(struct proc *p, const struct event *ev, struct object_table *objects)
{
	const struct object *was = p->exe_is_guess ? NULL : p->exe;

	if (!ev->exe) {
		if (!p->exe)
			proc_guess_exe(p);
		return;
	}
	p->exe_is_guess = false;
	if (!was || !same_program(was, ev->exe))
		p->exe = was ? object_claim(objects, ev->exe) : ev->exe;
	else if (!(was->marks & OBJECT_CLAIM))
		p->exe = ev->exe; /* it may have another name now, or none */
}
