/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Marks are kept in an ordered set of ranges, as mappings are. A state is marked
 * when the range leaves it, and the mark stays: a range that flips between two
 * states costs no more than a look-up.
 */
#include "core/past.h"

#include <stdlib.h>
#include <string.h>

#include "core/detector.h"
#include "core/object.h"
#include "util/mem.h"

#define PAST_ALL (PAST_W | PAST_X | PAST_RELRO | PAST_STACK | PAST_GUARD | PAST_TEXT_GONE)

struct past *past_new(void)
{
	struct past *p = mem_alloc(sizeof(*p));

	p->marks = aspace_new();
	aspace_set_known(p->marks, true);
	return p;
}

struct past *past_clone(const struct past *p)
{
	struct past *copy = mem_alloc(sizeof(*copy));

	*copy = *p;
	copy->marks = aspace_clone(p->marks);
	copy->nr_dropped = 0;
	return copy;
}

void past_free(struct past *p)
{
	if (!p)
		return;
	aspace_free(p->marks);
	free(p);
}

unsigned int past_marks(const struct past *p, uint64_t start, uint64_t end, unsigned int *ret_all)
{
	const struct vma *v = aspace_find(p->marks, start);
	unsigned int any = 0, all = PAST_ALL;

	for (; v && v->start < end; v = aspace_next(p->marks, v)) {
		any |= v->attr.flags & PAST_ALL;
		all &= v->start > start ? 0 : v->attr.flags;
		start = v->end;
	}
	if (ret_all)
		*ret_all = start < end ? 0 : all;
	return any;
}

uint64_t past_writable_since(const struct past *p, uint64_t start, uint64_t end)
{
	uint64_t since = 0;
	size_t i;

	for (i = 0; i < PAST_WRITABLE; i++)
		if (p->writable[i].start < end && start < p->writable[i].end &&
		    p->writable[i].ts_ns > since)
			since = p->writable[i].ts_ns;
	return since;
}

bool past_is_loader(const struct past *p, const struct object *module)
{
	const char *name;

	if (!module || module->kind != OBJECT_FILE)
		return false;
	if (p->loader)
		return object_same(p->loader, module);
	name = strrchr(module->name, '/');
	name = name ? name + 1 : module->name;
	return !strncmp(name, "ld-", 3) || !strncmp(name, "ld.so", 5) ||
	       !strncmp(name, "ld64.so", 7);
}

bool past_same_stack(const struct past *p, uint64_t a, uint64_t b)
{
	const struct attr at_a = aspace_at(p->marks, a), at_b = aspace_at(p->marks, b);

	return at_a.flags & at_b.flags & PAST_STACK && at_a.pkey == at_b.pkey;
}

/* The number of a stack is kept as the range's pkey, so that neighbouring stacks are not joined. */
static void assign_marks(struct past *p, uint64_t start, uint64_t end, unsigned int was,
			 unsigned int marks, uint8_t stack)
{
	static const struct object nothing;
	const struct attr attr = { .flags = VMA_MAPPED | marks, .pkey = stack, .obj = &nothing };

	if (marks && aspace_nr_vmas(p->marks) >= PAST_MARKS) {
		p->nr_dropped++;
		if (!was)
			return;
		marks = 0;
	}
	aspace_assign(p->marks, start, end, marks ? &attr : NULL, NULL, NULL);
}

/* Change the marks of all parts of a range. */
static void edit_marks(struct past *p, uint64_t start, uint64_t end, unsigned int set,
		       unsigned int clear)
{
	while (start < end) {
		const struct vma *v = aspace_find(p->marks, start);
		bool marked = v && v->start <= start;
		uint64_t to = !v ? end : marked ? v->end : v->start;
		unsigned int was = marked ? v->attr.flags & PAST_ALL : 0;
		unsigned int marks = (was & ~clear) | set;
		uint8_t stack = marked && !(set & PAST_STACK) ? v->attr.pkey : p->nr_stacks;

		to = to < end ? to : end;
		if (marks != was || set & PAST_STACK)
			assign_marks(p, start, to, was, marks, marks & PAST_STACK ? stack : 0);
		start = to;
	}
}

