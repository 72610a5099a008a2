/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who made what is mapped, against a model of single pages: random calls, forks, and what is not
 * remembered where there is no room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/pipeline.h"
#include "core/remains.h"
#include "core/words.h"
#include "wire.h"

#define BASE	 0x7e0000000000ULL
#define LIB	 0x7f0000000000ULL
#define NR_PAGES 64
#define SITES	 4

struct page {
	uint64_t made_ns, changed_ns;
	uint64_t ip; /* of who made it; 0: unmapped */
	uint16_t flags, was;
};

struct world {
	struct object_table *objects;
	struct pipeline *pl;
	uint64_t now;
	struct page page[NR_PAGES];
	uint64_t nr_bytes; /* of the pieces */
};

/* Process 100, which has a library with executable code and nothing else. */
static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	const struct object lib = { .kind = OBJECT_FILE,
				    .dev = 1,
				    .ino = 1,
				    .name = "/lib/libx.so",
				    .name_len = 12 };
	struct vma_seen seen = { LIB, LIB + 0x10000, { .flags = VMA_R | VMA_X | VMA_MAPPED } };
	const struct event maps = { .type = EVENT_RANGE,
				    .pid = 100,
				    .tid = 100,
				    .mm = 100,
				    .ts_ns = 1000,
				    .has_range = true,
				    .seen = &seen,
				    .nr_seen = 1,
				    .hi = MPW_TASK_MAX };

	w->objects = object_table_new();
	seen.attr.obj = object_intern(w->objects, &lib);
	w->pl = pipeline_new(w->objects);
	pipeline_keep_makers(w->pl);
	w->now = 1000;
	pipeline_feed(w->pl, &maps);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	pipeline_free(w->pl);
	object_table_free(w->objects);
	free(w);
	return 0;
}

static uint64_t site(unsigned int i)
{
	return LIB + 0x100 * (i + 1);
}

static void call(struct world *w, uint32_t pid, enum mpw_call id, uint64_t start, uint64_t n_bytes,
		 uint64_t prot, uint64_t ip)
{
	struct event ev = { .type = EVENT_CALL, .pid = pid, .tid = pid, .mm = pid };

	ev.ts_ns = w->now += 1000;
	ev.call = (struct event_call){ .id = id,
				       .arg = { start, n_bytes, prot, 0x32, UINT64_MAX },
				       .ret = id == MPW_CALL_MMAP ? start : 0,
				       .ip = ip,
				       .link = ip };
	assert_int_equal(pipeline_feed(w->pl, &ev), 0);
}

static void set_model(struct world *w, enum mpw_call id, unsigned int at, unsigned int n,
		      uint16_t flags, uint64_t ip)
{
	for (struct page *p = w->page + at; p < w->page + at + n; p++) {
		if (id == MPW_CALL_MUNMAP)
			*p = (struct page){ 0 };
		else if (id == MPW_CALL_MMAP && (!p->ip || p->flags != flags))
			*p = (struct page){ .made_ns = w->now, .ip = ip, .flags = flags };
		else if (id == MPW_CALL_MPROTECT && p->ip && p->flags != flags) {
			p->changed_ns = w->now;
			p->was = p->flags;
			p->flags = flags;
		}
	}
}

static void compare(void *ctx, const struct piece_made *p)
{
	struct world *w = ctx;
	uint64_t at;

	w->nr_bytes += p->end - p->start;
	if (p->start >= LIB)
		return;
	assert_non_null(p->made);
	for (at = p->start; at < p->end; at += page_bytes) {
		const struct page *page = &w->page[(at - BASE) / page_bytes];

		assert_int_equal(p->attr.flags & VMA_PROT, page->flags);
		assert_int_equal(p->made->made_ns, page->made_ns);
		assert_int_equal(p->made->changed_ns, page->changed_ns);
		if (page->changed_ns)
			assert_int_equal(p->made->was & VMA_PROT, page->was);
		assert_int_equal(p->made->maker->key.caller.off, page->ip - LIB);
	}
}

static uint64_t mirror_bytes(const struct proc *p)
{
	const struct vma *v = aspace_find(p->mm->as, 0);
	uint64_t n = 0;

	for (; v; v = aspace_next(p->mm->as, v))
		n += v->end - v->start;
	return n;
}

