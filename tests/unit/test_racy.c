/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which mirrors are to be read again at rest: those that calls were applied to which racing threads
 * made, or which /proc was ahead of; and what a fork copied of such a mirror.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/pipeline.h"
#include "wire.h"

#define BASE	    0x7e0000000000ULL
#define SNAPSHOT_NS 1000

struct world {
	struct object_table *objects;
	struct pipeline *pl;
};

/* Process 100, of which /proc said at SNAPSHOT_NS that nothing is mapped. */
static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	const struct event maps = { .type = EVENT_RANGE,
				    .pid = 100,
				    .tid = 100,
				    .mm = 100,
				    .ts_ns = SNAPSHOT_NS,
				    .from_maps = true,
				    .has_range = true,
				    .hi = MPW_TASK_MAX };

	w->objects = object_table_new();
	w->pl = pipeline_new(w->objects);
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

static void map(struct world *w, uint64_t ts_ns, bool racy)
{
	struct event ev = { .type = EVENT_CALL,
			    .pid = 100,
			    .tid = 100,
			    .mm = 100,
			    .ts_ns = ts_ns,
			    .racy = racy };

	ev.call = (struct event_call){ .id = MPW_CALL_MMAP,
				       .arg = { BASE, page_bytes, VMA_R, 0x32, UINT64_MAX },
				       .ret = BASE };
	assert_int_equal(pipeline_feed(w->pl, &ev), 0);
}

static void fork_at(struct world *w, uint64_t ts_ns)
{
	struct event ev = { .type = EVENT_FORK, .pid = 100, .tid = 100, .mm = 100, .ts_ns = ts_ns };

	ev.child.mm = ev.child.pid = 101;
	assert_int_equal(pipeline_feed(w->pl, &ev), 0);
}

static void test_later(void **state)
{
	struct world *w = *state;

	map(w, SNAPSHOT_NS + 1, false);
	assert_int_equal(pipeline_next_racy(w->pl), 0);
}

static void test_racy(void **state)
{
	struct world *w = *state;

	map(w, SNAPSHOT_NS + 1, true);
	assert_int_equal(pipeline_next_racy(w->pl), 100);
	assert_int_equal(pipeline_next_racy(w->pl), 0);
}

static void test_ahead(void **state)
{
	struct world *w = *state;

	map(w, SNAPSHOT_NS - 1, false);
	assert_int_equal(pipeline_next_racy(w->pl), 100);
	/* what was there already makes nothing wrong: no end of reading else */
	map(w, SNAPSHOT_NS - 1, false);
	assert_int_equal(pipeline_next_racy(w->pl), 0);
}

static void test_copied(void **state)
{
	struct world *w = *state;

	map(w, SNAPSHOT_NS - 1, false);
	fork_at(w, SNAPSHOT_NS + 1);
	assert_int_equal(pipeline_next_racy(w->pl) + pipeline_next_racy(w->pl), 100 + 101);
	assert_int_equal(pipeline_next_stale(w->pl, UINT64_MAX), 0);
}

/* /proc has what came after it: that is not what the child got. */
static void test_forked_before(void **state)
{
	struct world *w = *state;

	fork_at(w, SNAPSHOT_NS - 1);
	assert_int_equal(pipeline_next_stale(w->pl, UINT64_MAX), 101);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_later),  TEST(test_racy),	     TEST(test_ahead),
		TEST(test_copied), TEST(test_forked_before),
	};

	return cmocka_run_group_tests_name("racy", tests, NULL, NULL);
}
