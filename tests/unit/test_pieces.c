/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Regions as trace viewers are shown them, against a plain array of pages: whatever is put
 * where, each page is what was put there last, sizes add up, and a full set grows no more
 * than it must.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sink/tracks/pieces.h"

#define NR_PAGES 64

static const struct object anon = { .kind = OBJECT_ANON, .name = "" };
static const struct object heap = { .kind = OBJECT_HEAP, .name = "[heap]", .name_len = 6 };

struct told {
	uint64_t last_ns[NR_PAGES]; /* end of the last slice that begins there */
	uint64_t nr;
};

static void on_over(void *ctx, const struct piece *p, uint64_t ts_ns)
{
	struct told *t = ctx;
	uint64_t page = p->start / page_bytes;

	assert_true(ts_ns >= p->since_ns);
	t->nr++;
	if (page >= NR_PAGES)
		return;
	assert_true(p->since_ns >= t->last_ns[page]);
	t->last_ns[page] = ts_ns;
}

static struct piece piece_of(uint64_t first, uint64_t nr, uint16_t prot, const struct object *obj)
{
	struct piece p = { .start = first * page_bytes, .end = (first + nr) * page_bytes };

	if (obj)
		p.attr = (struct attr){ .flags = VMA_MAPPED | prot, .obj = obj };
	return p;
}

static void compare(const struct pieces *ps, const struct attr *pages)
{
	uint64_t mapped = 0, in_heap = 0, wx = 0, i;

	for (i = 0; i < NR_PAGES; i++) {
		const struct piece *p = pieces_find(ps, i * page_bytes);
		bool is_there = p && p->start <= i * page_bytes;

		assert_int_equal(is_there ? p->attr.flags : 0, pages[i].flags);
		if (!is_there)
			continue;
		assert_ptr_equal(p->attr.obj, pages[i].obj);
		mapped += page_bytes;
		in_heap += p->attr.obj == &heap ? page_bytes : 0;
		wx += (p->attr.flags & (VMA_W | VMA_X)) == (VMA_W | VMA_X) ? page_bytes : 0;
	}
	assert_int_equal(ps->mapped_bytes, mapped);
	assert_int_equal(ps->heap_bytes, in_heap);
	assert_int_equal(ps->wx_bytes, wx);
}

static void test_model(void **state)
{
	struct attr pages[NR_PAGES] = { 0 };
	struct told told = { .nr = 0 };
	struct pieces ps;
	unsigned int n;

	(void)state;
	srandom(1);
	pieces_init(&ps);
	for (n = 1; n <= 20000; n++) {
		uint64_t first = random() % NR_PAGES, nr = 1 + random() % (NR_PAGES - first), i;
		const struct object *const objs[] = { &anon, &heap, NULL };
		struct piece p = piece_of(first, nr, random() % 8, objs[random() % 3]);

		pieces_put(&ps, &p, n, on_over, &told);
		for (i = first; i < first + nr; i++)
			pages[i] = p.attr;
		compare(&ps, pages);
	}
	assert_true(told.nr > 10000);
	pieces_done(&ps);
	assert_int_equal(ps.mapped_bytes, 0);
}

static void test_heap_is_one(void **state)
{
	struct told told = { .nr = 0 };
	struct pieces ps;
	struct piece p;
	uint64_t i;

	(void)state;
	pieces_init(&ps);
	for (i = 0; i < 10; i++) {
		p = piece_of(i, 1, VMA_R | VMA_W, &heap);
		pieces_put(&ps, &p, i, on_over, &told);
	}
	assert_int_equal(ps.nr, 1);
	pieces_done(&ps);
}

/* Someone who changes page after page of one mapping makes no memory of ours grow for ever. */
static void test_bounded(void **state)
{
	struct told told = { .nr = 0 };
	struct pieces ps;
	struct piece p;
	uint64_t i;

	(void)state;
	pieces_init(&ps);
	p = piece_of(0, 4 * PIECES_MAX, VMA_R, &anon);
	pieces_put(&ps, &p, 0, on_over, &told);
	for (i = 0; i < 3 * PIECES_MAX; i++) {
		p = piece_of(i, 1, VMA_R | VMA_W, &anon);
		pieces_put(&ps, &p, 1 + 2 * i, on_over, &told);
		p = piece_of(i, 1, VMA_R, &anon);
		pieces_put(&ps, &p, 2 + 2 * i, on_over, &told);
	}
	assert_in_range(ps.nr, 2, PIECES_MAX + 4);
	assert_int_equal(ps.mapped_bytes, 4 * PIECES_MAX * page_bytes);
	pieces_done(&ps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_heap_is_one),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
