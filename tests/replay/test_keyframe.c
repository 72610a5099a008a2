/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A reader that begins at a key frame knows what one knows that read from the start: at
 * many places of a long recording of random calls, forks and losses, all mirrors are equal
 * wherever they are sure.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/pipeline.h"
#include "sink/record/record_sink.h"
#include "replay_run.h"
#include "wire.h"

#define NR_EVENTS 160000
#define NR_PLACES 8
#define NR_SLOTS  60
#define NR_PROCS  5
#define BASE	  0x10000000ULL
#define START_NS  1000000000ULL

static char path[] = "/tmp/mpw-keyframe.XXXXXX";

static uint64_t seed = 88172645463325252;

/* Random numbers below n, equal on every run (xorshift64). */
static uint32_t below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 32) % n;
}

static void random_call(struct event *ev, const struct object *file)
{
	uint64_t addr = BASE + 8 * page_bytes * below(NR_SLOTS);
	uint64_t len = page_bytes * (1 + below(20));
	uint64_t prot = below(8);

	ev->type = EVENT_CALL;
	switch (below(6)) {
	case 0:
	case 1: /* MAP_PRIVATE | MAP_FIXED, and MAP_ANONYMOUS or a file */
		ev->call.id = MPW_CALL_MMAP;
		ev->call.file = below(2) ? file : NULL;
		memcpy(ev->call.arg,
		       (uint64_t[]){ addr, len, prot, ev->call.file ? 0x12 : 0x32, 0, addr - BASE },
		       sizeof(ev->call.arg));
		ev->call.ret = addr;
		return;
	case 2:
		ev->call.id = MPW_CALL_MUNMAP;
		break;
	case 3:
		ev->call.id = MPW_CALL_MSEAL;
		break;
	case 4:
		ev->call.id = MPW_CALL_MADVISE;
		prot = 10 + below(2); /* MADV_DONTFORK, MADV_DOFORK */
		break;
	default:
		ev->call.id = MPW_CALL_PKEY_MPROTECT;
		ev->call.arg[3] = below(4);
	}
	ev->call.arg[0] = addr;
	ev->call.arg[1] = len;
	ev->call.arg[2] = prot;
}

static void random_event(struct event *ev, uint64_t n, const struct object *file)
{
	memset(ev, 0, sizeof(*ev));
	ev->ts_ns = START_NS + 1000 * n;
	ev->pid = ev->tid = 100 + below(NR_PROCS);
	ev->mm = ev->pid;
	strcpy(ev->comm, "random");
	if (n < NR_PROCS || below(3000) == 0) { /* a snapshot of half or all: nothing is there */
		ev->type = EVENT_RANGE;
		ev->pid = ev->tid = ev->mm = n < NR_PROCS ? 100 + n : ev->pid;
		ev->start_ns = ev->pid;
		ev->has_range = true;
		ev->hi = n < NR_PROCS || below(2) ? MPW_TASK_MAX : BASE + NR_SLOTS * 4 * page_bytes;
	} else if (below(10000) == 0) {
		ev->type = EVENT_LOSS;
		ev->lost = 1;
		ev->lost_until_ns = ev->ts_ns;
	} else if (below(5000) == 0) {
		ev->type = EVENT_FORK;
		ev->child.pid = 100 + (ev->pid - 100 + 1) % NR_PROCS;
		ev->child.mm = ev->child.pid;
		ev->start_ns = ev->child.pid + n;
	} else {
		random_call(ev, file);
	}
}

static int make_recording(void **state)
{
	struct object_table *objects = object_table_new();
	struct pipeline *pl = pipeline_new(objects);
	struct run_info run = { .what = "", .tier = "inference", .start_ns = START_NS };
	struct record_config cfg = { .force = true, .arguments = "", .run = &run, .pipeline = pl };
	struct object key = { OBJECT_FILE, .dev = 1, .ino = 2, .name = "/f", .name_len = 2 };
	const struct object *file = object_intern(objects, &key);
	struct sink sink;
	struct event ev;
	uint64_t n;
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return -1;
	close(fd);
	cfg.path = path;
	if (record_sink_new(&cfg, &sink))
		return -1;
	pipeline_add_sink(pl, sink);
	for (n = 0; n < NR_EVENTS; n++) {
		random_event(&ev, n, file);
		if (pipeline_feed(pl, &ev) || (n % 500 == 0 && pipeline_flush(pl)))
			return -1;
	}
	n = pipeline_finish(pl, ev.ts_ns, NULL);
	pipeline_free(pl);
	object_table_free(objects);
	return n;
}

