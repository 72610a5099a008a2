/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc as a source: each process once, as it is, in the order in which they were named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include "core/sink.h"
#include "source/scan.h"

#define NOBODY 4194305 /* above all pids */

static struct object_table *objects;

struct seen {
	uint32_t pids[4];
	size_t nr;
	bool has_this; /* this program's code */
	char comm[17];
	int err; /* to return */
};

static int look(void *ctx, const struct event *ev)
{
	const uint64_t here = (uintptr_t)look;
	struct seen *s = ctx;
	size_t i;

	assert_int_equal(ev->type, EVENT_RANGE);
	assert_true(ev->has_range && ev->from_maps && ev->start_ns);
	s->pids[s->nr++] = ev->pid;
	memcpy(s->comm, ev->comm, sizeof(s->comm));
	for (i = 0; i < ev->nr_seen; i++)
		s->has_this |= ev->seen[i].start <= here && here < ev->seen[i].end &&
			       ev->seen[i].attr.flags & VMA_X;
	return s->err;
}

static int scan(uint32_t *pids, size_t nr, struct seen *s)
{
	const struct id_list list = { .id = pids, .nr = nr };
	const struct source_reader reader = { .event = look, .ctx = s };
	const struct source source = scan_source(&list, objects, NULL);
	int state;

	do {
		state = source.ops->feed(source.priv, &reader);
	} while (state == SOURCE_HAS_MORE);
	source.ops->close(source.priv);
	return state;
}

static void test_processes(void **state)
{
	uint32_t pids[] = { getppid(), getpid() };
	struct seen s = { 0 };

	(void)state;
	assert_int_equal(scan(pids, 2, &s), SOURCE_ENDED);
	assert_int_equal(s.nr, 2);
	assert_int_equal(s.pids[0], getppid());
	assert_int_equal(s.pids[1], getpid());
	assert_true(s.has_this);
	assert_string_equal(s.comm, "test_scan");
}

static void test_nobody(void **state)
{
	uint32_t pids[] = { getpid(), NOBODY, getpid() };
	struct seen s = { 0 };

	(void)state;
	assert_int_equal(scan(pids, 0, &s), SOURCE_ENDED);
	assert_int_equal(scan(pids, 3, &s), -ESRCH);
	assert_int_equal(s.nr, 1);
}

static void test_enough(void **state)
{
	uint32_t pids[] = { getpid(), getpid() };
	struct seen s = { .err = -ECANCELED };

	(void)state;
	assert_int_equal(scan(pids, 2, &s), -ECANCELED);
	assert_int_equal(s.nr, 1);
}

static void test_info(void **state)
{
	const struct source source = scan_source(&(struct id_list){ 0 }, objects, NULL);
	struct run_info info;

	(void)state;
	source.ops->info(source.priv, &info);
	assert_int_equal(strlen(info.boot_id), 36);
	assert_true(info.start_ns && info.boot_to_wall_ns);
	source.ops->close(source.priv);
}

static int setup(void **state)
{
	(void)state;
	objects = object_table_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	object_table_free(objects);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_enough),
		cmocka_unit_test(test_info),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
