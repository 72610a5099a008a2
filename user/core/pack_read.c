/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reading side of pack.h. The bytes may come from anybody: every number is
 * checked before use, and allocations are never larger than the bytes justify.
 */
#include "core/pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "wire.h"

/* Bytes of the smallest mapping: gap, length, flags, object. */
#define MIN_SEEN_BYTES 4
/* Bytes of the smallest guard region: gap, length. */
#define MIN_GUARD_BYTES 2

static int take(struct unpacker *u, uint64_t *ret)
{
	uint64_t v = 0;
	unsigned int shift;

	for (shift = 0; shift < 64 && u->at < u->end; shift += 7) {
		unsigned char c = *u->at++;

		if (shift == 63 && c > 1)
			return -EINVAL;
		v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80)) {
			*ret = v;
			return 0;
		}
	}
	return -EINVAL;
}

static int take_signed(struct unpacker *u, uint64_t *ret)
{
	uint64_t v;

	if (take(u, &v))
		return -EINVAL;
	*ret = v >> 1 ^ -(v & 1);
	return 0;
}

static int take_u32(struct unpacker *u, uint32_t *ret)
{
	uint64_t v;

	if (take(u, &v) || v > UINT32_MAX)
		return -EINVAL;
	*ret = v;
	return 0;
}

static int take_object(struct unpacker *u, const struct object **ret)
{
	uint64_t number;

	if (take(u, &number) || !number || number > u->nr_objects)
		return -EINVAL;
	*ret = u->objects[number - 1];
	return 0;
}

static int take_comm(struct unpacker *u, char comm[17])
{
	uint64_t len;

	if (take(u, &len) || len > 16 || len > (size_t)(u->end - u->at))
		return -EINVAL;
	memcpy(comm, u->at, len);
	u->at += len;
	return 0;
}

static int take_ids(struct unpacker *u, struct event *ev)
{
	struct pack_ids *w, new = { 0 };
	uint64_t slot;

	if (take(u, &slot) || slot >> 1 >= PACK_NR_IDS)
		return -EINVAL;
	w = &u->memory.ids[slot >> 1];
	if (slot & 1) {
		if (take_u32(u, &new.pid) || take_u32(u, &new.tid) || take(u, &new.mm) ||
		    take_comm(u, new.comm))
			return -EINVAL;
		*w = new;
	}
	ev->pid = w->pid;
	ev->tid = w->tid;
	ev->mm = w->mm;
	memcpy(ev->comm, w->comm, sizeof(ev->comm));
	return !ev->pid && ev->type != EVENT_LOSS ? -EINVAL : 0;
}

static int take_site(struct unpacker *u, struct event_call *c)
{
	struct pack_site *s;
	uint64_t slot;

	if (take(u, &slot) || slot >> 1 >= PACK_NR_SITES)
		return -EINVAL;
	s = &u->memory.site[slot >> 1];
	if (slot & 1 && (take(u, &s->ip) || take(u, &s->link)))
		return -EINVAL;
	c->ip = s->ip;
	c->link = s->link;
	return 0;
}

static int take_call(struct unpacker *u, struct event_call *c)
{
	unsigned int nr_args, i;
	uint64_t head, ret;

	if (take(u, &head) || head >> PACK_CALL_SHIFT >= MPW_NR_CALLS)
		return -EINVAL;
	c->id = head >> PACK_CALL_SHIFT;
	c->read_implies_exec = head & PACK_RIE;
	c->compat = head & PACK_COMPAT;
	nr_args = c->compat ? MPW_NR_ARGS : call_nr_args(c->id);
	if (take_signed(u, &c->arg[0]))
		return -EINVAL;
	c->arg[0] += u->memory.addr;
	for (i = 1; i < nr_args; i++)
		if (take(u, &c->arg[i]))
			return -EINVAL;
	if (take_signed(u, &ret) || take_site(u, c))
		return -EINVAL;
	c->ret = ret;
	u->memory.addr = c->arg[0] ? c->arg[0] : ret;
	if (head & PACK_FILE && take_object(u, &c->file))
		return -EINVAL;
	if (!(head & PACK_TRACED))
		return 0;
	if (take_u32(u, &c->tracer_pid) || take_comm(u, c->tracer_comm))
		return -EINVAL;
	return c->tracer_pid ? 0 : -EINVAL;
}

