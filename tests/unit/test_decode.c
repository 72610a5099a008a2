/* SPDX-License-Identifier: BSD-2-Clause */
/* Records as the kernel side writes them become events; no other bytes are trusted. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/decode.h"
#include "core/object.h"
#include "wire.h"

/* A record that is being built. */
struct record {
	_Alignas(8) char data[8192];
	size_t len;
};

static void *put(struct record *r, size_t n_bytes)
{
	void *at = r->data + r->len;

	memset(at, 0, n_bytes);
	r->len += n_bytes;
	return at;
}

static struct mpw_head *put_head(struct record *r, enum mpw_kind kind, uint16_t flags)
{
	struct mpw_head *h = put(r, sizeof(*h));

	h->ts_ns = 123;
	h->mm = 0xffff888000001000;
	h->tgid = 100;
	h->tid = 101;
	h->kind = kind;
	h->flags = flags;
	h->cpu = 3;
	memcpy(h->comm, "sixteen letters!", 16); /* without a NUL */
	return h;
}

static void put_vma(struct record *r, uint64_t start, uint64_t end, enum mpw_name kind,
		    const void *name, size_t len)
{
	struct mpw_vma *v = put(r, sizeof(*v));

	v->start = start;
	v->end = end;
	v->vm_flags = MPW_VM_READ | MPW_VM_EXEC;
	v->name_kind = kind;
	v->name_len = len;
	memcpy(put(r, (len + 7) & ~7UL), name, len);
}

static void put_range(struct record *r, uint32_t nr_vmas)
{
	struct mpw_range *range = put(r, sizeof(*range));

	range->hi = MPW_TASK_MAX;
	range->nr_vmas = nr_vmas;
}

static void put_mprotect(struct record *r, uint16_t flags)
{
	struct mpw_head *h = put_head(r, MPW_KIND_CALL, flags);
	struct mpw_call_rec *rec;
	uint64_t *args;

	h->call = MPW_CALL_MPROTECT;
	rec = (struct mpw_call_rec *)h;
	put(r, sizeof(*rec) - sizeof(*h));
	rec->ret = -EACCES;
	rec->ip = 0x1111;
	args = put(r, 3 * sizeof(*args));
	args[0] = 0x1000;
	args[1] = 0x2000;
	args[2] = 5;
}

static void put_whole(struct record *r)
{
	static const char path[] = "libc.so.6\0lib\0usr";

	put_mprotect(r, MPW_F_RANGE);
	put_range(r, 4);
	put_vma(r, 0x1000, 0x2000, MPW_NAME_PATH, path, sizeof(path));
	put_vma(r, 0x2000, 0x3000, MPW_NAME_SAME, "", 0);
	put_vma(r, 0x3000, 0x4000, MPW_NAME_PSEUDO, "memfd:jit", 10);
	put_vma(r, 0x5000, 0x6000, MPW_NAME_ANON, "heap 7", 7);
}

static void test_call(void **state)
{
	struct object_table *t = object_table_new();
	struct decoder *d = decoder_new(t);
	struct record r = { .len = 0 };
	struct event ev;

	(void)state;
	put_whole(&r);
	assert_int_equal(decode(d, r.data, r.len, &ev), 0);
	assert_int_equal(ev.type, EVENT_CALL);
	assert_int_equal(ev.ts_ns, 123);
	assert_int_equal(ev.pid, 100);
	assert_int_equal(ev.tid, 101);
	assert_string_equal(ev.comm, "sixteen letters!");
	assert_int_equal(ev.call.id, MPW_CALL_MPROTECT);
	assert_int_equal(ev.call.ret, -EACCES);
	assert_int_equal(ev.call.arg[2], 5);
	assert_true(ev.has_range);
	assert_int_equal(ev.nr_seen, 4);
	assert_string_equal(ev.seen[0].attr.obj->name, "/usr/lib/libc.so.6");
	assert_ptr_equal(ev.seen[1].attr.obj, ev.seen[0].attr.obj);
	assert_int_equal(ev.seen[2].attr.obj->kind, OBJECT_MEMFD);
	assert_string_equal(ev.seen[2].attr.obj->name, "/memfd:jit");
	assert_string_equal(ev.seen[3].attr.obj->name, "heap 7");
	assert_int_equal(ev.seen[3].attr.flags & VMA_PROT, VMA_R | VMA_X);
	decoder_free(d);
	object_table_free(t);
}

