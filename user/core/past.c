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

#define PAST_ALL                                                                         \
	(PAST_HEAP | PAST_BSS | PAST_W | PAST_X | PAST_RELRO | PAST_STACK | PAST_GUARD | \
	 PAST_TEXT_GONE)

static const struct object nothing;

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
	copy->moved = NULL;
	copy->nr_told = 0;
	return copy;
}

void past_free(struct past *p)
{
	if (!p)
		return;
	aspace_free(p->marks);
	aspace_free(p->moved);
	free(p);
}

void past_empty(struct past *p)
{
	aspace_free(p->marks);
	aspace_free(p->moved);
	p->marks = aspace_new();
	aspace_set_known(p->marks, true);
	p->moved = NULL;
	p->is_whole = false;
}

static unsigned int marks_in(const struct aspace *marks, uint64_t start, uint64_t end,
			     unsigned int *ret_all)
{
	const struct vma *v = aspace_find(marks, start);
	unsigned int any = 0, all = PAST_ALL;

	for (; v && v->start < end; v = aspace_next(marks, v)) {
		any |= v->attr.flags & PAST_ALL;
		all &= v->start > start ? 0 : v->attr.flags;
		start = v->end;
	}
	if (ret_all)
		*ret_all = start < end ? 0 : all;
	return any;
}

