/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A block of a recording. What is unpacked is packed and unpacked again, which must give the same
 * event; and shown.
 */
#include <assert.h>
#include <string.h>

#include "core/pack.h"
#include "fuzz/show.h"

#define NR_OBJECTS 24

/* Objects of all kinds, some of them hostile. */
static void make_objects(struct object_table *t, const struct object *ret[NR_OBJECTS])
{
	static const char *const names[] = { "",
					     "/usr/lib/ld-linux.so.2",
					     "[vdso]",
					     "\033]0;x\a\n\"\xff\xc0\x80",
					     "/tmp/\xe2\x80\xae-drowssap \xf0\x9f\x98\x80",
					     "/memfd:x" };
	size_t i;

	for (i = 0; i < NR_OBJECTS; i++) {
		struct object key = { .kind = i % (OBJECT_UNKNOWN + 1),
				      .dev = i & 8 ? 8 << 20 : 0,
				      .ino = i / 2,
				      .deleted = i & 1,
				      .inode_unknown = i & 4 };

		key.name = names[i % 6];
		key.name_len = strlen(key.name);
		ret[i] = object_intern(t, &key);
	}
}

static uint32_t number_of(void *ctx, const struct object *obj)
{
	const struct object *const *objects = ctx;
	uint32_t i;

	for (i = 0; i < NR_OBJECTS; i++)
		if (objects[i] == obj)
			return i + 1;
	assert(!"an object of nobody");
	return 0;
}

static void assert_same_seen(const struct event *a, const struct event *b)
{
	size_t i;

	assert(a->nr_seen == b->nr_seen);
	for (i = 0; i < a->nr_seen; i++) {
		const struct vma_seen *x = &a->seen[i], *y = &b->seen[i];

		assert(x->start == y->start && x->end == y->end && x->attr.obj == y->attr.obj);
		assert(x->attr.flags == y->attr.flags && x->attr.pkey == y->attr.pkey &&
		       x->attr.off == y->attr.off);
	}
}

static void assert_same_call(const struct event_call *a, const struct event_call *b)
{
	assert(a->id == b->id && a->ret == b->ret && a->ip == b->ip && a->link == b->link);
	assert(!memcmp(a->arg, b->arg, sizeof(a->arg)) && a->file == b->file);
	assert(a->read_implies_exec == b->read_implies_exec && a->compat == b->compat);
	assert(a->tracer_pid == b->tracer_pid && !strcmp(a->tracer_comm, b->tracer_comm));
}

static void assert_same_facts(const struct facts *a, const struct facts *b)
{
	int id;

	assert(a->has == b->has);
	for (id = 0; id < MPW_NR_FACTS; id++) {
		if (!facts_have(a, id))
			continue;
		assert(a->value[id].number == b->value[id].number);
		assert(fact_type(id) == FACT_NUMBER ||
		       !memcmp(a->value[id].word, b->value[id].word, a->value[id].number));
	}
}

static void assert_same_write(const struct event_write *a, const struct event_write *b)
{
	assert(a->how == b->how && a->flags == b->flags && a->addr == b->addr && a->len == b->len);
	assert(a->ret == b->ret && a->pid == b->pid && a->tid == b->tid && a->uid == b->uid);
	assert(!strcmp(a->comm, b->comm));
}

static void assert_same(const struct event *a, const struct event *b)
{
	assert(a->type == b->type && a->ts_ns == b->ts_ns && a->mm == b->mm);
	assert(a->pid == b->pid && a->tid == b->tid && !strcmp(a->comm, b->comm));
	assert(a->sibling == b->sibling && a->racy == b->racy && a->check == b->check);
	assert(a->has_range == b->has_range && a->from_maps == b->from_maps);
	assert(a->range_unread == b->range_unread && a->lo == b->lo && a->hi == b->hi);
	assert(a->start_ns == b->start_ns && a->start_brk == b->start_brk);
	assert(a->ppid == b->ppid);
	assert_same_facts(&a->facts, &b->facts);
	assert_same_seen(a, b);
	if (a->type == EVENT_CALL)
		assert_same_call(&a->call, &b->call);
	else if (a->type == EVENT_FORK)
		assert(a->child.pid == b->child.pid && a->child.mm == b->child.mm);
	else if (a->type == EVENT_EXIT)
		assert(a->exit_code == b->exit_code);
	else if (a->type == EVENT_LOSS)
		assert(a->lost == b->lost && a->lost_until_ns == b->lost_until_ns);
	else if (a->type == EVENT_FAULT)
		assert(a->fault.addr == b->fault.addr && a->fault.ip == b->fault.ip &&
		       a->fault.code == b->fault.code && a->fault.access == b->fault.access &&
		       a->fault.handled == b->fault.handled);
	else if (a->type == EVENT_WRITE)
		assert_same_write(&a->write, &b->write);
}

/* A packer that knows nothing, and one that goes along with the block. */
static void pack_again(const struct event *ev, const struct object *const *objects, struct buf *b,
		       struct pack_memory *memory, struct unpacker *again)
{
	struct event copy;

	b->len = 0;
	pack_event(b, memory, ev, 0, number_of, (void *)objects);
	again->at = (const unsigned char *)b->data;
	again->end = again->at + b->len;
	assert(unpack_event(again, &copy) == 1 && again->at == again->end);
	assert_same(ev, &copy);
}

/* The bytes as a block of a recording of that version. */
static void try_block(const uint8_t *data, size_t len, unsigned int version)
{
	const struct object *objects[NR_OBJECTS];
	struct unpacker u = { .version = version, .objects = objects, .nr_objects = NR_OBJECTS };
	struct unpacker again = u;
	struct pack_memory memory = { 0 };
	struct buf b = { 0 };
	struct event ev;
	struct show s;

	show_init(&s, len);
	make_objects(s.objects, objects);
	again.version = 3;
	unpack_begin(&u, data, len);
	unpack_begin(&again, data, 0);
	while (unpack_event(&u, &ev) > 0) {
		pack_again(&ev, objects, &b, &memory, &again);
		show_feed(&s, &ev);
	}
	buf_done(&b);
	unpacker_done(&u);
	unpacker_done(&again);
	show_done(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	try_block(data, len, 2);
	try_block(data, len, 3);
	return 0;
}