static void note_writable(struct past *p, const struct change *ch)
{
	unsigned int i = ch->start / page_bytes % PAST_WRITABLE;

	p->writable[i].start = ch->start;
	p->writable[i].end = ch->end;
	p->writable[i].ts_ns = ch->ev->ts_ns;
}

static void forget_writable(struct past *p, const struct change *ch)
{
	size_t i;

	for (i = 0; i < PAST_WRITABLE; i++)
		if (p->writable[i].start < ch->end && ch->start < p->writable[i].end)
			p->writable[i].end = p->writable[i].start = 0;
}

/* Exec maps two files executable: the program, then the loader above it. */
static void note_exec(struct past *p, const struct object *obj)
{
	if (obj->kind != OBJECT_FILE && obj->kind != OBJECT_MEMFD)
		return;
	if (!p->exe)
		p->exe = obj;
	else if (!p->loader && !object_same(p->exe, obj))
		p->loader = obj;
}

/* True for RELRO: its own module, or the loader, makes it read-only after writing to it. */
static bool is_relro(const struct past *p, const struct change *ch)
{
	const struct attr *a = &ch->after;

	return ch->ev->type == EVENT_CALL && ch->ev->call.id == MPW_CALL_MPROTECT &&
	       a->obj->kind == OBJECT_FILE && ch->before.flags & VMA_W &&
	       (a->flags & (VMA_PROT | VMA_SHARED)) == VMA_R &&
	       (past_is_loader(p, ch->caller.obj) ||
		(ch->caller.obj && object_same(ch->caller.obj, a->obj)));
}

/* True for text relocation: the loader writes to text, which nobody else may do afterwards. */
static bool is_relocation(const struct past *p, const struct change *ch, unsigned int marks)
{
	return marks & PAST_X && past_is_loader(p, ch->caller.obj);
}

static unsigned int marks_of_new(const struct change *ch, unsigned int old)
{
	const struct event_call *c = &ch->ev->call;
	unsigned int marks = 0;

	if (ch->ev->type != EVENT_CALL || c->id != MPW_CALL_MMAP)
		return 0;
	if (c->arg[3] & ABI_MAP_STACK)
		marks |= PAST_STACK | (ch->after.flags & VMA_PROT ? 0 : PAST_GUARD);
	if (c->arg[3] & (ABI_MAP_FIXED | ABI_MAP_FIXED_NOREPLACE) && !(ch->after.flags & VMA_X))
		marks |= old & PAST_TEXT_GONE;
	return marks;
}

static void change_in_place(struct past *p, const struct change *ch, unsigned int turns,
			    unsigned int marks, unsigned int marks_all)
{
	uint16_t b = ch->before.flags, a = ch->after.flags;
	unsigned int set = 0, clear = 0;

	if (b & VMA_W && !(a & VMA_W) && !is_relocation(p, ch, marks))
		set |= PAST_W;
	if (turns & TURN_LOSES_X)
		set |= PAST_X;
	if (is_relro(p, ch))
		set |= PAST_RELRO;
	if (a & VMA_W)
		clear |= PAST_RELRO;
	if (turns & TURN_OPENS)
		clear |= PAST_GUARD;
	if (turns & TURN_GETS_X)
		clear |= PAST_TEXT_GONE;
	if (set & ~marks_all || clear & marks)
		edit_marks(p, ch->start, ch->end, set, clear);
}

void past_change(struct past *p, const struct change *ch, unsigned int turns, unsigned int marks,
		 unsigned int marks_all)
{
	unsigned int set = marks;

	if (ch->ev->type == EVENT_EXEC && turns & TURN_GETS_X)
		note_exec(p, ch->after.obj);
	if (turns & (TURN_MAPS | TURN_LEAVES)) {
		if (turns & TURN_LOSES_X && ch->before.obj->kind == OBJECT_FILE)
			set |= PAST_TEXT_GONE;
		set = turns & TURN_MAPS ? marks_of_new(ch, set) : set & PAST_TEXT_GONE;
		p->nr_stacks += set & PAST_STACK ? 1 : 0;
		if (set || marks)
			edit_marks(p, ch->start, ch->end, set, PAST_ALL);
		forget_writable(p, ch);
	} else {
		change_in_place(p, ch, turns, marks, marks_all);
	}
	if (turns & TURN_GETS_W)
		note_writable(p, ch);
}