unsigned int past_marks(const struct past *p, uint64_t start, uint64_t end, unsigned int *ret_all)
{
	unsigned int any = marks_in(p->marks, start, end, ret_all);

	return p->moved ? any | marks_in(p->moved, start, end, NULL) : any;
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

bool past_same_stack(const struct past *p, uint64_t a, uint64_t b)
{
	const struct attr at_a = aspace_at(p->marks, a), at_b = aspace_at(p->marks, b);

	return at_a.flags & at_b.flags & PAST_STACK && at_a.pkey == at_b.pkey;
}

/* The number of a stack is kept as the range's pkey, so that neighbouring stacks are not joined. */
static void assign_marks(struct past *p, uint64_t start, uint64_t end, unsigned int was,
			 unsigned int marks, uint8_t stack)
{
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

static void note_writable(struct past *p, const struct change *ch, uint64_t ts_ns)
{
	unsigned int i = ch->start / page_bytes % PAST_WRITABLE;

	p->writable[i].start = ch->start;
	p->writable[i].end = ch->end;
	p->writable[i].ts_ns = ts_ns;
}

static void forget_writable(struct past *p, const struct change *ch)
{
	size_t i;

	for (i = 0; i < PAST_WRITABLE; i++)
		if (p->writable[i].start < ch->end && ch->start < p->writable[i].end)
			p->writable[i].end = p->writable[i].start = 0;
}

/* True for RELRO: its own module, or the loader, makes it read-only after writing to it. */
static bool is_relro(const struct past *p, const struct change *ch)
{
	const struct attr *a = &ch->after;

	return ch->ev->type == EVENT_CALL && ch->ev->call.id == MPW_CALL_MPROTECT &&
	       attr_is_mapped(a) && a->obj->kind == OBJECT_FILE && ch->before.flags & VMA_W &&
	       (a->flags & (VMA_PROT | VMA_SHARED)) == VMA_R &&
	       (loading_is_loader(&p->loading, ch->caller.obj) ||
		(ch->caller.obj && object_same(ch->caller.obj, a->obj)));
}

/* True for text relocation: the loader writes to text, which nobody else may do afterwards. */
static bool is_relocation(const struct past *p, const struct change *ch, unsigned int marks)
{
	return marks & PAST_X && loading_is_loader(&p->loading, ch->caller.obj);
}

/*
 * True for a module's .bss: the memory without a file that exec maps, or that the loader puts at a
 * place of its choice; or, for all that can be seen, such memory right above a module's data.
 */
static bool is_bss(const struct past *p, const struct change *ch)
{
	const struct event_call *c = &ch->ev->call;
	struct attr below;

	if (!attr_is_mapped(&ch->after) || ch->after.obj->kind != OBJECT_ANON ||
	    ch->after.flags & VMA_SHARED)
		return false;
	if (ch->ev->type == EVENT_EXEC)
		return true;
	if (ch->ev->type == EVENT_CALL && (c->id != MPW_CALL_MMAP || !(c->arg[3] & ABI_MAP_FIXED)))
		return false;
	below = aspace_at(ch->proc->mm->as, ch->start - 1);
	return (attr_is_mapped(&below) && below.obj->kind == OBJECT_FILE &&
		(below.flags & (VMA_W | VMA_SHARED)) == VMA_W) ||
	       loading_is_call(&p->loading, ch);
}

/* Marks of a piece of memory for what cannot be seen where it goes. Its rights go with it. */
static unsigned int marks_of_piece(const struct attr *a)
{
	return (a->obj->kind == OBJECT_HEAP ? PAST_HEAP : 0) |
	       (a->obj->kind == OBJECT_STACK || a->flags & VMA_GROWSDOWN ? PAST_STACK : 0);
}

/* Memory that is mapped in the place of text, of a stack or of the heap is used as that. */
static unsigned int marks_of_new(const struct past *p, const struct change *ch, unsigned int old)
{
	const struct event_call *c = &ch->ev->call;
	unsigned int marks = is_bss(p, ch) ? PAST_BSS : 0;

	if (ch->ev->type != EVENT_CALL)
		return marks;
	if (c->id == MPW_CALL_MMAP && c->arg[3] & ABI_MAP_STACK)
		marks |= PAST_STACK | (ch->after.flags & VMA_PROT ? 0 : PAST_GUARD);
	if (!call_names_place(c))
		return marks;
	if (!(ch->after.flags & VMA_X))
		marks |= old & PAST_TEXT_GONE;
	if (attr_is_mapped(&ch->before) && ch->after.obj->kind == OBJECT_ANON)
		marks |= marks_of_piece(&ch->before);
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

/* ---- memory that moves ---- */

static void moved_add(struct past *p, uint64_t start, uint64_t end, unsigned int marks)
{
	while (start < end) {
		const struct vma *v = aspace_find(p->moved, start);
		bool marked = v && v->start <= start;
		uint64_t to = !v ? end : marked ? v->end : v->start;
		struct attr attr = { .flags = VMA_MAPPED | marks, .obj = &nothing };

		to = to < end ? to : end;
		if (marked)
			attr.flags |= v->attr.flags;
		aspace_assign(p->moved, start, to, &attr, NULL, NULL);
		start = to;
	}
}

/* Add the marks of all pieces of as in [start, end) to those that go with the memory. */
static void moved_from(struct past *p, const struct aspace *as, uint64_t start, uint64_t end,
		       uint64_t by)
{
	const struct vma *v;

	for (v = aspace_find(as, start); v && v->start < end; v = aspace_next(as, v)) {
		uint64_t from = v->start > start ? v->start : start;
		uint64_t to = v->end < end ? v->end : end;
		unsigned int marks = as == p->marks ? v->attr.flags & PAST_ALL & ~PAST_TEXT_GONE :
						      marks_of_piece(&v->attr);

		if (marks)
			moved_add(p, from + by, to + by, marks);
	}
}

/* Take note of what a successful mremap moves, or maps once more. */
static void note_move(struct past *p, const struct aspace *as, const struct event_call *c)
{
	uint64_t start = c->arg[0], to = c->ret, new_len = page_up(c->arg[2]);
	uint64_t len = page_up(c->arg[1] ? c->arg[1] : c->arg[2]);

	len = len < new_len ? len : new_len;
	if (to == start || start + len < start || to + len < to)
		return;
	p->moved = aspace_new();
	aspace_set_known(p->moved, true);
	p->moved_since_ns = past_writable_since(p, start, start + len);
	moved_from(p, as, start, start + len, to - start);
	moved_from(p, p->marks, start, start + len, to - start);
}

/* True if a module's data is not executable: not all that is readable was made so by exec. */
static bool has_plain_data(const struct aspace *as)
{
	const uint16_t all = VMA_PROT | VMA_SHARED;
	const struct vma *v;

	for (v = aspace_find(as, 0); v; v = aspace_next(as, v))
		if (v->attr.obj->kind == OBJECT_FILE && (v->attr.flags & all) == (VMA_R | VMA_W))
			return true;
	return false;
}

/* prctl(PR_SET_MM) moves the heap: what was it keeps no name, but is the same memory. */
static void note_heap(struct past *p, const struct aspace *as)
{
	const struct vma *v;

	for (v = aspace_find(as, 0); v; v = aspace_next(as, v))
		if (v->attr.obj->kind == OBJECT_HEAP)
			edit_marks(p, v->start, v->end, PAST_HEAP, 0);
}

void past_call(struct past *p, const struct aspace *as, const struct event *ev)
{
	aspace_free(p->moved);
	p->moved = NULL;
	if (ev->call.id == MPW_CALL_MREMAP && !event_is_failed(ev))
		note_move(p, as, &ev->call);
	if (ev->call.id == MPW_CALL_PRCTL && (uint32_t)ev->call.arg[0] == ABI_PR_SET_MM &&
	    !event_is_failed(ev))
		note_heap(p, as);
	if (ev->call.read_implies_exec && p->implied == IMPLIED_UNSEEN && aspace_is_known(as))
		p->implied = has_plain_data(as) ? IMPLIED_BY_PROGRAM : IMPLIED_BY_SYSTEM;
}

/* The past of memory that was moved to the range of the change. */
static void put_moved(struct past *p, const struct change *ch)
{
	const struct vma *v;

	for (v = aspace_find(p->moved, ch->start); v && v->start < ch->end;
	     v = aspace_next(p->moved, v)) {
		unsigned int marks = v->attr.flags & PAST_ALL;

		p->nr_stacks += marks & PAST_STACK ? 1 : 0;
		edit_marks(p, v->start > ch->start ? v->start : ch->start,
			   v->end < ch->end ? v->end : ch->end, marks, 0);
	}
}

/* ---- changes ---- */

static void change_mapping(struct past *p, const struct change *ch, unsigned int turns,
			   unsigned int marks)
{
	unsigned int set = marks;

	if (attr_is_mapped(&ch->before) && (turns & TURN_LOSES_X || marks & PAST_X) &&
	    (ch->before.obj->kind == OBJECT_FILE || ch->before.obj->kind == OBJECT_SPECIAL))
		set |= PAST_TEXT_GONE;
	set = turns & TURN_MAPS ? marks_of_new(p, ch, set) : set & PAST_TEXT_GONE;
	p->nr_stacks += set & PAST_STACK ? 1 : 0;
	if (set || marks)
		edit_marks(p, ch->start, ch->end, set, PAST_ALL);
	forget_writable(p, ch);
	if (turns & TURN_MAPS && p->moved)
		put_moved(p, ch);
}

void past_seen(struct past *p, const struct change *ch)
{
	if (is_bss(p, ch))
		edit_marks(p, ch->start, ch->end, PAST_BSS, 0);
}

void past_change(struct past *p, const struct change *ch, unsigned int turns, unsigned int marks,
		 unsigned int marks_all)
{
	if (ch->ev->type == EVENT_EXEC && turns & TURN_GETS_X)
		loading_exec(&p->loading, ch->after.obj);
	loading_change(&p->loading, ch, turns & TURN_MAPS, is_relro(p, ch));
	if (turns & (TURN_MAPS | TURN_LEAVES))
		change_mapping(p, ch, turns, marks);
	else
		change_in_place(p, ch, turns, marks, marks_all);
	if (turns & TURN_MAPS && p->moved && p->moved_since_ns)
		note_writable(p, ch, p->moved_since_ns);
	else if (turns & TURN_GETS_W)
		note_writable(p, ch, ch->ev->ts_ns);
}
