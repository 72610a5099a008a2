/* SPDX-License-Identifier: BSD-2-Clause */
/* The writing side of pack.h. */
#include "core/pack.h"

#include <string.h>

#include "core/aspace.h"

static void put(struct buf *b, uint64_t v)
{
	char *p = buf_reserve(b, 10);

	for (; v >= 0x80; v >>= 7) {
		*p++ = v | 0x80;
		b->len++;
	}
	*p = v;
	b->len++;
}

/* A signed number, so that small ones of either sign take few bytes. */
static void put_signed(struct buf *b, uint64_t v)
{
	put(b, v << 1 ^ -(v >> 63));
}

static void put_comm(struct buf *b, const char comm[17])
{
	size_t len = strnlen(comm, 16);

	put(b, len);
	buf_add(b, comm, len);
}

static void put_ids(struct buf *b, struct pack_memory *m, const struct event *ev)
{
	uint32_t slot = (ev->tid ^ ev->mm >> 6) % PACK_NR_IDS;
	struct pack_ids *w = &m->ids[slot];

	if (w->pid == ev->pid && w->tid == ev->tid && w->mm == ev->mm &&
	    !strcmp(w->comm, ev->comm)) {
		put(b, slot << 1);
		return;
	}
	put(b, slot << 1 | 1);
	put(b, ev->pid);
	put(b, ev->tid);
	put(b, ev->mm);
	put_comm(b, ev->comm);
	*w = (struct pack_ids){ .pid = ev->pid, .tid = ev->tid, .mm = ev->mm };
	strcpy(w->comm, ev->comm);
}

static void put_call_site(struct buf *b, struct pack_memory *m, const struct event_call *c)
{
	uint32_t slot = (c->ip ^ c->ip >> 9 ^ c->link ^ c->link >> 9) % PACK_NR_SITES;
	struct pack_site *s = &m->site[slot];

	if (s->ip == c->ip && s->link == c->link) {
		put(b, slot << 1);
		return;
	}
	put(b, slot << 1 | 1);
	put(b, c->ip);
	put(b, c->link);
	*s = (struct pack_site){ c->ip, c->link };
}

static void put_call(struct buf *b, struct pack_memory *m, const struct event_call *c,
		     uint32_t file)
{
	unsigned int nr_args = c->compat ? MPW_NR_ARGS : call_nr_args(c->id), i;

	put(b, (uint64_t)c->id << PACK_CALL_SHIFT | (c->compat ? PACK_COMPAT : 0) |
		       (c->tracer_pid ? PACK_TRACED : 0) | (file ? PACK_FILE : 0) |
		       (c->read_implies_exec ? PACK_RIE : 0));
	put_signed(b, c->arg[0] - m->addr);
	for (i = 1; i < nr_args; i++)
		put(b, c->arg[i]);
	put_signed(b, c->ret);
	put_call_site(b, m, c);
	if (file)
		put(b, file);
	if (c->tracer_pid) {
		put(b, c->tracer_pid);
		put_comm(b, c->tracer_comm);
	}
	m->addr = c->arg[0] ? c->arg[0] : (uint64_t)c->ret;
}

static void put_seen(struct buf *b, const struct event *ev, pack_number_fn *number, void *ctx)
{
	uint64_t at = ev->lo;
	size_t nr = 0, i, pass;

	for (pass = 0; pass < 2; pass++) {
		if (pass)
			put(b, nr);
		for (i = 0, at = ev->lo; i < ev->nr_seen; i++) {
			const struct vma_seen *s = &ev->seen[i];
			uint64_t start = s->start > at ? s->start : at;
			uint64_t end = s->end < ev->hi ? s->end : ev->hi;
			const struct attr a = attr_advance(s->attr, start - s->start);

			if (end <= start)
				continue;
			nr++;
			if (pass) {
				put(b, start - at);
				put(b, end - start);
				put(b, (a.flags & ~VMA_MAPPED) | (a.pkey ? PACK_PKEY : 0));
				if (a.pkey)
					put(b, a.pkey);
				put(b, number(ctx, a.obj));
				if (object_has_offsets(a.obj))
					put(b, a.off);
			}
			at = end;
		}
	}
}

static void put_range(struct buf *b, struct pack_memory *m, const struct event *ev, bool own)
{
	if (own)
		return;
	put_signed(b, ev->lo - m->addr);
	put(b, ev->hi - ev->lo);
}

static bool is_own_range(const struct event *ev)
{
	uint64_t lo, hi;

	if (ev->type != EVENT_CALL)
		return false;
	pack_own_range(&ev->call, &lo, &hi);
	return ev->lo == lo && ev->hi == hi;
}

