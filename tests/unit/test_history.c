/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The past of an address space: lanes split and keep their past, memory stays
 * bounded, the heap is one lane, and what was lost is unknown until it is healed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/history.h"

#define BASE	 0x7f0000000000ULL
#define PAGES(n) ((n)*page_bytes)

static const struct object anon = { .kind = OBJECT_ANON, .name = "" };
static const struct object heap = { .kind = OBJECT_HEAP, .name = "[heap]" };
static const struct object files[] = {
	{ .kind = OBJECT_FILE, .dev = 1, .ino = 1, .name = "/a", .name_len = 2 },
	{ .kind = OBJECT_FILE, .dev = 1, .ino = 2, .name = "/b", .name_len = 2 },
	{ .kind = OBJECT_FILE, .dev = 1, .ino = 3, .name = "/c", .name_len = 2 },
	{ .kind = OBJECT_FILE, .dev = 1, .ino = 4, .name = "/d", .name_len = 2 },
	{ .kind = OBJECT_FILE, .dev = 1, .ino = 5, .name = "/e", .name_len = 2 },
};

static const struct attr nothing;

static struct attr mapped(const struct object *o, uint16_t prot)
{
	return (struct attr){ .flags = VMA_MAPPED | prot, .obj = o };
}

struct world {
	struct history_budget budget;
	struct aspace *as;
	struct history *h;
	struct event ev;
};

static int setup(void **state)
{
	static struct world w;

	w = (struct world){ .budget = { 1000, 100000 }, .ev = { .type = EVENT_CALL } };
	w.as = aspace_new();
	aspace_set_known(w.as, true);
	w.h = history_new(&w.budget, 0, w.as);
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	history_free(w->h);
	aspace_free(w->as);
	/* All that was taken has come back. */
	return w->budget.lanes == 1000 && w->budget.spans == 100000 ? 0 : -1;
}

static void on_diff(void *ctx, uint64_t start, uint64_t end, const struct attr *before,
		    const struct attr *after)
{
	struct world *w = ctx;
	struct change ch = { .ev = &w->ev,
			     .start = start,
			     .end = end,
			     .before = *before,
			     .after = *after };

	history_change(w->h, &ch, true);
}

/* Nobody is told. */
static void no_diff(void *ctx, uint64_t start, uint64_t end, const struct attr *before,
		    const struct attr *after)
{
	(void)ctx, (void)start, (void)end, (void)before, (void)after;
}

/* At ts, nr_pages from start on become a. */
static void become(struct world *w, uint64_t ts, uint64_t start, uint64_t nr_pages, struct attr a)
{
	w->ev.ts_ns = ts;
	w->ev.call.id = MPW_CALL_MPROTECT;
	aspace_assign(w->as, start, start + PAGES(nr_pages), attr_is_mapped(&a) ? &a : NULL,
		      on_diff, w);
}

static const struct lane *lane_of(const struct world *w, uint64_t addr)
{
	const struct lane *l = NULL;

	while ((l = history_next(w->h, l)))
		if (l->start <= addr && addr < l->end)
			return l;
	return NULL;
}

static unsigned int nr_lanes(const struct world *w)
{
	const struct lane *l = NULL;
	unsigned int n = 0;

	while ((l = history_next(w->h, l)))
		n++;
	return n;
}

static uint16_t now_of(const struct lane *l)
{
	return l->spans.v[l->spans.nr - 1].now;
}

