/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inference against the real kernel: this program makes random calls on its own
 * memory, tells the pipeline of each as the kernel side would without reading
 * anything back, and compares the mirror with its /proc/self/maps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/pipeline.h"
#include "source/procmaps.h"
#include "wire.h"

#define NR_PAGES 64
#define PAGE	 (size_t) page_bytes
#define ROUNDS	 1500
#define SEEDS	 6

struct world {
	struct object_table *objects;
	struct pipeline *pl;
	char *arena; /* address space of our own, in which all calls are made */
	int memfd;
	const struct object *file;
	struct procmaps maps;
};

static uint64_t state;

static unsigned int rnd(unsigned int n)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % n;
}

static void snapshot(struct world *w)
{
	struct event ev;

	assert_int_equal(procmaps_event(&w->maps, w->objects, getpid(), &ev), 0);
	ev.ts_ns = 1; /* before all calls */
	assert_int_equal(pipeline_feed(w->pl, &ev), 0);
}

/* Make the call, and tell of it. */
static int64_t call(struct world *w, enum mpw_call id, long nr, const uint64_t arg[6])
{
	struct event ev = { .type = EVENT_CALL, .ts_ns = 2, .pid = getpid(), .call.id = id };
	long ret = syscall(nr, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);

	memcpy(ev.call.arg, arg, sizeof(ev.call.arg));
	ev.call.ret = ret == -1 ? -errno : ret;
	ev.call.file = w->file;
	assert_int_equal(pipeline_feed(w->pl, &ev), 0);
	return ev.call.ret;
}

/* Only the arena: elsewhere this program's own libraries map and unmap unseen. */
static void compare(struct world *w)
{
	const struct aspace *as = pipeline_find(w->pl, getpid())->mm->as;
	const struct seen_list *seen = &w->maps.seen;
	uint64_t lo = (uintptr_t)w->arena, at, i = 0;
	struct event ev;

	assert_int_equal(procmaps_event(&w->maps, w->objects, getpid(), &ev), 0);
	for (at = lo; at < lo + NR_PAGES * PAGE; at += PAGE) {
		struct attr real = { 0 }, mirror = aspace_at(as, at);

		while (i < seen->nr && seen->v[i].end <= at)
			i++;
		if (i < seen->nr && seen->v[i].start <= at)
			real = attr_advance(seen->v[i].attr, at - seen->v[i].start);
		if (attr_equal(&real, &mirror))
			continue;
		print_message("page %d: kernel %#x, mirror %#x\n", (int)((at - lo) / PAGE),
			      real.flags, mirror.flags);
		fail();
	}
}

static void step(struct world *w)
{
	uint64_t first = rnd(NR_PAGES), n = 1 + rnd(6), to = rnd(NR_PAGES), m = 1 + rnd(6);
	uint64_t at = (uintptr_t)w->arena + first * PAGE, dest = (uintptr_t)w->arena + to * PAGE;

	if (first + n > NR_PAGES)
		n = NR_PAGES - first;
	if (to + m > NR_PAGES)
		m = NR_PAGES - to;
	switch (rnd(7)) {
	case 0:
		call(w, MPW_CALL_MMAP, SYS_mmap,
		     (uint64_t[6]){ at, n * PAGE, rnd(8), MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
				    -1, 0 });
		break;
	case 1: /* PROT_EXEC of a memfd may be refused by the system's policy: leave it out */
		call(w, MPW_CALL_MMAP, SYS_mmap,
		     (uint64_t[6]){ at, n * PAGE, rnd(4),
				    (rnd(2) ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED, w->memfd,
				    rnd(8) * PAGE });
		break;
	case 2:
		call(w, MPW_CALL_MUNMAP, SYS_munmap, (uint64_t[6]){ at, n * PAGE - rnd(2) });
		break;
	case 3:
		call(w, MPW_CALL_MREMAP, SYS_mremap,
		     (uint64_t[6]){ at, n * PAGE, m * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, dest });
		break;
	case 4: /* in place or not at all */
		call(w, MPW_CALL_MREMAP, SYS_mremap, (uint64_t[6]){ at, n * PAGE, m * PAGE, 0 });
		break;
	default:
		call(w, MPW_CALL_MPROTECT, SYS_mprotect,
		     (uint64_t[6]){ at, n * PAGE - rnd(2), rnd(8) });
		break;
	}
	if (pipeline_next_stale(
		    w->pl,
		    UINT64_MAX)) /* it said that it can't know: that is allowed, and healed */
		snapshot(w);
	compare(w);
}

static void setup(struct world *w)
{
	struct object key = { .kind = OBJECT_MEMFD,
			      .name = "/memfd:model",
			      .name_len = 12,
			      .deleted = true };
	struct stat st;

	w->objects = object_table_new();
	w->pl = pipeline_new(w->objects);
	w->arena = mmap(NULL, NR_PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(w->arena != MAP_FAILED);
	w->memfd = memfd_create("model", 0);
	assert_int_equal(ftruncate(w->memfd, 64 * PAGE), 0);
	assert_int_equal(fstat(w->memfd, &st), 0);
	key.dev = major(st.st_dev) << 20 | minor(st.st_dev);
	key.ino = st.st_ino;
	w->file = object_intern(w->objects, &key);
	buf_reserve(&w->maps.text, 1 << 20);
	snapshot(w);
}

static void test_against_kernel(void **unused)
{
	unsigned int seed, round;

	(void)unused;
	for (seed = 1; seed <= SEEDS; seed++) {
		struct world w = { 0 };

		print_message("seed %u\n", seed);
		state = seed;
		setup(&w);
		for (round = 0; round < ROUNDS; round++)
			step(&w);
		munmap(w.arena, NR_PAGES * PAGE);
		close(w.memfd);
		procmaps_done(&w.maps);
		pipeline_free(w.pl);
		object_table_free(w.objects);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_against_kernel) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
