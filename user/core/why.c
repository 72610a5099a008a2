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
	const struct object *module = v->ch->caller.obj;

	return module && module->kind != OBJECT_FILE && module->kind != OBJECT_SPECIAL;
}

bool view_is_stack(const struct view *v)
{
	const struct attr *a = &v->ch->after;
	const struct event_call *c = &v->ev->call;

	return (a->obj && a->obj->kind == OBJECT_STACK) || a->flags & VMA_GROWSDOWN ||
	       v->marks & PAST_STACK ||
	       (v->ev->type == EVENT_CALL && c->id == MPW_CALL_MMAP && c->arg[3] & ABI_MAP_STACK);
}

bool view_called_by_loader(const struct view *v)
{
	return v->ev->type == EVENT_CALL && past_is_loader(v->past, v->ch->caller.obj);
}

void why_name(struct buf *why, const struct object *obj)
{
	word_mapping(why, obj, NAME_COLS);
}

void why_range(struct buf *why, const struct change *ch)
{
	fmt_size(why, ch->end - ch->start);
	buf_puts(why, " of ");
	why_name(why, change_object(ch));
}

void why_prot(struct buf *why, const struct attr *a)
{
	if (attr_is_mapped(a))
		word_prot(why, a);
	else
		buf_puts(why, "unmapped");
}

void why_comm(struct buf *why, const char comm[17])
{
	escape_text(why, comm, strnlen(comm, 16));
}

void why_caller(struct buf *why, const struct change *ch)
{
	const struct caller *c = &ch->caller;

	if (ch->ev->type == EVENT_EXEC) {
		buf_puts(why, " by exec");
	} else if (c->obj) {
		buf_puts(why, " by ");
		word_caller(why, c, 0);
	} else if (c->addr) {
		buf_puts(why, " by unknown code at 0x");
		buf_hex(why, c->addr);
	}
}
