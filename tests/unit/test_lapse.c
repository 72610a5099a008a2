/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A day of a build machine in a time-lapse: compilers come and go, each with files of names that
 * nobody had before, and a fixed number of them lives at once. What is remembered must not grow with
 * the number of those that have been. A few thousand here; "make lapse" has ten million.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/judge.h"
#include "core/pipeline.h"
#include "detect/detectors.h"
#include "sink/lines/lines.h"
#include "sink/record/record_sink.h"
#include "wire.h"

#define NR_LIVE	    500
#define NR_FILES    12 /* of each process, with names of its own */
#define FEW	    20000
#define FIRST_PID   1000
#define MAKE_PID    999
#define BASE	    0x7f0000000000ULL
#define TEXT	    0x400000ULL
#define HEAP_TURNS  8
#define MS	    1000000ULL
#define SWEEP_EVERY 16
#define RSS_MAX_KB  (200 << 10)
#define SLACK_KB    (8 << 10) /* a recorder has more at the end of a file than at its start */

struct lapse {
	struct object_table *objects;
	struct pipeline *pl;
	struct run_info run;
	struct rules rules;
	struct out out;
	uint64_t now;
};

static uint64_t rss_kb(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*u %lu", &pages), 1);
	fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) >> 10);
}

static const struct object *file_named(struct lapse *l, const char *name, uint64_t ino)
{
	struct object key = { .kind = OBJECT_FILE,
			      .dev = 8 << 20 | 1,
			      .ino = ino,
			      .name = name,
			      .name_len = strlen(name) };

	return object_intern(l->objects, &key);
}

static void feed(struct lapse *l, struct event *ev)
{
	l->now += MS / 10;
	ev->ts_ns = l->now;
	assert_int_equal(pipeline_feed(l->pl, ev), 0);
}

static struct event event_of(enum event_type type, uint32_t pid, uint64_t mm, const char *comm)
{
	struct event ev = { .type = type, .pid = pid, .tid = pid, .mm = mm };

	snprintf(ev.comm, sizeof(ev.comm), "%s", comm);
	return ev;
}

static void begin(struct lapse *l, uint32_t pid, uint64_t mm)
{
	struct event fork = event_of(EVENT_FORK, MAKE_PID, 1, "make");
	struct event exec = event_of(EVENT_EXEC, pid, mm, "cc1");
	struct vma_seen seen[] = {
		{ TEXT, TEXT + 64 * page_bytes, { .flags = VMA_MAPPED | VMA_R | VMA_X } },
		{ BASE << 1, (BASE << 1) + page_bytes, { .flags = VMA_MAPPED | VMA_R | VMA_W } },
	};

	fork.child.pid = pid;
	fork.child.mm = mm;
	fork.start_ns = l->now;
	fork.ppid = MAKE_PID;
	feed(l, &fork);
	seen[0].attr.obj = exec.exe = file_named(l, "/usr/lib/gcc/x86_64-linux-gnu/12/cc1", 7);
	seen[1].attr.obj = object_simple(l->objects, OBJECT_STACK);
	exec.has_range = true;
	exec.hi = MPW_TASK_MAX;
	exec.seen = seen;
	exec.nr_seen = 2;
	exec.start_ns = fork.start_ns;
	exec.ppid = MAKE_PID;
	feed(l, &exec);
}

static void map_file(struct lapse *l, uint32_t pid, uint64_t mm, unsigned int n)
{
	struct event ev = event_of(EVENT_CALL, pid, mm, "cc1");
	uint64_t at = BASE + n * 16 * page_bytes;
	struct vma_seen seen = { at, at + page_bytes, { .flags = VMA_MAPPED | VMA_R } };
	char name[128];

	snprintf(name, sizeof(name), "/build/linux-%u/work.%llx/part%u.o", n,
		 (unsigned long long)mm, n);
	seen.attr.obj = file_named(l, name, mm * NR_FILES + n);
	ev.call.id = MPW_CALL_MMAP;
	ev.call.arg[1] = page_bytes;
	ev.call.arg[2] = 1;
	ev.call.arg[3] = 2; /* MAP_PRIVATE */
	ev.call.ret = at;
	ev.has_range = true;
	ev.lo = at;
	ev.hi = seen.end;
	ev.seen = &seen;
	ev.nr_seen = 1;
	feed(l, &ev);
}

