/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The key that the kernel takes for execution alone (pkeys(7)): it goes when another protection comes,
 * and is not to be taken for one that the program chose for memory which can only be run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/pipeline.h"
#include "wire.h"

#define PAGE(n) (0x7e0000000000ULL + (n)*page_bytes)

enum { KERNELS_KEY = 2, PROGRAMS_KEY = 1 };

/* A call on one page whose range was read back: it is prot, with that key. */
static void call_read_back(struct pipeline *pl, struct object_table *objects, struct event *ev,
			   uint64_t page, uint8_t pkey)
{
	const struct vma_seen seen = {
		.start = page,
		.end = page + page_bytes,
		.attr = { .flags = VMA_MAPPED | VMA_X,
			  .pkey = pkey,
			  .obj = object_simple(objects, OBJECT_ANON) },
	};

	ev->type = EVENT_CALL;
	ev->pid = ev->tid = ev->mm = 100;
	ev->has_range = true;
	ev->lo = page;
	ev->hi = page + page_bytes;
	ev->seen = &seen;
	ev->nr_seen = 1;
	assert_int_equal(pipeline_feed(pl, ev), 0);
}

static void test_exec_only(void **state)
{
	struct object_table *objects = object_table_new();
	struct pipeline *pl = pipeline_new(objects);
	struct event empty = { .type = EVENT_RANGE,
			       .pid = 100,
			       .tid = 100,
			       .mm = 100,
			       .has_range = true,
			       .hi = MPW_TASK_MAX };
	struct event mmap = { .call = { .id = MPW_CALL_MMAP,
					.arg = { 0, page_bytes, VMA_X, 0x22 },
					.ret = PAGE(0) } };
	struct event chosen = { .call = { .id = MPW_CALL_PKEY_MPROTECT,
					  .arg = { PAGE(8), page_bytes, VMA_X, PROGRAMS_KEY } } };
	struct event failed = { .call = { .id = MPW_CALL_MPROTECT,
					  .arg = { PAGE(8), 2 * page_bytes, VMA_R },
					  .ret = -12 } };
	struct event none = { .type = EVENT_CALL,
			      .pid = 100,
			      .tid = 100,
			      .mm = 100,
			      .call = { .id = MPW_CALL_MPROTECT,
					.arg = { PAGE(0), page_bytes, 0 } } };
	struct attr at;

	(void)state;
	assert_int_equal(pipeline_feed(pl, &empty), 0);
	call_read_back(pl, objects, &mmap, PAGE(0), KERNELS_KEY);
	call_read_back(pl, objects, &chosen, PAGE(8), PROGRAMS_KEY);
	call_read_back(pl, objects, &failed, PAGE(8), PROGRAMS_KEY);
	assert_int_equal(pipeline_feed(pl, &none), 0);
	at = aspace_at(pipeline_find(pl, 100)->mm->as, PAGE(0));
	assert_int_equal(at.flags, VMA_MAPPED);
	assert_int_equal(at.pkey, 0);
	pipeline_free(pl);
	object_table_free(objects);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_exec_only) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