static int remove_recording(void **state)
{
	(void)state;
	return unlink(path);
}

struct keyframe_reader {
	struct replay *r;
	struct pipeline *pl;
	uint64_t stop_ns, nr_fed;
};

static int feed_until(void *ctx, const struct event *ev)
{
	struct keyframe_reader *rd = ctx;

	if (!replay_in_key(rd->r)) {
		if (ev->ts_ns > rd->stop_ns)
			return -ECANCELED;
		rd->nr_fed++;
	}
	return pipeline_feed(rd->pl, ev);
}

/* A copy of what is sure. */
static struct aspace *sure_part(const struct mm *mm)
{
	struct aspace *as = aspace_clone(mm->as);
	const struct vma *v;

	if (!mm->stale)
		return as;
	for (v = aspace_find(mm->stale, 0); v; v = aspace_next(mm->stale, v))
		aspace_assign(as, v->start, v->end, NULL, NULL, NULL);
	return as;
}

static void assert_same(const struct aspace *a, const struct aspace *b)
{
	const struct vma *v = aspace_find(a, 0), *w = aspace_find(b, 0);

	assert_int_equal(aspace_nr_vmas(a), aspace_nr_vmas(b));
	for (; v; v = aspace_next(a, v), w = aspace_next(b, w)) {
		assert_int_equal(v->start, w->start);
		assert_int_equal(v->end, w->end);
		assert_int_equal(v->attr.flags, w->attr.flags);
		assert_int_equal(v->attr.pkey, w->attr.pkey);
		assert_int_equal(v->attr.off, w->attr.off);
		assert_ptr_equal(v->attr.obj, w->attr.obj);
	}
}

static void compare(struct pipeline *one, struct pipeline *two)
{
	uint32_t pid;

	for (pid = 100; pid < 100 + NR_PROCS; pid++) {
		const struct proc *p = pipeline_find(one, pid), *q = pipeline_find(two, pid);
		struct aspace *a, *b;

		assert_int_equal(!p, !q);
		if (!p)
			continue;
		assert_int_equal(p->start_ns, q->start_ns);
		assert_string_equal(p->comm, q->comm);
		assert_int_equal(!p->mm->stale, !q->mm->stale);
		a = sure_part(p->mm);
		b = sure_part(q->mm);
		assert_same(a, b);
		aspace_free(a);
		aspace_free(b);
	}
}

static void key_frames_tell_all(void **state)
{
	struct object_table *objects = object_table_new();
	unsigned int i, nr_short = 0;
	struct replay_fault fault;
	struct replay *r;

	(void)state;
	assert_int_equal(replay_open(path, objects, &r, &fault), 0);
	for (i = 0; i < NR_PLACES; i++) {
		struct replay_place place = { .ts_ns = START_NS + 1000ULL * below(NR_EVENTS) };
		struct keyframe_reader all = { r, pipeline_new(objects), place.ts_ns, 0 };
		struct keyframe_reader part = { r, pipeline_new(objects), place.ts_ns, 0 };
		uint64_t changes;

		assert_true(replay_run(r, feed_until, &all) == -ECANCELED || i);
		replay_run_to(r, &place, feed_until, &part, &changes);
		assert_true(part.nr_fed <= all.nr_fed);
		nr_short += part.nr_fed < all.nr_fed;
		compare(all.pl, part.pl);
		pipeline_free(all.pl);
		pipeline_free(part.pl);
	}
	assert_true(nr_short > NR_PLACES / 3); /* key frames were used at all */
	replay_close(r);
	object_table_free(objects);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(key_frames_tell_all) };

	return cmocka_run_group_tests(tests, make_recording, remove_recording);
}