static void protect(struct lapse *l, uint32_t pid, uint64_t mm, unsigned int n, uint64_t prot)
{
	struct event ev = event_of(EVENT_CALL, pid, mm, "cc1");

	ev.call.id = MPW_CALL_MPROTECT;
	ev.call.arg[0] = BASE + n % NR_FILES * 16 * page_bytes;
	ev.call.arg[1] = page_bytes;
	ev.call.arg[2] = prot;
	feed(l, &ev);
}

/* A process of its own kind in each respect that tables have: names, changes, findings. */
static void live_one(struct lapse *l, uint64_t nr)
{
	uint32_t pid = FIRST_PID + nr % 30000;
	uint64_t mm = 16 + nr;
	unsigned int i;

	begin(l, pid, mm);
	for (i = 0; i < NR_FILES; i++)
		map_file(l, pid, mm, i);
	for (i = 0; i < HEAP_TURNS; i++)
		protect(l, pid, mm, i, i & 1 ? VMA_R : VMA_R | VMA_W | (nr % 16 ? 0 : VMA_X));
}

static void end_one(struct lapse *l, uint64_t nr)
{
	struct event ev = event_of(EVENT_EXIT, FIRST_PID + nr % 30000, 16 + nr, "cc1");

	feed(l, &ev);
}

/* Runs until nr processes have been. Returns what they left, in KiB of memory in use. */
static uint64_t go_on(struct lapse *l, uint64_t *done, uint64_t nr)
{
	for (; *done < nr; ++*done) {
		if (*done >= NR_LIVE)
			end_one(l, *done - NR_LIVE);
		live_one(l, *done);
		if (*done % SWEEP_EVERY == 0) {
			pipeline_sweep(l->pl, NULL, NULL);
			assert_int_equal(pipeline_flush(l->pl), 0);
		}
	}
	return rss_kb();
}

static struct lapse lapse_open(void)
{
	struct lapse l = { .objects = object_table_new() };

	l.run = (struct run_info){ .what = "lapse", .tier = "truth", .start_ns = MS };
	l.now = l.run.start_ns;
	l.pl = pipeline_new(l.objects);
	rules_init(&l.rules);
	assert_int_equal(out_open(&l.out, "/dev/null"), 0);
	return l;
}

static void run_lapse(struct lapse *l)
{
	const char *more = getenv("LAPSE_PROCESSES");
	uint64_t nr = more ? strtoull(more, NULL, 0) : FEW, done = 0, warm, full;
	struct totals totals;

	pipeline_set_judge(l->pl, judge_new(all_detectors, &l->rules));
	warm = go_on(l, &done, nr / 4);
	full = go_on(l, &done, nr);
	if (more)
		print_message("%llu processes: %llu KiB in use after a quarter, %llu at the end\n",
			      (unsigned long long)nr, (unsigned long long)warm,
			      (unsigned long long)full);
#ifndef __SANITIZE_ADDRESS__ /* it keeps what was freed */
	assert_true(full < RSS_MAX_KB);
	assert_true(full < warm + SLACK_KB);
#endif
	assert_int_equal(pipeline_finish(l->pl, l->now, &totals), 0);
	assert_int_equal(totals.nr_procs, nr + 1);
	pipeline_free(l->pl);
	out_close(&l->out);
	rules_done(&l->rules);
	object_table_free(l->objects);
}

static void test_lines(void **state)
{
	struct lapse l = lapse_open();
	struct line_config cfg = { .out = &l.out, .run = &l.run, .min_severity = SEVERITY_INFO };

	(void)state;
	select_all(&cfg.select);
	pipeline_add_sink(l.pl, text_sink_new(&cfg));
	run_lapse(&l);
}

/* Names are written once in each file: so what a recorder has of them goes with its file. */
static void test_recording(void **state)
{
	char dir[] = "/tmp/lapse.XXXXXX", path[64], command[64];
	struct lapse l = lapse_open();
	struct record_config cfg = { .path = path,
				     .arguments = "",
				     .run = &l.run,
				     .pipeline = l.pl,
				     .rotate_bytes = 4 << 20,
				     .keep = 2 };
	struct sink sink;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/lapse.rec", dir);
	assert_int_equal(record_sink_new(&cfg, &sink), 0);
	pipeline_add_sink(l.pl, sink);
	run_lapse(&l);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

/* With a name: that test alone. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_recording),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