static void test_split_keeps_past(void **state)
{
	struct world *w = *state;
	const struct lane *low, *high;

	become(w, 10, BASE, 4, mapped(&anon, VMA_R | VMA_W));
	assert_int_equal(nr_lanes(w), 1);
	become(w, 20, BASE + PAGES(1), 2, mapped(&anon, VMA_R | VMA_X));
	assert_int_equal(nr_lanes(w), 3);
	low = lane_of(w, BASE);
	high = lane_of(w, BASE + PAGES(1));
	assert_int_equal(low->end, BASE + PAGES(1));
	assert_int_equal(high->end, BASE + PAGES(3));
	assert_int_equal(now_of(low), SPAN_BIT(SPAN_RW));
	assert_int_equal(now_of(high), SPAN_BIT(SPAN_RX));
	assert_int_equal(low->spans.nr, 2);
	assert_int_equal(high->spans.nr, 3);
	assert_int_equal(high->spans.v[1].start_ns, 10);
	assert_int_equal(high->spans.v[1].now, SPAN_BIT(SPAN_RW));
	assert_int_equal(low->nr_changes, 1);
	assert_int_equal(high->nr_changes, 2);
	assert_string_equal(lane_note(low), "");
	assert_string_equal(lane_note(high), "W>X");
	assert_false(high->was_wx);
	assert_int_equal(w->h->nr_changes, 2);
}

static void test_remap_is_no_flip(void **state)
{
	struct attr data = mapped(&files[0], VMA_R | VMA_W);
	struct world *w = *state;

	become(w, 10, BASE, 1, mapped(&anon, VMA_R | VMA_W));
	become(w, 20, BASE, 1, nothing);
	become(w, 30, BASE, 1, mapped(&anon, VMA_R | VMA_X));
	assert_string_equal(lane_note(lane_of(w, BASE)), "");
	/* Through no access at all it is one. */
	become(w, 40, BASE, 1, mapped(&anon, 0));
	become(w, 50, BASE, 1, mapped(&anon, VMA_R | VMA_W));
	assert_string_equal(lane_note(lane_of(w, BASE)), "X>W");
	become(w, 60, BASE, 1, mapped(&anon, VMA_R | VMA_X));
	assert_string_equal(lane_note(lane_of(w, BASE)), "W>X");
	/* The loader maps data over the reservation that the text made, of the same file. */
	become(w, 70, BASE + PAGES(8), 4, mapped(&files[0], VMA_R | VMA_X));
	w->ev.call.id = MPW_CALL_MMAP;
	data.off = PAGES(2);
	aspace_assign(w->as, BASE + PAGES(10), BASE + PAGES(12), &data, on_diff, w);
	assert_string_equal(lane_note(lane_of(w, BASE + PAGES(10))), "");
}

static void test_objects_are_counted(void **state)
{
	struct world *w = *state;

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 3; i++)
			become(w, 10 * round + i, BASE, 1, mapped(&files[i], VMA_R));
	}
	assert_ptr_equal(lane_of(w, BASE)->obj, &files[2]);
	assert_int_equal(lane_of(w, BASE)->nr_objs, 3);
	for (int i = 0; i < 5; i++)
		become(w, 100 + i, BASE, 1, mapped(&files[i], VMA_R));
	assert_int_equal(lane_of(w, BASE)->nr_objs, LANE_OBJECTS + 1);
}

static void test_million_changes_are_bounded(void **state)
{
	struct world *w = *state;
	const struct lane *l;
	uint64_t longest = 0, total = 1000000;

	for (uint64_t i = 0; i < total; i++)
		become(w, 1000 + i, BASE, 1, mapped(&anon, i & 1 ? VMA_R : VMA_R | VMA_W));
	become(w, 1000 + total, BASE, 1, mapped(&anon, VMA_R | VMA_W | VMA_X));
	become(w, 1001 + total, BASE, 1, mapped(&anon, VMA_R));
	for (uint64_t i = 0; i < total; i++)
		become(w, 1002 + total + i, BASE, 1, mapped(&anon, i & 1 ? VMA_R : VMA_R | VMA_W));
	l = lane_of(w, BASE);
	assert_int_equal(l->nr_changes, 2 * total + 2);
	assert_in_range(l->spans.nr, SPANS_MAX / 8, SPANS_MAX);
	assert_in_range(l->spans.cap, 1, SPANS_MAX);
	for (uint32_t i = 0; i + 1 < l->spans.nr; i++) {
		uint64_t len = l->spans.v[i + 1].start_ns - l->spans.v[i].start_ns;
		bool holds_wx = l->spans.v[i].states & SPAN_BIT(SPAN_WX);

		longest = len > longest ? len : longest;
		assert_int_equal(holds_wx, l->spans.v[i].start_ns <= 1000 + total &&
						   l->spans.v[i + 1].start_ns > 1000 + total);
	}
	/* Early and late parts are equally sharp. */
	assert_in_range(longest, 1, 2 * total / (SPANS_MAX / 8));
	assert_true(l->was_wx);
}