static unsigned int flags_of(const struct event *ev)
{
	bool identity = ev->start_ns || ev->start_brk || ev->ppid;

	return (ev->has_range ? PACK_RANGE : 0) | (ev->racy ? PACK_RACY : 0) |
	       (identity ? PACK_IDENTITY : 0) | (ev->sibling ? PACK_SIBLING : 0) |
	       (ev->check ? PACK_CHECK : 0) | (ev->from_maps ? PACK_FROM_MAPS : 0) |
	       (ev->range_unread ? PACK_UNREAD : 0) | (ev->uring ? PACK_URING : 0) |
	       (ev->type == EVENT_CALL && ev->call.unproven ? PACK_UNPROVEN : 0) |
	       ((ev->has_range || ev->range_unread) && is_own_range(ev) ? PACK_OWN_RANGE : 0);
}

static void put_facts(struct buf *b, const struct facts *facts)
{
	uint32_t rest = facts->has;

	for (; rest; rest &= rest - 1) {
		int id = __builtin_ctz(rest);
		const struct fact_value *v = &facts->value[id];

		put(b, (unsigned int)id << 1 | (fact_type(id) == FACT_NUMBER ? 0 : PACK_WORD));
		put(b, v->number);
		if (fact_type(id) != FACT_NUMBER)
			buf_add(b, v->word, v->number);
	}
}

static void put_write(struct buf *b, const struct event_write *w)
{
	put(b, w->how);
	put(b, w->flags);
	put(b, w->addr);
	put(b, w->len);
	put_signed(b, w->ret);
	put(b, w->pid);
	put(b, w->tid);
	put(b, w->uid);
	put_comm(b, w->comm);
}

static void put_guards(struct buf *b, const struct event *ev)
{
	uint64_t at = ev->lo;
	size_t i;

	put(b, ev->lo);
	put(b, ev->hi - ev->lo);
	put(b, ev->nr_seen);
	for (i = 0; i < ev->nr_seen; i++) {
		put(b, ev->seen[i].start - at);
		put(b, ev->seen[i].end - ev->seen[i].start);
		at = ev->seen[i].end;
	}
}

static void put_exe(struct buf *b, uint32_t object)
{
	put(b, PACK_EXE << 1);
	put(b, object);
}

static void put_kind(struct buf *b, struct pack_memory *m, const struct event *ev,
		     pack_number_fn *number, void *ctx)
{
	switch (ev->type) {
	case EVENT_CALL:
		put_call(b, m, &ev->call, ev->call.file ? number(ctx, ev->call.file) : 0);
		break;
	case EVENT_FORK:
		put(b, ev->child.pid);
		put(b, ev->child.mm);
		break;
	case EVENT_EXIT:
		put(b, ev->exit_code);
		break;
	case EVENT_LOSS:
		put(b, ev->lost);
		put(b, ev->lost_until_ns);
		break;
	case EVENT_FAULT:
		put(b, ev->fault.addr);
		put(b, ev->fault.ip);
		put_signed(b, ev->fault.code);
		put(b, ev->fault.access << 1 | ev->fault.handled);
		break;
	case EVENT_BUILD:
		put(b, number(ctx, ev->build.file));
		put(b, strlen(ev->build.id));
		buf_puts(b, ev->build.id);
		break;
	case EVENT_WRITE:
		put_write(b, &ev->write);
		break;
	case EVENT_GUARDS:
		put_guards(b, ev);
		break;
	case EVENT_EXEC:
	case EVENT_RANGE:
	case EVENT_PLACE:
		break;
	}
}

/* Put the length of all behind at in front of it: one byte is reserved, and mostly suffices. */
static void put_length(struct buf *b, size_t at)
{
	size_t len = b->len - at - 1, n = 1, i;

	for (i = len; i >= 0x80; i >>= 7)
		n++;
	if (n > 1) {
		buf_reserve(b, n);
		memmove(b->data + at + n, b->data + at + 1, len);
	}
	b->len = at;
	put(b, len);
	b->len += len;
}

void pack_event(struct buf *b, struct pack_memory *m, const struct event *ev, uint32_t stack,
		pack_number_fn *number, void *ctx)
{
	unsigned int flags = flags_of(ev) | (stack ? PACK_STACK : 0);
	size_t at;

	buf_putc(b, ev->type);
	at = b->len;
	buf_putc(b, 0);
	put(b, flags);
	put_signed(b, ev->ts_ns - m->ts_ns);
	m->ts_ns = ev->ts_ns;
	put_ids(b, m, ev);
	put_kind(b, m, ev, number, ctx);
	if (stack)
		put(b, stack);
	if (flags & PACK_IDENTITY) {
		put(b, ev->start_ns);
		put(b, ev->start_brk);
		put(b, ev->ppid);
	}
	if (flags & (PACK_RANGE | PACK_UNREAD))
		put_range(b, m, ev, flags & PACK_OWN_RANGE);
	if (flags & PACK_RANGE)
		put_seen(b, ev, number, ctx);
	put_facts(b, &ev->facts);
	if (ev->exe)
		put_exe(b, number(ctx, ev->exe));
	put_length(b, at);
}