/* A record that ends early is refused, wherever it ends. */
static void test_cut_short(void **state)
{
	struct object_table *t = object_table_new();
	struct decoder *d = decoder_new(t);
	struct record r = { .len = 0 };
	struct event ev;
	size_t len;

	(void)state;
	put_whole(&r);
	for (len = 0; len < r.len; len++) {
		char *exact = malloc(len ? len : 1); /* so that the sanitizer sees the end */

		memcpy(exact, r.data, len);
		assert_int_equal(decode(d, exact, len, &ev), -EINVAL);
		free(exact);
	}
	decoder_free(d);
	object_table_free(t);
}

/* The first would free the process that forks; the second is the idle task, which makes no calls. */
static void test_impossible(void **state)
{
	struct object_table *t = object_table_new();
	struct decoder *d = decoder_new(t);
	struct record r = { .len = 0 };
	struct mpw_fork_rec *f = (struct mpw_fork_rec *)r.data;
	struct event ev;

	(void)state;
	put_head(&r, MPW_KIND_FORK, 0);
	put(&r, sizeof(*f) - sizeof(struct mpw_head));
	f->child_tgid = f->head.tgid;
	assert_int_equal(decode(d, r.data, r.len, &ev), -EINVAL);
	f->child_tgid = 0;
	assert_int_equal(decode(d, r.data, r.len, &ev), -EINVAL);
	f->child_tgid = f->head.tgid + 1;
	assert_int_equal(decode(d, r.data, r.len, &ev), 0);
	f->head.tgid = 0;
	assert_int_equal(decode(d, r.data, r.len, &ev), -EINVAL);
	decoder_free(d);
	object_table_free(t);
}

static void test_inconsistent(void **state)
{
	struct object_table *t = object_table_new();
	struct decoder *d = decoder_new(t);
	struct event ev;
	int i;

	(void)state;
	for (i = 0; i < 6; i++) {
		struct record r = { .len = 0 };

		switch (i) {
		case 0: /* overlap */
			put_mprotect(&r, MPW_F_RANGE);
			put_range(&r, 2);
			put_vma(&r, 0x1000, 0x3000, MPW_NAME_NONE, "", 0);
			put_vma(&r, 0x2000, 0x4000, MPW_NAME_NONE, "", 0);
			break;
		case 1: /* nothing between start and end */
			put_mprotect(&r, MPW_F_RANGE);
			put_range(&r, 1);
			put_vma(&r, 0x2000, 0x2000, MPW_NAME_NONE, "", 0);
			break;
		case 2: /* more than can be there */
			put_mprotect(&r, MPW_F_RANGE);
			put_range(&r, UINT32_MAX);
			break;
		case 3: /* an unknown call */
			put_mprotect(&r, 0);
			((struct mpw_head *)r.data)->call = 255;
			break;
		case 4: /* an unknown kind */
			put_mprotect(&r, 0);
			((struct mpw_head *)r.data)->kind = 99;
			break;
		case 5: /* the range is empty */
			put_mprotect(&r, MPW_F_RANGE);
			put_range(&r, 0);
			((struct mpw_range *)(r.data + r.len) - 1)->hi = 0;
			break;
		}
		if (decode(d, r.data, r.len, &ev) != -EINVAL)
			fail_msg("record %d was taken", i);
	}
	decoder_free(d);
	object_table_free(t);
}

