/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time that all detectors together add to one change, by kinds of work: equal events go through a
 * pipeline with and without a judge, in turns; medians of rounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/judge.h"
#include "core/pipeline.h"
#include "detect/detectors.h"

#define ROUNDS	  21
#define NR_CALLS  200000
#define BASE	  0x7e0000000000ULL
#define ANON_ARGS 0x32 /* MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED */

struct run {
	struct object_table *objects;
	struct pipeline *pl;
	struct rules rules;
	struct event ev;
	uint64_t nr_changes;
};

static int count_change(void *priv, const struct change *ch)
{
	(void)ch;
	++*(uint64_t *)priv;
	return 0;
}

static const struct sink_ops count_ops = { .name = "count", .change = count_change };

static void call(struct run *r, enum mpw_call id, uint64_t page, uint64_t n_pages, uint64_t prot)
{
	struct event_call *c = &r->ev.call;

	r->ev.ts_ns += 1000;
	c->id = id;
	c->arg[0] = BASE + page * page_bytes;
	c->arg[1] = n_pages * page_bytes;
	c->arg[2] = prot;
	c->arg[3] = ANON_ARGS;
	c->ret = id == MPW_CALL_MMAP ? (int64_t)c->arg[0] : 0;
	pipeline_feed(r->pl, &r->ev);
}

/* As a JIT does: one of 64 chunks of code is opened and closed. */
static void do_jit(struct run *r, unsigned int i)
{
	uint64_t page = 128 * (i / 2 % 64);

	call(r, MPW_CALL_MPROTECT, page, 128, i % 2 ? VMA_R | VMA_X : VMA_R | VMA_W);
}

/* As malloc does with large pieces. */
static void do_malloc(struct run *r, unsigned int i)
{
	uint64_t page = 10000 + i / 2 % 512 * 64;

	call(r, i % 2 ? MPW_CALL_MUNMAP : MPW_CALL_MMAP, page, 40, VMA_R | VMA_W);
}

/* As a garbage collector's barriers. */
static void do_barrier(struct run *r, unsigned int i)
{
	uint64_t page = i / 2 * 7919 % 4000 * 2;

	call(r, MPW_CALL_MPROTECT, page, 1, i % 2 ? VMA_R | VMA_W : VMA_R);
}

/* Mappings that come to be rwx and go. */
static void do_rwx(struct run *r, unsigned int i)
{
	uint64_t page = 10000 + i / 2 % 512 * 64;

	call(r, i % 2 ? MPW_CALL_MUNMAP : MPW_CALL_MMAP, page, 16, VMA_R | VMA_W | VMA_X);
}

static const struct {
	const char *name;
	void (*step)(struct run *r, unsigned int i);
} works[] = { { "code flipped", do_jit },
	      { "malloc's mmap and munmap", do_malloc },
	      { "pages read-only and back", do_barrier },
	      { "rwx mapped and unmapped", do_rwx } };

static double one(void (*step)(struct run *r, unsigned int i), bool judged)
{
	struct run r = { .ev = { .type = EVENT_RANGE,
				 .pid = 100,
				 .mm = 100,
				 .has_range = true,
				 .hi = UINT64_MAX } };
	struct timespec from, to;
	unsigned int i;

	rules_init(&r.rules);
	r.objects = object_table_new();
	r.pl = pipeline_new(r.objects);
	pipeline_add_sink(r.pl, (struct sink){ .ops = &count_ops, .priv = &r.nr_changes });
	if (judged)
		pipeline_set_judge(r.pl, judge_new(all_detectors, &r.rules));
	pipeline_feed(r.pl, &r.ev);
	r.ev.type = EVENT_CALL;
	r.ev.has_range = false;
	call(&r, MPW_CALL_MMAP, 0, 9000, VMA_R | VMA_W);
	for (i = 0; i < 20000; i++)
		step(&r, i);
	r.nr_changes = 0;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (i = 0; i < NR_CALLS; i++)
		step(&r, i);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	pipeline_free(r.pl);
	object_table_free(r.objects);
	rules_done(&r.rules);
	return ((to.tv_sec - from.tv_sec) * 1e9 + (to.tv_nsec - from.tv_nsec)) /
	       (r.nr_changes ? r.nr_changes : 1);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(void)
{
	double with[ROUNDS], without[ROUNDS];
	size_t w, i;

	puts("detectors, ns a change          without    with   added");
	for (w = 0; w < sizeof(works) / sizeof(*works); w++) {
		for (i = 0; i < ROUNDS; i++) {
			without[i] = one(works[w].step, false);
			with[i] = one(works[w].step, true);
		}
		qsort(with, ROUNDS, sizeof(*with), compare);
		qsort(without, ROUNDS, sizeof(*without), compare);
		printf("  %-28s %8.0f %7.0f %7.0f\n", works[w].name, without[ROUNDS / 2],
		       with[ROUNDS / 2], with[ROUNDS / 2] - without[ROUNDS / 2]);
	}
	return 0;
}