static int take_fault(struct unpacker *u, struct event_fault *f)
{
	uint64_t code, how;

	if (take(u, &f->addr) || take(u, &f->ip) || take_signed(u, &code) || take(u, &how) ||
	    how >> 1 > MPW_ACCESS_EXEC)
		return -EINVAL;
	f->code = code;
	f->access = how >> 1;
	f->handled = how & 1;
	return 0;
}

static int take_build(struct unpacker *u, struct event_build *build)
{
	uint64_t len;

	if (take_object(u, &build->file) || take(u, &len) || !len || len > BUILD_ID_MAX ||
	    len > (size_t)(u->end - u->at))
		return -EINVAL;
	memcpy(build->id, u->at, len);
	u->at += len;
	return strspn(build->id, "0123456789abcdef") == len ? 0 : -EINVAL;
}

static int take_write(struct unpacker *u, struct event_write *w)
{
	uint64_t how, flags, ret;

	if (take(u, &how) || how >= MPW_NR_WRITE_HOW || take(u, &flags) ||
	    flags & ~(uint64_t)MPW_WRITE_FLAGS || take(u, &w->addr) || take(u, &w->len) ||
	    take_signed(u, &ret) || take_u32(u, &w->pid) || take_u32(u, &w->tid) ||
	    take_u32(u, &w->uid) || take_comm(u, w->comm))
		return -EINVAL;
	w->how = how;
	w->flags = flags;
	w->ret = ret;
	return w->pid ? 0 : -EINVAL;
}

static struct vma_seen *room_for_seen(struct unpacker *u, size_t nr)
{
	if (nr > u->cap) {
		u->cap = nr * 2;
		u->seen = mem_grow(u->seen, u->cap, sizeof(*u->seen));
	}
	return u->seen;
}

static int take_guards(struct unpacker *u, struct event *ev)
{
	uint64_t len, nr, gap, at;
	struct vma_seen *s;

	if (take(u, &ev->lo) || take(u, &len) || take(u, &nr) || !len || ev->lo + len < ev->lo ||
	    nr > (size_t)(u->end - u->at) / MIN_GUARD_BYTES)
		return -EINVAL;
	at = ev->lo;
	ev->hi = ev->lo + len;
	ev->seen = s = room_for_seen(u, nr);
	for (ev->nr_seen = nr; nr; nr--, s++) {
		if (take(u, &gap) || take(u, &len) || gap >= ev->hi - at || !len ||
		    len > ev->hi - at - gap)
			return -EINVAL;
		*s = (struct vma_seen){ .start = at + gap, .end = at + gap + len };
		at = s->end;
	}
	return 0;
}

static int take_kind(struct unpacker *u, struct event *ev)
{
	switch (ev->type) {
	case EVENT_CALL:
		return take_call(u, &ev->call);
	case EVENT_FORK: /* nobody is their own child */
		if (take_u32(u, &ev->child.pid) || take(u, &ev->child.mm))
			return -EINVAL;
		return !ev->child.pid || ev->child.pid == ev->pid ? -EINVAL : 0;
	case EVENT_EXIT:
		return take_u32(u, &ev->exit_code);
	case EVENT_LOSS:
		return take(u, &ev->lost) || take(u, &ev->lost_until_ns) ? -EINVAL : 0;
	case EVENT_FAULT:
		return take_fault(u, &ev->fault);
	case EVENT_BUILD:
		return take_build(u, &ev->build);
	case EVENT_WRITE:
		return take_write(u, &ev->write);
	case EVENT_GUARDS:
		return take_guards(u, ev);
	case EVENT_EXEC:
	case EVENT_RANGE:
	case EVENT_PLACE:
		return 0;
	}
	return -EINVAL;
}