/* Any bit may be wrong: an event or a refusal comes of it, and no access outside. */
static void test_flipped_bits(void **state)
{
	struct object_table *t = object_table_new();
	struct decoder *d = decoder_new(t);
	struct record whole = { .len = 0 };
	struct event ev;
	size_t bit;

	(void)state;
	put_whole(&whole);
	for (bit = 0; bit < whole.len * 8; bit++) {
		char *r = malloc(whole.len);
		int err;

		memcpy(r, whole.data, whole.len);
		r[bit / 8] ^= 1 << bit % 8;
		err = decode(d, r, whole.len, &ev);
		assert_true(err == 0 || err == -EINVAL);
		free(r);
	}
	decoder_free(d);
	object_table_free(t);
}

/* A call by the 32-bit entry has six arguments, whichever it is. */
static void test_compat(void **state)
{
	struct object_table *t = object_table_new();
	struct decoder *d = decoder_new(t);
	struct record r = { .len = 0 };
	struct event ev;

	(void)state;
	put_mprotect(&r, MPW_F_COMPAT);
	assert_int_equal(decode(d, r.data, r.len, &ev), -EINVAL);
	put(&r, 3 * sizeof(uint64_t));
	assert_int_equal(decode(d, r.data, r.len, &ev), 0);
	assert_true(ev.call.compat);
	assert_int_equal(ev.call.id, MPW_CALL_MPROTECT);
	assert_int_equal(ev.call.arg[2], 5);
	decoder_free(d);
	object_table_free(t);
}

static void test_lifecycle(void **state)
{
	struct object_table *t = object_table_new();
	struct decoder *d = decoder_new(t);
	struct record fork = { .len = 0 }, exit = { .len = 0 };
	struct mpw_fork_rec *f;
	struct event ev;

	(void)state;
	put_head(&fork, MPW_KIND_FORK, 0);
	put(&fork, sizeof(*f) - sizeof(struct mpw_head));
	f = (struct mpw_fork_rec *)fork.data;
	f->child_mm = f->head.mm;
	f->child_tgid = 222;
	f->child.start_ns = 1;
	f->child.uid = 1000;
	f->child.ns_pid = 2;
	assert_int_equal(decode(d, fork.data, fork.len, &ev), 0);
	assert_int_equal(ev.type, EVENT_FORK);
	assert_int_equal(ev.child.pid, 222);
	assert_int_equal(ev.child.mm, ev.mm);
	assert_int_equal(facts_number(&ev.facts, MPW_FACT_UID), 1000);
	assert_int_equal(facts_number(&ev.facts, MPW_FACT_NS_PID), 2);
	assert_true(facts_have(&ev.facts, MPW_FACT_CPU));
	assert_int_equal(facts_number(&ev.facts, MPW_FACT_CPU), 3);
	put_head(&exit, MPW_KIND_EXIT, 0);
	*(uint32_t *)put(&exit, 8) = 0x8b;
	assert_int_equal(decode(d, exit.data, exit.len, &ev), 0);
	assert_int_equal(ev.type, EVENT_EXIT);
	assert_int_equal(ev.exit_code, 0x8b);
	decoder_free(d);
	object_table_free(t);
}

/* The program stands behind the identity, and before the range. */
static void test_program(void **state)
{
	static const char path[] = "app\0bin";
	struct object_table *t = object_table_new();
	struct decoder *d = decoder_new(t);
	struct record r = { .len = 0 };
	struct mpw_id *id;
	struct mpw_vma *v;
	struct event ev;

	(void)state;
	put_head(&r, MPW_KIND_EXEC, MPW_F_FILE | MPW_F_RANGE);
	id = put(&r, sizeof(*id));
	id->start_ns = 1;
	id->mnt_ns = 4026532201;
	v = (struct mpw_vma *)(r.data + r.len);
	put_vma(&r, 0, 0, MPW_NAME_PATH, path, sizeof(path));
	v->ino = 7;
	v->mnt_ns = 4026532201;
	v->name_flags = MPW_NAME_CUT | MPW_NAME_OPEN;
	put_range(&r, 1);
	put_vma(&r, 0x3000, 0x4000, MPW_NAME_PSEUDO, "memfd:jit", 10);
	assert_int_equal(decode(d, r.data, r.len, &ev), 0);
	assert_int_equal(ev.nr_seen, 1);
	assert_string_equal(ev.exe->name, "\xe2\x80\xa6/bin/app");
	assert_int_equal(ev.exe->ino, 7);
	assert_int_equal(ev.exe->mnt_ns, 4026532201);
	assert_int_equal(ev.exe->marks, OBJECT_CUT | OBJECT_OPEN);
	assert_int_equal(facts_number(&ev.facts, MPW_FACT_MNT_NS), 4026532201);
	decoder_free(d);
	object_table_free(t);
}

