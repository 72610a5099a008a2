/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that a stream of events can make us keep is bounded: forks that copy a mirror for some
 * bytes each, calls that a filter answers, processes out of nothing. Whoever fills it pays, and
 * nobody else, and the stream goes on. Whatever ends makes room again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/give_up.h"
#include "core/judge.h"
#include "core/pipeline.h"
#include "core/stale.h"
#include "core/weight.h"
#include "detect/detectors.h"

#define MAX   (1u << 16)
#define SHARE (MAX / 8)
#define BASE  0x100000000ULL
#define ROOT  0
#define USER  1000

struct world {
	struct object_table *objects;
	struct rules rules;
	struct pipeline *pl;
	uint64_t ts_ns;
	uint64_t nr_given_up, nr_ended; /* as an output sees it */
	uint32_t given_up;		/* pid */
};

static int on_event(void *priv, const struct event *ev, const struct proc *p,
		    const struct proc *child)
{
	struct world *w = priv;

	(void)child;
	if (ev->type == EVENT_LOSS && ev->given_up) {
		assert_true(stale_everywhere(p->mm));
		w->nr_given_up++;
		w->given_up = ev->pid;
	}
	w->nr_ended += ev->type == EVENT_EXIT && ev->exit_code == EXIT_UNSEEN;
	return 0;
}

static const struct sink_ops sink_ops = { .name = "count", .begin_event = on_event };

static void setup(struct world *w)
{
	*w = (struct world){ .objects = object_table_new(), .ts_ns = 1 };
	rules_init(&w->rules);
	w->pl = pipeline_new(w->objects);
	pipeline_limit(w->pl, MAX);
	pipeline_set_judge(w->pl, judge_new(all_detectors, &w->rules));
	pipeline_add_sink(w->pl, (struct sink){ .ops = &sink_ops, .priv = w });
}

static void teardown(struct world *w)
{
	pipeline_free(w->pl);
	object_table_free(w->objects);
	rules_done(&w->rules);
}

static struct event event(struct world *w, enum event_type type, uint32_t pid)
{
	struct event ev = { .type = type,
			    .ts_ns = w->ts_ns += 1000,
			    .pid = pid,
			    .tid = pid,
			    .mm = pid };

	return ev;
}

static void identify(struct event *ev, uint32_t uid)
{
	ev->start_ns = 1000000000ULL * ev->pid;
	ev->facts.has = 1U << MPW_FACT_UID;
	ev->facts.value[MPW_FACT_UID].number = uid;
}

/* A snapshot of nr mappings with a hole behind each. */
static void seed(struct world *w, uint32_t pid, uint32_t uid, unsigned int nr)
{
	static struct vma_seen seen[2 * SHARE];
	struct event ev = event(w, EVENT_RANGE, pid);
	unsigned int i;

	assert_true(nr <= 2 * SHARE);
	for (i = 0; i < nr; i++)
		seen[i] = (struct vma_seen){
			.start = BASE + 2 * i * page_bytes,
			.end = BASE + (2 * i + 1) * page_bytes,
			.attr = { .flags = VMA_MAPPED | VMA_R,
				  .obj = object_simple(w->objects, OBJECT_ANON) },
		};
	identify(&ev, uid);
	ev.has_range = true;
	ev.hi = MPW_TASK_MAX;
	ev.seen = seen;
	ev.nr_seen = nr;
	assert_int_equal(pipeline_feed(w->pl, &ev), 0);
}

static void fork_one(struct world *w, uint32_t pid, uint32_t child, uint32_t uid, bool shared)
{
	struct event ev = event(w, EVENT_FORK, pid);

	identify(&ev, uid);
	ev.start_ns = 1000000000ULL * child;
	ev.child.pid = child;
	ev.child.mm = shared ? pid : child;
	assert_int_equal(pipeline_feed(w->pl, &ev), 0);
}

static void end_one(struct world *w, uint32_t pid)
{
	struct event ev = event(w, EVENT_EXIT, pid);

	assert_int_equal(pipeline_feed(w->pl, &ev), 0);
}

/* An mprotect whose effect was read back. */
static void protect(struct world *w, uint32_t pid, unsigned int i, unsigned int prot)
{
	struct event ev = event(w, EVENT_CALL, pid);

	ev.call.id = MPW_CALL_MPROTECT;
	ev.call.arg[0] = BASE + 2 * i * page_bytes;
	ev.call.arg[1] = page_bytes;
	ev.call.arg[2] = prot;
	assert_int_equal(pipeline_feed(w->pl, &ev), 0);
}

static const struct mm *mm_of(struct world *w, uint32_t pid)
{
	const struct proc *p = pipeline_find(w->pl, pid);

	assert_non_null(p);
	return p->mm;
}

static size_t weight_of_all(struct world *w)
{
	const struct proc *p;
	size_t n = 0;

	for (p = pipeline_next(w->pl, NULL); p; p = pipeline_next(w->pl, p))
		n += weight_of(p->mm);
	return n;
}

