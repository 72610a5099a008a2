/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm-write, ptrace-write, mem-write: somebody wrote by a process's number where it has code, or what
 * it may only read. Plain data is no finding: programs exchange it this way. A debugger writes into
 * what it runs, and into other processes of its user; a program may patch itself.
 */
#include "core/words.h"
#include "detect/detectors.h"
#include "util/fmt.h"

enum { VM_WRITE, PTRACE_WRITE, MEM_WRITE };
static const struct rule rules[] = {
	[VM_WRITE] = { .id = "vm-write", .technique = "T1055" },
	[PTRACE_WRITE] = { .id = "ptrace-write", .technique = "T1055.008" },
	[MEM_WRITE] = { .id = "mem-write", .technique = "T1055.009" },
	{ 0 },
};

/* Whether the address space began its life under a tracer: so its first call says. */
enum birth { BIRTH_UNSEEN, BIRTH_FREE, BIRTH_TRACED };

struct foreign {
	enum birth birth;
};

static const struct rule *rule_of(const struct event_write *w)
{
	static const struct rule *const by_how[] = { [MPW_WRITE_VM] = &rules[VM_WRITE],
						     [MPW_WRITE_PTRACE] = &rules[PTRACE_WRITE],
						     [MPW_WRITE_MEM] = &rules[MEM_WRITE],
						     [MPW_WRITE_OPEN] = &rules[MEM_WRITE] };

	return by_how[w->how];
}

static void change(struct view *v)
{
	struct foreign *s = v->state;

	if (s->birth == BIRTH_UNSEEN && v->ev->type == EVENT_CALL)
		s->birth = v->ev->call.tracer_pid && view_is_whole(v) ? BIRTH_TRACED : BIRTH_FREE;
}

/* Rising with what counts: data, what may only be read, code. */
static unsigned int rank(const struct attr *a)
{
	return a->flags & VMA_X ? 2 : a->flags & VMA_MAPPED && !(a->flags & VMA_W) ? 1 : 0;
}

/* The state that counts most in the range of the write; unknown as its first byte is. */
static struct attr worst_of(const struct view *v)
{
	const struct aspace *as = v->proc->mm->as;
	struct attr worst = v->ch->after;
	const struct vma *at;

	if (attr_is_unknown(&worst))
		return worst;
	for (at = aspace_find(as, v->ch->start); at && at->start < v->ch->end;
	     at = aspace_next(as, at))
		if (rank(&at->attr) > rank(&worst))
			worst = at->attr;
	return worst;
}

static enum severity least(enum severity a, enum severity b)
{
	return a < b ? a : b;
}

/* Into itself: a program that patches its file or the vdso is rare, one that makes code is not. */
static enum severity weigh_self(const struct attr *at)
{
	return attr_is_mapped(at) && at->obj->kind != OBJECT_ANON ? SEVERITY_MEDIUM : SEVERITY_LOW;
}

static enum severity weigh_debugger(const struct view *v, bool is_seen, enum severity severity)
{
	const unsigned int flags = v->ev->write.flags;
	const struct foreign *s = v->state;

	if (!is_seen)
		return least(severity, flags & MPW_WRITE_FOREIGN ? SEVERITY_LOW : SEVERITY_INFO);
	if (flags & MPW_WRITE_PARENT || s->birth == BIRTH_TRACED)
		return least(severity, SEVERITY_LOW);
	return flags & MPW_WRITE_FOREIGN ? severity : least(severity, SEVERITY_MEDIUM);
}

/* at: what was written to; unknown where it is not seen, or not known. */
static enum severity weigh(const struct view *v, const struct attr *at)
{
	const struct event_write *w = &v->ev->write;
	enum severity severity = SEVERITY_HIGH;
	bool is_seen = attr_is_mapped(at);

	if (event_writes_self(v->ev))
		return weigh_self(at);
	if (!is_seen) /* process_vm_writev reaches only what may be written */
		severity = w->how == MPW_WRITE_VM ? SEVERITY_INFO : SEVERITY_MEDIUM;
	if (w->flags & MPW_WRITE_TRACER)
		severity = weigh_debugger(v, is_seen, severity);
	return w->flags & MPW_WRITE_UNPROVEN ? least(severity, SEVERITY_MEDIUM) : severity;
}

static void put_who(struct buf *why, const struct event_write *w)
{
	why_comm(why, w->comm);
	buf_puts(why, " (pid ");
	buf_dec(why, w->pid);
	buf_puts(why, w->flags & MPW_WRITE_FOREIGN ? ", of another user)" : ")");
}

/* "into libc.so.6 (r-x)" */
static void put_where(struct buf *why, const struct view *v, const struct attr *at)
{
	const struct event_write *w = &v->ev->write;

	if (w->flags & MPW_WRITE_OUTWARD) {
		buf_puts(why, "into the memory of ");
		put_who(why, w);
	} else if (attr_is_mapped(at)) {
		buf_puts(why, event_writes_self(v->ev) ? "into its own " : "into ");
		why_name(why, at->obj);
		buf_puts(why, " (");
		why_prot(why, at);
		buf_putc(why, ')');
	} else {
		buf_puts(why, "where it is not known what is mapped");
	}
}

static void put_why(struct buf *why, const struct view *v, const struct attr *at)
{
	const struct event_write *w = &v->ev->write;

	if (event_writes_self(v->ev) || w->flags & MPW_WRITE_OUTWARD)
		buf_puts(why, "the process");
	else
		put_who(why, w);
	if (w->how == MPW_WRITE_OPEN) {
		buf_puts(why, " opened ");
		if (w->flags & MPW_WRITE_OUTWARD)
			put_who(why, w);
		else
			buf_puts(why, event_writes_self(v->ev) ? "itself" : "the process");
		buf_puts(why, " for writing (/proc/PID/mem): what it writes is not seen");
	} else {
		buf_puts(why, " wrote ");
		fmt_count(why, w->len, "byte");
		buf_putc(why, ' ');
		put_where(why, v, at);
		buf_puts(why, " with ");
		buf_puts(why, word_write_how(w->how));
	}
	if (w->flags & MPW_WRITE_TRACER)
		buf_puts(why, ", as a debugger");
	if (w->flags & MPW_WRITE_UNPROVEN)
		buf_puts(why, "; a filter, a tracer or a thread of its own may have made that up");
}

static void write(struct view *v)
{
	const struct attr at = worst_of(v);
	struct finding *f;

	if (ret_is_error(v->ev->write.ret) || (attr_is_mapped(&at) && !rank(&at)))
		return;
	f = view_raise(v, rule_of(&v->ev->write), weigh(v, &at), FOLD_PROCESS);
	if (f)
		put_why(&f->why, v, &at);
}

const struct detector detector_foreign = {
	.name = "foreign",
	.rules = rules,
	.turns = TURN_CHANGES,
	.state_bytes = sizeof(struct foreign),
	.change = change,
	.write = write,
};
