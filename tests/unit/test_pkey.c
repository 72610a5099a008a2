/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys of mappings. The one that the kernel takes for execution alone (pkeys(7)) goes when another
 * protection comes, and is not to be taken for one that the program chose for memory which can only be
 * run. Those of calls that are not proven are in no list of mappings from /proc.
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

/* A list of mappings from /proc: pages of private memory, with nothing beside them. */
static void list_pages(struct pipeline *pl, struct object_table *objects, const int *page,
		       size_t nr)
{
	struct vma_seen seen[16];
	struct event ev = { .type = EVENT_RANGE,
			    .pid = 100,
			    .tid = 100,
			    .mm = 100,
			    .has_range = true,
			    .from_maps = true,
			    .hi = MPW_TASK_MAX,
			    .seen = seen,
			    .nr_seen = nr };

	for (size_t i = 0; i < nr; i++)
		seen[i] = (struct vma_seen){
			.start = PAGE(page[i]),
			.end = PAGE(page[i] + 1),
			.attr = { .flags = VMA_MAPPED | VMA_R,
				  .obj = object_simple(objects, OBJECT_ANON) },
		};
	assert_int_equal(pipeline_feed(pl, &ev), 0);
}

static void call(struct pipeline *pl, bool unproven, struct event_call c)
{
	struct event ev = { .type = EVENT_CALL, .pid = 100, .tid = 100, .mm = 100, .call = c };

	ev.call.unproven = unproven;
	assert_int_equal(pipeline_feed(pl, &ev), 0);
}

#define CALL(ID, unproven, result, ...)                   \
	call(pl, unproven,                                \
	     (struct event_call){ .id = MPW_CALL_##ID,    \
				  .arg = { __VA_ARGS__ }, \
				  .ret = (int64_t)(result) })

static void test_unproven(void **state)
{
	static const int before[] = { 0, 2, 4, 6 }, after[] = { 0, 2, 6, 8, 10, 12, 14 };
	struct object_table *objects = object_table_new();
	struct pipeline *pl = pipeline_new(objects);
	const struct aspace *as;

	(void)state;
	list_pages(pl, objects, before, 4);
	CALL(PKEY_MPROTECT, false, 0, PAGE(6), page_bytes, VMA_R, PROGRAMS_KEY);
	CALL(PKEY_MPROTECT, true, 0, PAGE(0), page_bytes, VMA_R, PROGRAMS_KEY);
	CALL(PKEY_MPROTECT, true, -1, PAGE(2), page_bytes, VMA_R, PROGRAMS_KEY);
	CALL(PKEY_MPROTECT, true, 0, PAGE(4), page_bytes, VMA_R, PROGRAMS_KEY);
	CALL(MREMAP, true, PAGE(8), PAGE(4), page_bytes, page_bytes, 3, PAGE(8));
	CALL(MMAP, true, PAGE(10), 0, page_bytes, VMA_R, 0x22);
	CALL(PKEY_MPROTECT, true, 0, PAGE(10), page_bytes, VMA_R, PROGRAMS_KEY);
	CALL(MMAP, true, PAGE(12), 0, page_bytes, VMA_R, 0x22);
	CALL(MADVISE, true, 0, PAGE(12), page_bytes, ABI_MADV_DONTFORK);
	CALL(MMAP, true, PAGE(14), 0, page_bytes, VMA_R, 0x22);
	CALL(PKEY_MPROTECT, true, 0, PAGE(14), page_bytes, VMA_R, PROGRAMS_KEY);
	CALL(MMAP, false, PAGE(14), PAGE(14), page_bytes, VMA_R, 0x32); /* has no key */
	list_pages(pl, objects, after, 7);
	list_pages(pl, objects, after, 7); /* what the mirror has stays */
	as = pipeline_find(pl, 100)->mm->as;
	for (int i = 0; i < 7; i++) {
		struct attr at = aspace_at(as, PAGE(after[i]));
		bool keyed = after[i] != 2 && after[i] < 12;

		assert_int_equal(at.pkey, keyed ? PROGRAMS_KEY : 0);
		assert_int_equal(!!(at.flags & VMA_DONTCOPY), after[i] == 12);
	}
	pipeline_free(pl);
	object_table_free(objects);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exec_only),
		cmocka_unit_test(test_unproven),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
