/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mapping set against the simplest model of it: one entry per page. Random
 * assignments; after each, both must agree page by page, the set must be
 * coalesced, and the differences it told of, applied to a copy of the model,
 * must give the model.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/aspace.h"
#include "core/object.h"

#define NR_PAGES 96
#define BASE	 0x10000ULL
#define ROUNDS	 4000
#define SEEDS	 12

struct model {
	struct attr page[NR_PAGES];
};

struct world {
	struct object_table *objects;
	struct aspace *as;
	struct model now, told; /* told: kept up to date by the differences alone */
	uint64_t told_to;	/* where the last difference ended */
};

static uint64_t state;

static unsigned int rnd(unsigned int n)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % n;
}

static const struct object *some_object(struct world *w)
{
	struct object key = { .kind = OBJECT_FILE,
			      .dev = 8 << 20,
			      .ino = 1 + rnd(3),
			      .name = "/f",
			      .name_len = 2 };

	if (rnd(2))
		return object_simple(w->objects, OBJECT_ANON);
	return object_intern(w->objects, &key);
}

static void on_diff(void *ctx, uint64_t start, uint64_t end, const struct attr *before,
		    const struct attr *after)
{
	struct world *w = ctx;
	uint64_t at;

	assert_true(start < end && start >= w->told_to);
	w->told_to = end;
	for (at = start; at < end; at += page_bytes) {
		struct attr *page = &w->told.page[(at - BASE) / page_bytes];
		struct attr was = attr_advance(*before, at - start);

		assert_true(attr_equal(page, &was));
		*page = attr_advance(*after, at - start);
	}
}

static void check(const struct world *w)
{
	const struct vma *v, *prev = NULL;
	size_t nr = 0;
	int i;

	for (i = 0; i < NR_PAGES; i++) {
		struct attr a = aspace_at(w->as, BASE + i * page_bytes);

		assert_memory_equal(&a.flags, &w->now.page[i].flags, sizeof(a.flags));
		assert_ptr_equal(a.obj, w->now.page[i].obj);
		assert_true(a.off == w->now.page[i].off && a.pkey == w->now.page[i].pkey);
		assert_true(attr_equal(&a, &w->told.page[i]));
	}
	for (v = aspace_find(w->as, 0); v; prev = v, v = aspace_next(w->as, v), nr++) {
		struct attr follow;

		assert_true(v->start < v->end);
		if (!prev)
			continue;
		assert_true(prev->end <= v->start);
		follow = attr_advance(prev->attr, prev->end - prev->start);
		assert_false(prev->end == v->start && follow.flags == v->attr.flags &&
			     follow.obj == v->attr.obj && follow.off == v->attr.off &&
			     follow.pkey == v->attr.pkey);
	}
	assert_int_equal(nr, aspace_nr_vmas(w->as));
}

static void step(struct world *w)
{
	unsigned int first = rnd(NR_PAGES), n = 1 + rnd(rnd(4) ? 4 : NR_PAGES - first), i;
	struct attr attr = { .flags = VMA_MAPPED | rnd(8) | (rnd(4) ? 0 : VMA_SHARED) |
				      (rnd(8) ? 0 : VMA_DONTCOPY) };
	const struct attr none = { 0 };

	if (first + n > NR_PAGES)
		n = NR_PAGES - first;
	attr.obj = some_object(w);
	if (object_has_offsets(attr.obj))
		attr.off = (first + rnd(2)) * page_bytes;
	w->told_to = 0;
	if (rnd(4) == 0) {
		aspace_assign(w->as, BASE + first * page_bytes, BASE + (first + n) * page_bytes,
			      NULL, on_diff, w);
		attr = none;
	} else {
		aspace_assign(w->as, BASE + first * page_bytes, BASE + (first + n) * page_bytes,
			      &attr, on_diff, w);
	}
	for (i = 0; i < n; i++)
		w->now.page[first + i] = attr.obj ? attr_advance(attr, i * page_bytes) : none;
}

static void test_against_pages(void **unused)
{
	unsigned int seed, round;

	(void)unused;
	for (seed = 1; seed <= SEEDS; seed++) {
		struct world w = { .objects = object_table_new(), .as = aspace_new() };

		print_message("seed %u\n", seed);
		state = seed;
		aspace_set_known(w.as, true);
		for (round = 0; round < ROUNDS; round++) {
			step(&w);
			check(&w);
			if (round % 512 == 0) {
				struct aspace *copy = aspace_clone(w.as);

				aspace_free(w.as);
				w.as = copy;
				check(&w);
			}
		}
		aspace_free(w.as);
		object_table_free(w.objects);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_against_pages) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
