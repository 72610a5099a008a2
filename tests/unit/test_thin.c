/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fewer rows of the page say nothing that is not so: compared with all of them, page by page, at
 * every moment. A page has the state that it had; or one of several, its true one among them.
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
#include "core/span.h"
#include "sink/html/html_thin.h"

#define NR_SPACES 3
#define NR_PAGES  24
#define NR_ROWS	  6000
#define START_NS  1000ULL
#define BASE	  0x7f0000000000ULL
#define ANY_MAX	  (NR_ROWS * 2)

/* Rows as they were added, or read. */
struct list {
	struct {
		uint64_t ts_ns, space, start, end;
		struct attr attr;
	} row[ANY_MAX];
	size_t nr;
};

static uint32_t seed;

static uint32_t below(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static uint64_t take(const struct buf *b, size_t *at)
{
	uint64_t v = 0;
	int shift = 0;

	for (; b->data[*at] & 0x80; shift += 7)
		v |= (uint64_t)(b->data[(*at)++] & 0x7f) << shift;
	return v | (uint64_t)b->data[(*at)++] << shift;
}

static void read_rows(const struct html_rows *rows, struct list *l)
{
	size_t time_at = 0, range_at = 0, attr_at = 0;
	uint64_t ts_ns = START_NS;

	assert_true(rows->nr <= ANY_MAX);
	for (l->nr = 0; l->nr < rows->nr; l->nr++) {
		ts_ns += take(&rows->column[HTML_TIME], &time_at);
		l->row[l->nr].ts_ns = ts_ns;
		html_rows_range(rows, take(&rows->column[HTML_RANGE], &range_at),
				&l->row[l->nr].space, &l->row[l->nr].start, &l->row[l->nr].end);
		html_rows_attr(rows, take(&rows->column[HTML_ATTR], &attr_at), &l->row[l->nr].attr);
	}
	assert_int_equal(time_at, rows->column[HTML_TIME].len);
}

/* The state of a page after time ts_ns; *ret_prior: the one before that. */
static struct attr state_at(const struct list *l, uint64_t ts_ns, uint64_t space, uint64_t page,
			    struct attr *ret_prior)
{
	struct attr a = { .flags = VMA_UNKNOWN };
	size_t i;

	*ret_prior = a;
	for (i = 0; i < l->nr && l->row[i].ts_ns <= ts_ns; i++) {
		if (l->row[i].space != space || l->row[i].start > page || l->row[i].end <= page)
			continue;
		*ret_prior = a;
		a = l->row[i].attr;
		if (!(a.flags & HTML_SEVERAL))
			a = attr_advance(a, page - l->row[i].start);
	}
	return a;
}

static void compare(const struct list *all, const struct list *thin, uint64_t ts_ns)
{
	uint64_t space, n;

	for (space = 0; space < NR_SPACES; space++)
		for (n = 0; n < NR_PAGES; n++) {
			uint64_t page = BASE + n * 4096;
			struct attr prior, want, have, before;

			want = state_at(all, ts_ns, space, page, &prior);
			have = state_at(thin, ts_ns, space, page, &before);
			if (have.flags & HTML_SEVERAL ? have.off >> span_state_of(&want) & 1 ||
								attr_equal(&want, &before) :
							attr_equal(&want, &have))
				continue;
			fail_msg("space %d page %d at %d: %x off %llx, and %x off %llx before %x",
				 (int)space, (int)n, (int)ts_ns, want.flags,
				 (unsigned long long)want.off, have.flags,
				 (unsigned long long)have.off, before.flags);
		}
}

/* Most rows are of a few places, which change again and again; some are of any range. */
static void add_rows(struct html_rows *rows, struct list *all, struct object_table *objects)
{
	const struct object *file = object_from_maps(objects, "/x", 2, 1, 2, 0);
	const struct object *anon = object_simple(objects, OBJECT_ANON);
	uint64_t ts_ns = START_NS;

	for (all->nr = 0; all->nr < NR_ROWS; all->nr++) {
		uint64_t from = below(4) ? below(3) * 4 : below(NR_PAGES), nr = 1 + below(4);
		struct attr attr = { .flags = VMA_MAPPED | below(8),
				     .obj = below(3) ? anon : file };
		struct html_row row = { .event = "mprotect", .tid = 7 };

		if (from + nr > NR_PAGES)
			nr = NR_PAGES - from;
		if (attr.obj == file)
			attr.off = below(4) * 4096;
		if (!below(4))
			attr = (struct attr){ .flags = below(8) ? 0 : VMA_UNKNOWN };
		ts_ns += below(3);
		row.ts_ns = all->row[all->nr].ts_ns = ts_ns;
		row.space = all->row[all->nr].space = below(NR_SPACES);
		row.start = all->row[all->nr].start = BASE + from * 4096;
		row.end = all->row[all->nr].end = row.start + nr * 4096;
		all->row[all->nr].attr = attr;
		row.attr = &attr;
		html_rows_add(rows, &row);
	}
}

static void says_nothing_false(void **state)
{
	struct list *all = calloc(1, sizeof(*all)), *thin = calloc(1, sizeof(*thin));
	int round;

	(void)state;
	for (round = 0; round < 6; round++) {
		struct object_table *objects = object_table_new();
		struct html_rows rows;
		size_t i;

		seed = round;
		html_rows_init(&rows, START_NS);
		add_rows(&rows, all, objects);
		read_rows(&rows, thin);
		compare(all, thin, all->row[NR_ROWS / 2].ts_ns);
		for (i = 0; i < 2; i++) { /* what was thin gets thinner */
			html_thin(&rows, NR_ROWS >> i);
			assert_true(rows.nr <= (uint64_t)NR_ROWS / 2 >> i);
			assert_int_equal(rows.nr_added, NR_ROWS);
			read_rows(&rows, thin);
			assert_true(thin->row[thin->nr - 1].ts_ns == all->row[NR_ROWS - 1].ts_ns);
			for (size_t k = 0; k < NR_ROWS; k += 97)
				compare(all, thin, all->row[k].ts_ns);
			compare(all, thin, UINT64_MAX);
		}
		html_rows_done(&rows);
		object_table_free(objects);
	}
	free(all);
	free(thin);
}

/* Memory that is mapped and unmapped at ever new addresses, as allocators do. */
static void allocate(struct html_rows *rows, struct object_table *objects, uint64_t nr)
{
	const struct attr rw = { .flags = VMA_MAPPED | VMA_R | VMA_W,
				 .obj = object_simple(objects, OBJECT_ANON) };
	const struct attr none = { 0 };
	uint64_t i;

	for (i = 0; i < nr; i++) {
		struct html_row row = { .ts_ns = START_NS + i,
					.start = BASE - (i / 2 + 1) * 8192,
					.end = BASE - i / 2 * 8192,
					.attr = i % 2 ? &none : &rw,
					.event = "mmap" };

		html_rows_add(rows, &row);
	}
}

static void merges_neighbours(void **state)
{
	struct object_table *objects = object_table_new();
	struct html_rows rows;

	(void)state;
	html_rows_init(&rows, START_NS);
	allocate(&rows, objects, 20000);
	html_thin(&rows, 4000);
	assert_true(rows.nr <= 2000);
	assert_int_equal(rows.last_ns, START_NS + 20000 - 1);
	html_rows_done(&rows);
	object_table_free(objects);
}

/* Callers and threads, which a program chooses, do not keep out what others do. */
static void keeps_room_for_causes(void **state)
{
	static const struct attr rw = { .flags = VMA_R | VMA_W };
	struct caller caller = { 0 };
	struct html_row row = { .start = BASE, .end = BASE + PAGE_BYTES_MIN, .attr = &rw, .tid = 1 };
	struct html_rows rows;
	unsigned int i;

	(void)state;
	html_rows_init(&rows, START_NS);
	row.event = "mprotect";
	row.caller = &caller;
	for (i = 0; i < 410000; i++) {
		caller.addr = BASE + i;
		row.ts_ns = START_NS + i;
		html_rows_add(&rows, &row);
	}
	row.event = "munmap";
	html_rows_add(&rows, &row);
	assert_int_equal(rows.nr_dropped, 0);
	html_rows_done(&rows);
}

/* The rights that a range has at last, by the rows. */
static uint16_t last_rights(const struct html_rows *rows)
{
	size_t at = 0;
	uint64_t nr = 0, i;
	struct attr a;

	for (i = 0; i < rows->nr; i++)
		nr = take(&rows->column[HTML_ATTR], &at);
	html_rows_attr(rows, nr, &a);
	return a.flags;
}

/* Nor do mappings, whose offsets and files a program chooses: of more than have room, rights stay. */
static void keeps_room_for_rights(void **state)
{
	struct object_table *objects = object_table_new();
	const struct object *file = object_from_maps(objects, "/x", 2, 1, 2, 0);
	const struct object *other = object_from_maps(objects, "/y", 2, 1, 3, 0);
	struct attr attr = { .flags = VMA_MAPPED | VMA_R, .obj = file };
	struct html_row row = { .start = BASE,
				.end = BASE + PAGE_BYTES_MIN,
				.attr = &attr,
				.event = "mmap" };
	struct html_rows rows;
	unsigned int i;

	(void)state;
	html_rows_init(&rows, START_NS);
	for (i = 0; i < 410000; i++) {
		attr.off = i * 4096ULL;
		row.ts_ns = START_NS + i;
		html_rows_add(&rows, &row);
	}
	attr = (struct attr){ .flags = VMA_MAPPED | VMA_R | VMA_WX, .obj = other };
	html_rows_add(&rows, &row);
	assert_int_equal(rows.nr_dropped, 0);
	assert_int_equal(last_rights(&rows), attr.flags);
	assert_in_range(rows.nr_unnamed, 10000, 20000);
	html_thin(&rows, 4000);
	assert_int_equal(rows.nr_dropped, 0);
	assert_int_equal(last_rights(&rows), attr.flags);
	html_rows_done(&rows);
	object_table_free(objects);
}

/* Where ranges have no more room, rows are merged, though there is room for more of these. */
static void keeps_room_for_ranges(void **state)
{
	struct object_table *objects = object_table_new();
	struct html_rows rows;

	(void)state;
	html_rows_init(&rows, START_NS);
	rows.ranges.max = 2000;
	allocate(&rows, objects, 20000);
	assert_int_equal(rows.nr_dropped, 0);
	assert_true(rows.nr < 20000);
	html_rows_done(&rows);
	object_table_free(objects);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_nothing_false),	 cmocka_unit_test(merges_neighbours),
		cmocka_unit_test(keeps_room_for_causes), cmocka_unit_test(keeps_room_for_rights),
		cmocka_unit_test(keeps_room_for_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