static void test_time_does_not_run_backwards(void **state)
{
	struct world *w = *state;
	const struct lane *l;

	become(w, 100, BASE, 1, mapped(&anon, VMA_R | VMA_W | VMA_X));
	become(w, 90, BASE, 1, mapped(&anon, VMA_R));
	l = lane_of(w, BASE);
	assert_int_equal(now_of(l), SPAN_BIT(SPAN_R));
	assert_true(l->spans.v[l->spans.nr - 1].states & SPAN_BIT(SPAN_WX));
	for (uint32_t i = 1; i < l->spans.nr; i++)
		assert_true(l->spans.v[i].start_ns >= l->spans.v[i - 1].busy_ns);
}

static void test_heap_is_one_lane(void **state)
{
	struct world *w = *state;
	const struct lane *l;

	for (uint64_t i = 0; i < 500; i++)
		become(w, 10 + i, BASE + PAGES(i), 1, mapped(&heap, VMA_R | VMA_W));
	become(w, 600, BASE + PAGES(100), 400, nothing);
	assert_int_equal(nr_lanes(w), 0);
	l = history_heap(w->h);
	assert_non_null(l);
	assert_int_equal(l->start, BASE);
	assert_int_equal(l->end, BASE + PAGES(500));
	assert_int_equal(l->nr_changes, 501);
	assert_int_equal(l->spans.v[l->spans.nr - 1].now_pages, 100);
	assert_int_equal(l->spans.v[l->spans.nr - 1].now, SPAN_BIT(SPAN_RW));

	/* A part of it that becomes executable is seen, until it ends. */
	become(w, 700, BASE + PAGES(3), 1, mapped(&heap, VMA_PROT));
	assert_int_equal(now_of(l), SPAN_BIT(SPAN_RW) | SPAN_BIT(SPAN_WX));
	assert_true(l->was_wx && w->h->was_wx);
	become(w, 800, BASE + PAGES(3), 1, mapped(&heap, VMA_R | VMA_W));
	assert_int_equal(now_of(l), SPAN_BIT(SPAN_RW));

	/* Another mapping in its place is a lane. */
	become(w, 900, BASE + PAGES(50), 1, mapped(&anon, VMA_R));
	assert_int_equal(nr_lanes(w), 1);
	assert_int_equal(l->spans.v[l->spans.nr - 1].now_pages, 99);
}

static void test_loss_and_healing(void **state)
{
	struct world *w = *state;
	struct attr other = mapped(&files[0], VMA_R), grown = mapped(&heap, VMA_R | VMA_W);

	become(w, 10, BASE, 4, mapped(&anon, VMA_R));
	become(w, 11, BASE + PAGES(100), 1, mapped(&heap, VMA_R | VMA_W));
	history_lose(w->h, 20);
	assert_int_equal(now_of(lane_of(w, BASE)), SPAN_BIT(SPAN_UNKNOWN));
	assert_int_equal(now_of(history_heap(w->h)), SPAN_BIT(SPAN_UNKNOWN));

	/* The mirror learns something that no change told; a snapshot of two pages comes. */
	aspace_assign(w->as, BASE, BASE + PAGES(1), &other, no_diff, NULL);
	aspace_assign(w->as, BASE + PAGES(100), BASE + PAGES(103), &grown, no_diff, NULL);
	history_heal(w->h, 30, w->as, BASE, BASE + PAGES(2));
	assert_ptr_equal(lane_of(w, BASE)->obj, &files[0]);
	assert_int_equal(now_of(lane_of(w, BASE)), SPAN_BIT(SPAN_R));
	assert_ptr_equal(lane_of(w, BASE + PAGES(1))->obj, &anon);
	assert_int_equal(now_of(lane_of(w, BASE + PAGES(1))), SPAN_BIT(SPAN_R));
	assert_int_equal(now_of(lane_of(w, BASE + PAGES(2))), SPAN_BIT(SPAN_UNKNOWN));
	assert_int_equal(now_of(history_heap(w->h)), SPAN_BIT(SPAN_UNKNOWN));
	assert_int_equal(lane_of(w, BASE)->nr_changes, 1);

	history_heal(w->h, 40, w->as, 0, UINT64_MAX);
	assert_int_equal(now_of(lane_of(w, BASE + PAGES(2))), SPAN_BIT(SPAN_R));
	assert_int_equal(now_of(history_heap(w->h)), SPAN_BIT(SPAN_RW));

	/* A mapping that comes first after a loss says that its past has a gap. */
	become(w, 50, BASE + PAGES(200), 1, mapped(&anon, VMA_R));
	assert_int_equal(lane_of(w, BASE + PAGES(200))->spans.nr, 4);
	assert_int_equal(lane_of(w, BASE + PAGES(200))->spans.v[1].now, SPAN_BIT(SPAN_UNKNOWN));
}

