/* SPDX-License-Identifier: BSD-2-Clause */
/* Marks of writes: however many there are, none says what is not so, and no writer keeps out another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sink/writes.h"

#define NR_WRITES 5000
#define MAX	  256
#define BASE	  0x400000ULL

static uint32_t seed;

static uint32_t below(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static struct event write_of(uint64_t ts_ns, uint32_t writer, uint64_t addr, uint64_t len)
{
	struct event ev;

	event_clear(&ev);
	ev.type = EVENT_WRITE;
	ev.ts_ns = ts_ns;
	ev.pid = 100;
	ev.write.how = MPW_WRITE_VM;
	ev.write.addr = addr;
	ev.write.len = ev.write.ret = len;
	ev.write.pid = writer;
	snprintf(ev.write.comm, sizeof(ev.write.comm), "writer");
	return ev;
}

static bool covers(const struct write_mark *w, uint64_t space, const struct event *ev)
{
	const uint64_t at = ev->write.addr;

	return w->space == space && w->writer.pid == ev->write.pid && w->first_ns <= ev->ts_ns &&
	       ev->ts_ns <= w->last_ns &&
	       (w->start == w->end || (w->start <= at && at + ev->write.len <= w->end));
}

/* Each write is in a mark of its writer; a mark has an address only where all of it was written. */
static void assert_marked(const struct writes *w, const struct event *ev, const uint64_t *space)
{
	uint64_t nr = 0;

	for (size_t i = 0; i < NR_WRITES; i++) {
		size_t k = 0;

		while (k < w->nr && !covers(&w->v[k], space[i], &ev[i]))
			k++;
		assert_true(k < w->nr);
	}
	for (size_t k = 0; k < w->nr; k++) {
		uint64_t at = w->v[k].start;

		nr += w->v[k].nr;
		for (size_t i = 0; at < w->v[k].end && i < NR_WRITES; i++) {
			if (!covers(&w->v[k], space[i], &ev[i]) || ev[i].write.addr > at ||
			    ev[i].write.addr + ev[i].write.len <= at)
				continue;
			at = ev[i].write.addr + ev[i].write.len;
			i = -1;
		}
		assert_true(at == w->v[k].end);
	}
	assert_int_equal(nr + w->nr_dropped, NR_WRITES);
	assert_int_equal(w->nr_dropped, 0);
}

static void says_nothing_false(void **state)
{
	struct event *ev = calloc(NR_WRITES, sizeof(*ev));
	uint64_t *space = calloc(NR_WRITES, sizeof(*space)), ts_ns = 1000;

	(void)state;
	for (seed = 0; seed < 8; seed++) {
		/* places that come again, and places that do not */
		uint32_t nr_places = seed & 1 ? 8 : 2000;
		struct writes w = { .max = MAX };

		for (size_t i = 0; i < NR_WRITES; i++) {
			ts_ns += below(1000);
			space[i] = below(3);
			ev[i] = write_of(ts_ns, 200 + below(4), BASE + below(nr_places) * 64, 32);
			writes_add(&w, space[i], &ev[i]);
			assert_true(w.nr <= MAX);
		}
		assert_marked(&w, ev, space);
		writes_done(&w);
	}
	free(space);
	free(ev);
}

/* A flood of one writer leaves room for the write of another, with its place. */
static void no_writer_keeps_out_another(void **state)
{
	struct writes w = { 0 };
	const struct write_mark *of;
	struct event ev;
	size_t nr, i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		ev = write_of(i, 200, BASE + i * 64, 8);
		writes_add(&w, 1, &ev);
	}
	ev = write_of(i, 300, BASE + 16, 8);
	assert_true(writes_add(&w, 2, &ev));
	assert_int_equal(w.nr_dropped, 0);
	writes_sort(&w);
	of = writes_of(&w, 2, &nr);
	assert_int_equal(nr, 1);
	assert_true(write_mark_in(of, BASE + 20, BASE + 21));
	assert_false(write_mark_in(of, BASE + 24, BASE + 100));
	assert_int_equal(of->writer.pid, 300);
	writes_of(&w, 3, &nr);
	assert_int_equal(nr, 0);
	writes_done(&w);
}

/* Writers without end are bounded, and counted. */
static void writers_without_end(void **state)
{
	struct writes w = { .max = MAX };
	struct event ev;
	uint64_t nr = 0;

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		ev = write_of(i, i, BASE, 8);
		writes_add(&w, 1, &ev);
		assert_true(w.nr <= MAX);
	}
	for (size_t i = 0; i < w.nr; i++)
		nr += w.v[i].nr;
	assert_int_equal(nr + w.nr_dropped, 10000);
	assert_int_equal(w.nr, MAX);
	writes_done(&w);
}

/* A write that failed, or wrote nothing, is no mark; one whose place is not known has none. */
static void marks_what_was_written(void **state)
{
	struct writes w = { 0 };
	struct event ev = write_of(1, 200, BASE, 8);

	(void)state;
	ev.write.ret = -14;
	assert_false(writes_add(&w, 1, &ev));
	ev = write_of(1, 200, BASE, 0);
	assert_false(writes_add(&w, 1, &ev));
	ev.write.how = MPW_WRITE_OPEN;
	assert_true(writes_add(&w, 1, &ev));
	ev = write_of(2, 200, BASE, 8);
	ev.write.flags = MPW_WRITE_OUTWARD; /* an address of the other's */
	assert_true(writes_add(&w, 1, &ev));
	ev = write_of(3, 200, UINT64_MAX - 3, 8);
	assert_true(writes_add(&w, 1, &ev));
	assert_int_equal(w.nr, 3);
	for (size_t i = 0; i < w.nr; i++)
		assert_true(w.v[i].start == w.v[i].end);
	writes_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_nothing_false),
		cmocka_unit_test(no_writer_keeps_out_another),
		cmocka_unit_test(writers_without_end),
		cmocka_unit_test(marks_what_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