/* Another name, or another program, is something that is known of the process. */
static void test_who(void **state)
{
	struct object_table *t = object_table_new();
	struct decoder *d = decoder_new(t);
	struct record r = { .len = 0 };
	struct mpw_id *id;
	struct event ev;

	(void)state;
	put_head(&r, MPW_KIND_WHO, MPW_F_FILE);
	id = put(&r, sizeof(*id));
	id->start_ns = 1;
	assert_int_equal(decode(d, r.data, r.len, &ev), -EINVAL);
	put_vma(&r, 0, 0, MPW_NAME_PSEUDO, "memfd:x", 8);
	assert_int_equal(decode(d, r.data, r.len, &ev), 0);
	assert_int_equal(ev.type, EVENT_PLACE);
	assert_string_equal(ev.exe->name, "/memfd:x");
	assert_int_equal(ev.start_ns, 1);
	decoder_free(d);
	object_table_free(t);
}

static void test_tracer(void **state)
{
	struct object_table *t = object_table_new();
	struct decoder *d = decoder_new(t);
	struct record r = { .len = 0 };
	struct mpw_tracer *tracer;
	struct event ev;
	size_t before;

	(void)state;
	put_mprotect(&r, MPW_F_TRACED | MPW_F_RANGE);
	before = r.len;
	tracer = put(&r, sizeof(*tracer));
	tracer->tgid = 4242;
	tracer->uid = 1000;
	memcpy(tracer->comm, "sixteen letters!", 16);
	put_range(&r, 1);
	put_vma(&r, 0x3000, 0x4000, MPW_NAME_PSEUDO, "memfd:jit", 10);
	assert_int_equal(decode(d, r.data, r.len, &ev), 0);
	assert_int_equal(ev.call.tracer_pid, 4242);
	assert_int_equal(facts_number(&ev.facts, MPW_FACT_TRACER_UID), 1000);
	assert_string_equal(ev.call.tracer_comm, "sixteen letters!");
	assert_int_equal(ev.nr_seen, 1);
	assert_int_equal(decode(d, r.data, before + 8, &ev), -EINVAL);
	decoder_free(d);
	object_table_free(t);
}

/* Only the first piece of a range has the identity: zeros in the others are nobody's uid. */
static void test_later_piece(void **state)
{
	struct record r = { .len = 0 };
	struct object_table *t = object_table_new();
	struct decoder *d = decoder_new(t);
	struct event ev;
	struct mpw_id *id;

	(void)state;
	put_head(&r, MPW_KIND_RANGE, MPW_F_RANGE);
	id = put(&r, sizeof(*id));
	put_range(&r, 0);
	assert_int_equal(decode(d, r.data, r.len, &ev), 0);
	assert_false(facts_have(&ev.facts, MPW_FACT_UID));
	id->start_ns = 1;
	assert_int_equal(decode(d, r.data, r.len, &ev), 0);
	assert_true(facts_have(&ev.facts, MPW_FACT_UID)); /* root's */
	decoder_free(d);
	object_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call),	     cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_inconsistent), cmocka_unit_test(test_flipped_bits),
		cmocka_unit_test(test_lifecycle),    cmocka_unit_test(test_compat),
		cmocka_unit_test(test_program),	     cmocka_unit_test(test_who),
		cmocka_unit_test(test_tracer),	     cmocka_unit_test(test_impossible),
		cmocka_unit_test(test_later_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