static int take_one_seen(struct unpacker *u, uint64_t lo, uint64_t hi, struct vma_seen *s)
{
	uint64_t gap, len, flags, pkey = 0;

	if (take(u, &gap) || take(u, &len) || take(u, &flags))
		return -EINVAL;
	if (gap >= hi - lo || !len || len > hi - lo - gap || flags >= 2 * PACK_PKEY)
		return -EINVAL;
	if (flags & PACK_PKEY && (take(u, &pkey) || pkey > UINT8_MAX))
		return -EINVAL;
	memset(s, 0, sizeof(*s));
	s->start = lo + gap;
	s->end = s->start + len;
	s->attr.flags = VMA_MAPPED | (flags & ~PACK_PKEY);
	s->attr.pkey = pkey;
	if (take_object(u, &s->attr.obj))
		return -EINVAL;
	return object_has_offsets(s->attr.obj) ? take(u, &s->attr.off) : 0;
}

static int take_seen(struct unpacker *u, struct event *ev)
{
	uint64_t nr, lo = ev->lo;
	size_t i;

	if (take(u, &nr) || nr > (size_t)(u->end - u->at) / MIN_SEEN_BYTES)
		return -EINVAL;
	room_for_seen(u, nr);
	for (i = 0; i < nr; i++) {
		if (take_one_seen(u, lo, ev->hi, &u->seen[i]))
			return -EINVAL;
		lo = u->seen[i].end;
	}
	ev->seen = u->seen;
	ev->nr_seen = nr;
	return 0;
}

static int take_range(struct unpacker *u, bool own, struct event *ev)
{
	uint64_t lo, len;

	if (own && ev->type == EVENT_CALL) {
		pack_own_range(&ev->call, &ev->lo, &ev->hi);
	} else {
		if (take_signed(u, &lo) || take(u, &len))
			return -EINVAL;
		ev->lo = lo + u->memory.addr;
		ev->hi = ev->lo + len;
	}
	return ev->lo < ev->hi ? 0 : -EINVAL;
}

/* Facts of an identity in version 2. */
static int take_identity_facts(struct unpacker *u, struct event *ev)
{
	uint32_t uid, ns_pid;

	if (take_u32(u, &uid) || take_u32(u, &ev->ppid) || take_u32(u, &ns_pid))
		return -EINVAL;
	facts_set(&ev->facts, MPW_FACT_UID, uid);
	if (ns_pid)
		facts_set(&ev->facts, MPW_FACT_NS_PID, ns_pid);
	return 0;
}

static int take_identity(struct unpacker *u, struct event *ev)
{
	if (take(u, &ev->start_ns) || take(u, &ev->start_brk))
		return -EINVAL;
	return u->version < 3 ? take_identity_facts(u, ev) : take_u32(u, &ev->ppid);
}

static int set_exe(const struct unpacker *u, uint64_t number, struct event *ev)
{
	if (ev->exe || !number || number > u->nr_objects)
		return -EINVAL;
	ev->exe = u->objects[number - 1];
	return 0;
}

static int take_fact(struct unpacker *u, struct event *ev)
{
	struct facts *facts = &ev->facts;
	const char *word = NULL;
	uint64_t key, number, id;

	if (take(u, &key) || take(u, &number))
		return -EINVAL;
	if (key == PACK_EXE << 1)
		return set_exe(u, number, ev);
	id = key >> 1;
	if (key & PACK_WORD) {
		if (number > (size_t)(u->end - u->at) ||
		    (id < MPW_NR_FACTS && number > FACT_WORD_MAX))
			return -EINVAL;
		word = (const char *)u->at;
		u->at += number;
	}
	if (id >= MPW_NR_FACTS) {
		u->nr_facts_skipped++;
		return 0;
	}
	if ((fact_type(id) != FACT_NUMBER) != (key & PACK_WORD) || facts_have(facts, id))
		return -EINVAL;
	facts->has |= 1U << id;
	facts->value[id] = (struct fact_value){ number, word };
	return 0;
}