/* One process's mirror is more than its share: it is given up, others are not. */
static void heavy_process(void **state)
{
	struct totals totals;
	struct buf b = { 0 };
	struct world w;
	unsigned int i;

	(void)state;
	setup(&w);
	seed(&w, 1, USER, 100);
	seed(&w, 2, USER, SHARE - 10);
	assert_int_equal(w.nr_given_up, 0);
	for (i = SHARE; i < 4 * SHARE; i++) { /* memory of which nothing was known */
		protect(&w, 2, i, 1);
		assert_true(weight_of(mm_of(&w, 2)) <= SHARE + 2);
	}
	assert_int_equal(w.given_up, 2);
	assert_int_equal(w.nr_given_up, 1);
	assert_true(mm_of(&w, 2)->given_up);
	assert_int_equal(aspace_nr_vmas(mm_of(&w, 1)->as), 100);
	pipeline_put_given_up(w.pl, &b);
	assert_non_null(strstr(buf_str(&b), " 2 is not known: its "));
	buf_done(&b);
	assert_int_equal(pipeline_finish(w.pl, w.ts_ns, &totals), 0);
	assert_int_equal(totals.doubts.nr_given_up, 1);
	assert_false(totals_are_certain(&totals));
	teardown(&w);
}

/* A user's forks copy his big mirror: his copies are given up, another's big mirror is not. */
static void heavy_forks(void **state)
{
	struct world w;
	uint32_t pid;

	(void)state;
	setup(&w);
	seed(&w, 1, ROOT, SHARE - 100);
	seed(&w, 2, USER, SHARE - 200);
	for (pid = 10; pid < 100; pid++) {
		fork_one(&w, 2, pid, USER, false);
		assert_true(weight_of_all(&w) < MAX + SHARE);
	}
	assert_true(w.nr_given_up > 50);
	assert_false(mm_of(&w, 1)->given_up);
	assert_int_equal(aspace_nr_vmas(mm_of(&w, 1)->as), SHARE - 100);
	assert_true(mm_of(&w, 99)->given_up || mm_of(&w, 98)->given_up);
	seed(&w, 3, ROOT, 1000); /* others begin, too */
	assert_int_equal(aspace_nr_vmas(mm_of(&w, 3)->as), 1000);
	teardown(&w);
}

/* Some of small processes without end are taken as ended; those of others are not. */
static void many_processes(void **state)
{
	struct world w;
	uint32_t pid;

	(void)state;
	setup(&w);
	seed(&w, 1, ROOT, 100);
	for (pid = 10; pid < 4000; pid++)
		seed(&w, pid, USER, 1);
	assert_true(w.nr_ended > 1000);
	assert_int_equal(w.nr_given_up, 0);
	assert_non_null(pipeline_find(w.pl, 1));
	teardown(&w);
}

/* The mirror is taken up again, when its time has come and there is room. */
static void taken_up_again(void **state)
{
	struct world w;
	uint64_t now;
	uint32_t pid;

	(void)state;
	setup(&w);
	seed(&w, 2, USER, SHARE - 200);
	for (pid = 10; pid < 20; pid++)
		fork_one(&w, 2, pid, USER, false);
	assert_true(w.nr_given_up > 0);
	pid = w.given_up;
	now = w.ts_ns + 600000000000ULL;
	assert_int_equal(pipeline_next_stale(w.pl, w.ts_ns), 0); /* not yet */
	assert_int_equal(pipeline_next_stale(w.pl, now), 0);	 /* no room */
	for (pid = 10; pid < 20; pid++)
		if (pid != w.given_up)
			end_one(&w, pid);
	now += 600000000000ULL;
	assert_int_equal(pipeline_next_stale(w.pl, now), w.given_up);
	seed(&w, w.given_up, USER, 100);
	assert_false(mm_of(&w, w.given_up)->given_up);
	assert_null(mm_of(&w, w.given_up)->stale);
	teardown(&w);
}

/* A shell lives for ever, and so can a mirror that many share. */
static void lets_others_live(void **state)
{
	struct world w;
	uint32_t pid;

	(void)state;
	setup(&w);
	seed(&w, 1, USER, 500);
	for (pid = 2; pid < 2000; pid++) {
		fork_one(&w, 1, pid, USER, false);
		end_one(&w, pid);
	}
	for (pid = 2; pid < 100; pid++)
		fork_one(&w, 1, pid, USER, true);
	assert_int_equal(w.nr_given_up + w.nr_ended, 0);
	assert_int_equal(aspace_nr_vmas(mm_of(&w, 99)->as), 500);
	teardown(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heavy_process),    cmocka_unit_test(heavy_forks),
		cmocka_unit_test(many_processes),   cmocka_unit_test(taken_up_again),
		cmocka_unit_test(lets_others_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
