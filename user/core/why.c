/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of the detectors' sentences. Names that a traced process chose are escaped here. */
#include "core/detector.h"

#include <string.h>

#include "core/object.h"
#include "core/words.h"
#include "util/escape.h"
#include "util/fmt.h"

#define NAME_COLS 64

bool view_called_by_stray(const struct view *v)
{
	const struct caller *by = &v->ch->caller;

	return by->obj &&
	       (by->is_copy || (by->obj->kind != OBJECT_FILE && by->obj->kind != OBJECT_SPECIAL));
}

/*
 * The stack of which the range is a grown part, which the mirror has not seen: it lies below the
 * stack, with nothing between. No flags if there is none.
 */
static struct attr stack_above(const struct view *v)
{
	const struct vma *next = NULL;

	if (attr_is_unknown(&v->ch->before))
		next = aspace_find(v->proc->mm->as, v->ch->end);
	return next && (next->attr.obj->kind == OBJECT_STACK || next->attr.flags & VMA_GROWSDOWN) ?
		       next->attr :
		       (struct attr){ 0 };
}

/* The mapping that private memory of no file took the place of. No flags if there was none. */
static struct attr taken(const struct view *v)
{
	const struct attr *b = &v->ch->before, *a = &v->ch->after;

	return v->turns & TURN_MAPS && attr_is_mapped(b) && a->obj->kind == OBJECT_ANON ?
		       *b :
		       (struct attr){ 0 };
}

bool view_is_main_stack(const struct view *v)
{
	const struct object *obj = v->ch->after.obj, *above = stack_above(v).obj;
	const struct object *over = taken(v).obj;

	return (obj && obj->kind == OBJECT_STACK) || (above && above->kind == OBJECT_STACK) ||
	       (over && over->kind == OBJECT_STACK);
}

bool view_is_stack(const struct view *v)
{
	const struct attr *a = &v->ch->after;
	const struct event_call *c = &v->ev->call;

	return view_is_main_stack(v) || (a->flags | taken(v).flags) & VMA_GROWSDOWN ||
	       stack_above(v).flags || v->marks & PAST_STACK ||
	       (v->ev->type == EVENT_CALL && c->id == MPW_CALL_MMAP && c->arg[3] & ABI_MAP_STACK);
}

/*
 * True for a mapping that the kernel calls [heap] because it covers the place where a heap would
 * start, in a program that has none. A heap does not reach below its start.
 */
static bool is_over_heap(const struct view *v)
{
	uint64_t start = page_down(v->proc->mm->start_brk);
	struct attr below;

	if (!start)
		return false;
	below = aspace_at(v->proc->mm->as, start - 1);
	return v->ch->start < start || (below.obj && below.obj->kind == OBJECT_HEAP);
}

bool view_is_heap(const struct view *v)
{
	const struct object *obj = v->ch->after.obj, *over = taken(v).obj;
	bool is_named = (obj && obj->kind == OBJECT_HEAP) || (over && over->kind == OBJECT_HEAP);

	return obj && ((is_named && !is_over_heap(v)) || v->marks & PAST_HEAP);
}

bool view_is_data(const struct view *v)
{
	const struct object *obj = v->ch->after.obj;

	return obj && (obj->kind == OBJECT_FILE || v->marks & PAST_BSS);
}

bool view_called_by_loader(const struct view *v)
{
	const struct loading *l = &v->past->loading;

	return (loading_is_fresh(l, change_object(v->ch)) ||
		loading_is_fresh(l, v->ch->before.obj)) &&
	       loading_is_call(l, v->ch);
}

bool view_is_loading(const struct view *v)
{
	const struct loading *l = &v->past->loading;

	return l->is_mapping && loading_is_call(l, v->ch);
}

bool view_called_by_itself(const struct view *v, const struct object *obj)
{
	return caller_is_own(v->ch, obj) && !loading_is_loader(&v->past->loading, obj);
}

bool view_is_by_exec(const struct view *v)
{
	return v->ev->type == EVENT_EXEC || (v->is_late && attr_is_unknown(&v->ch->before));
}

bool view_is_implied(const struct view *v)
{
	return v->ev->type == EVENT_CALL && v->ev->call.read_implies_exec &&
	       v->past->implied != IMPLIED_BY_PROGRAM && !(call_prot(&v->ev->call) & ABI_PROT_EXEC);
}

bool view_is_whole(const struct view *v)
{
	return v->past->is_whole && !v->proc->mm->lost_until_ns;
}

void why_name(struct buf *why, const struct object *obj)
{
	word_program(why, obj, NAME_COLS);
}

void why_range(struct buf *why, const struct change *ch)
{
	fmt_size(why, ch->end - ch->start);
	buf_puts(why, " of ");
	why_name(why, change_object(ch));
}

void why_prot(struct buf *why, const struct attr *a)
{
	if (attr_is_mapped(a) || attr_is_unknown(a))
		word_prot(why, a);
	else
		buf_puts(why, "unmapped");
}

void why_rights(struct buf *why, const struct change *ch)
{
	static const struct attr unmapped;

	buf_puts(why, " (");
	why_prot(why, ch->ev->type == EVENT_EXEC ? &unmapped : &ch->before);
	buf_puts(why, " -> ");
	why_prot(why, &ch->after);
	buf_putc(why, ')');
}

void why_implied(struct buf *why, const struct view *v)
{
	const struct event_call *c = &v->ev->call;

	if (v->ev->type != EVENT_CALL || !c->read_implies_exec || call_prot(c) & ABI_PROT_EXEC)
		return;
	buf_puts(why, ", because READ_IMPLIES_EXEC");
	if (v->past->implied == IMPLIED_BY_PROGRAM)
		buf_puts(why, ", which the program turned on by personality(2),");
	buf_puts(why, " adds X to what is readable");
}

void why_comm(struct buf *why, const char comm[17])
{
	escape_text(why, comm, strnlen(comm, 16));
}

void why_code(struct buf *why, const char *word, const struct caller *c)
{
	if (!c->obj && !c->addr)
		return;
	buf_puts(why, word);
	if (c->obj) {
		word_caller(why, c, 0);
		if (c->is_copy)
			buf_puts(why, " (in memory that it put over its own code)");
	} else {
		buf_puts(why, "unknown code at 0x");
		buf_hex(why, c->addr);
	}
}

void why_caller(struct buf *why, const struct change *ch)
{
	const struct caller *c = &ch->caller;

	if (ch->ev->type == EVENT_EXEC) {
		buf_puts(why, " by exec");
	} else if (ch->ev->type == EVENT_RANGE) {
		buf_puts(why, ", seen late, by a snapshot: who did it is not known");
	} else {
		why_code(why, " by ", c);
	}
}