static int take_stack(struct unpacker *u, struct event *ev)
{
	uint64_t number;

	if ((ev->type != EVENT_CALL && ev->type != EVENT_FAULT) || take(u, &number) || !number ||
	    number > u->nr_stacks)
		return -EINVAL;
	ev->stack = &u->stacks[number - 1];
	return 0;
}

/* Kind, flags and end of the event. Version 2 has no end: then *ret_end is the block's. */
static int take_start(struct unpacker *u, uint64_t *ret_kind, uint64_t *ret_flags,
		      const unsigned char **ret_end)
{
	uint64_t head, len;

	*ret_end = u->end;
	if (u->version < 3) {
		if (take(u, &head))
			return -EINVAL;
		*ret_kind = head & ((1 << PACK_V2_KIND_BITS) - 1);
		*ret_flags = head >> PACK_V2_KIND_BITS;
		return 0;
	}
	*ret_kind = *u->at++;
	if (take(u, &len) || len > (size_t)(u->end - u->at))
		return -EINVAL;
	*ret_end = u->at + len;
	return take(u, ret_flags);
}

static void flags_apply(struct event *ev, uint64_t flags)
{
	ev->has_range = flags & PACK_RANGE;
	ev->racy = flags & PACK_RACY;
	ev->sibling = flags & PACK_SIBLING;
	ev->check = flags & PACK_CHECK;
	ev->from_maps = flags & PACK_FROM_MAPS;
	ev->range_unread = flags & PACK_UNREAD;
	ev->uring = flags & PACK_URING;
	if (ev->type == EVENT_CALL)
		ev->call.unproven = flags & PACK_UNPROVEN;
}

void unpack_begin(struct unpacker *u, const void *data, size_t len)
{
	u->at = data;
	u->end = u->at + len;
	memset(&u->memory, 0, sizeof(u->memory));
}

/* The part behind the ids, in an event of a known kind. */
static int take_body(struct unpacker *u, uint64_t flags, struct event *ev)
{
	if (flags > PACK_KNOWN || take_kind(u, ev))
		return -EINVAL;
	flags_apply(ev, flags);
	if (flags & PACK_STACK && take_stack(u, ev))
		return -EINVAL;
	if (flags & PACK_IDENTITY && take_identity(u, ev))
		return -EINVAL;
	if (flags & (PACK_RANGE | PACK_UNREAD) && take_range(u, flags & PACK_OWN_RANGE, ev))
		return -EINVAL;
	if (flags & PACK_RANGE && take_seen(u, ev))
		return -EINVAL;
	while (u->version >= 3 && u->at < u->end)
		if (take_fact(u, ev))
			return -EINVAL;
	return 0;
}

/* One event. 1; 0 for an unknown kind, or -EINVAL. */
static int take_event(struct unpacker *u, uint64_t kind, uint64_t flags, struct event *ev)
{
	uint64_t step;

	if (take_signed(u, &step))
		return -EINVAL;
	ev->ts_ns = u->memory.ts_ns += step;
	ev->type = kind < NR_EVENT_TYPES ? kind : EVENT_LOSS; /* a loss may lack a pid */
	if (take_ids(u, ev))
		return -EINVAL;
	if (kind < NR_EVENT_TYPES)
		return take_body(u, flags, ev) ? -EINVAL : 1;
	u->nr_events_skipped++;
	return 0;
}

int unpack_event(struct unpacker *u, struct event *ret)
{
	const unsigned char *block_end = u->end, *end;
	uint64_t kind, flags;
	int n = 0;

	while (!n && u->at < u->end) {
		event_clear(ret);
		if (take_start(u, &kind, &flags, &end))
			return -EINVAL;
		if (u->version < 3 && kind > PACK_V2_LAST_KIND)
			return -EINVAL;
		u->end = end;
		n = take_event(u, kind, flags, ret);
		u->end = block_end;
		if (u->version >= 3)
			u->at = end;
	}
	return n;
}

void unpacker_done(struct unpacker *u)
{
	free(u->seen);
}