static void check(struct world *w, uint32_t pid)
{
	const struct proc *p = pipeline_find(w->pl, pid);

	w->nr_bytes = 0;
	remains_each(p->mm->as, p->mm->makers, compare, w);
	assert_int_equal(w->nr_bytes, mirror_bytes(p));
}

static void random_calls(struct world *w, uint32_t pid, unsigned int nr)
{
	static const enum mpw_call ids[] = { MPW_CALL_MMAP, MPW_CALL_MUNMAP, MPW_CALL_MPROTECT };

	while (nr--) {
		enum mpw_call id = ids[rand() % 3];
		unsigned int at = rand() % NR_PAGES, n = 1 + rand() % 9;
		uint16_t flags = rand() % 4;
		uint64_t ip = site(rand() % SITES);

		n = at + n > NR_PAGES ? NR_PAGES - at : n;
		if (id == MPW_CALL_MPROTECT) /* a hole makes it fail half way */
			for (unsigned int i = at; i < at + n; i++)
				if (!w->page[i].ip)
					n = i - at;
		if (!n)
			continue;
		call(w, pid, id, BASE + at * page_bytes, n * page_bytes, flags, ip);
		set_model(w, id, at, n, flags, ip);
		check(w, pid);
	}
}

static void remembers_who_made_each_page(void **state)
{
	srand(1);
	random_calls(*state, 100, 3000);
}

static void a_child_has_what_its_parent_had(void **state)
{
	struct world *w = *state;
	struct event ev = { .type = EVENT_FORK, .pid = 100, .tid = 100, .mm = 100 };
	struct page parents[NR_PAGES];

	srand(2);
	random_calls(w, 100, 300);
	ev.ts_ns = w->now += 1000;
	ev.child.pid = ev.child.mm = 101;
	assert_int_equal(pipeline_feed(w->pl, &ev), 0);
	memcpy(parents, w->page, sizeof(parents));
	random_calls(w, 101, 300);
	memcpy(w->page, parents, sizeof(parents));
	check(w, 100);
}

static void there_before(void *ctx, const struct piece_made *p)
{
	struct buf b = { 0 };

	word_maker(&b, p->made->maker, 0);
	assert_string_equal(buf_str(&b), ctx);
	buf_done(&b);
}

static void what_was_there_before_is_said(void **state)
{
	const struct proc *p = pipeline_find(((struct world *)*state)->pl, 100);

	remains_each(p->mm->as, p->mm->makers, there_before, "there before");
}

static void count_unknown(void *ctx, const struct piece_made *p)
{
	*(uint64_t *)ctx += !p->made;
}

/* Every other page: nothing joins. The pieces are the mirror's, whatever is remembered. */
static void past_its_room_nobody_is_named(void **state)
{
	struct world *w = *state;
	const struct proc *p = pipeline_find(w->pl, 100);
	uint64_t nr_unknown = 0, i;

	for (i = 0; i < MAKER_RANGES_MAX + 100; i++)
		call(w, 100, MPW_CALL_MMAP, BASE + 2 * i * page_bytes, page_bytes, VMA_R, site(0));
	remains_each(p->mm->as, p->mm->makers, count_unknown, &nr_unknown);
	assert_in_range(nr_unknown, 100, 101);
	assert_int_equal(maker_table_dropped(pipeline_makers(w->pl)), nr_unknown);
}

/* A heap that grows page by page takes no more room than half of all. */
static void growth_joins_before_it_is_dropped(void **state)
{
	struct world *w = *state;
	const struct proc *p = pipeline_find(w->pl, 100);
	uint64_t nr_unknown = 0, i;

	for (i = 0; i < MAKER_RANGES_MAX + 100; i++)
		call(w, 100, MPW_CALL_MMAP, BASE + i * page_bytes, page_bytes, VMA_R, site(0));
	remains_each(p->mm->as, p->mm->makers, count_unknown, &nr_unknown);
	assert_int_equal(nr_unknown, 0);
	assert_int_equal(maker_table_dropped(pipeline_makers(w->pl)), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(remembers_who_made_each_page),	 TEST(a_child_has_what_its_parent_had),
		TEST(what_was_there_before_is_said),	 TEST(past_its_room_nobody_is_named),
		TEST(growth_joins_before_it_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