static void test_copy_of_a_mirror(void **state)
{
	struct world *w = *state;
	struct history *copy;
	const struct lane *l;

	become(w, 10, BASE, 1, mapped(&anon, VMA_PROT));
	become(w, 10, BASE + PAGES(9), 3, mapped(&heap, VMA_R | VMA_W));
	copy = history_new(&w->budget, 50, w->as);
	l = history_next(copy, NULL);
	assert_int_equal(l->start, BASE);
	assert_int_equal(l->nr_changes, 0);
	assert_int_equal(l->spans.nr, 1);
	assert_true(l->was_wx);
	assert_null(history_next(copy, l));
	assert_int_equal(history_heap(copy)->spans.v[0].now_pages, 3);
	history_free(copy);
}

static void test_spent_budget_says_unknown(void **state)
{
	struct world *w = *state;
	const struct lane *l;

	for (uint64_t i = 0; i < 2000; i++)
		become(w, 10 + i, BASE + PAGES(3 * i), 2, mapped(&anon, VMA_R));
	assert_true(w->h->nr_dropped > 0);
	assert_int_equal(w->budget.lanes, 0);
	l = lane_of(w, BASE);
	become(w, 3000, BASE, 1, mapped(&anon, VMA_PROT));
	assert_ptr_equal(lane_of(w, BASE), l);
	assert_true(now_of(l) & SPAN_BIT(SPAN_UNKNOWN));
	assert_true(now_of(l) & SPAN_BIT(SPAN_WX));
	assert_true(l->was_wx);
}

static void test_spent_spans_stay_short(void **state)
{
	struct world *w = *state;
	long before = w->budget.spans;

	w->budget.spans = 40;
	for (uint64_t i = 0; i < 1000; i++)
		become(w, 10 + i, BASE, 1, mapped(&anon, i & 1 ? VMA_R : VMA_W));
	for (uint64_t i = 1; i < 50; i++)
		become(w, 2000 + i, BASE + PAGES(i), 1, mapped(&anon, VMA_R));
	assert_in_range(lane_of(w, BASE)->spans.cap, 1, 64);
	assert_in_range(lane_of(w, BASE + PAGES(49))->spans.cap, 1, 4);
	w->budget.spans += before - 40;
}

int main(void)
{
#define HISTORY_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		HISTORY_TEST(test_split_keeps_past),
		HISTORY_TEST(test_remap_is_no_flip),
		HISTORY_TEST(test_objects_are_counted),
		HISTORY_TEST(test_million_changes_are_bounded),
		HISTORY_TEST(test_time_does_not_run_backwards),
		HISTORY_TEST(test_heap_is_one_lane),
		HISTORY_TEST(test_loss_and_healing),
		HISTORY_TEST(test_copy_of_a_mirror),
		HISTORY_TEST(test_spent_budget_says_unknown),
		HISTORY_TEST(test_spent_spans_stay_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
