/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Folding loses nothing: whatever happens, each change that makes code is counted in
 * one finding, regions past the cap too. And what is remembered of an address space
 * is bounded, goes over to a child, and is forgotten with the mapping.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/judge.h"
#include "core/pipeline.h"
#include "detect/detectors.h"

#define BASE 0x7e0000000000ULL

/* A sink that counts, by its own reckoning and by what findings say. */
struct count {
	uint64_t made, counted, nr_over, nr_new, suppressed;
	uint32_t last_pid;
	enum severity worst;
	char last_rule[32];
};

struct world {
	struct object_table *objects;
	struct pipeline *pl;
	struct judge *judge;
	struct rules rules;
	struct count count;
	uint64_t ts_ns;
};

static bool is_code_rule(const char *id)
{
	return !strcmp(id, "wx") || !strcmp(id, "w-to-x") || !strcmp(id, "x-to-w") ||
	       !strcmp(id, "jit-like");
}

static int count_change(void *priv, const struct change *ch)
{
	struct count *c = priv;
	uint16_t b = ch->before.flags & VMA_PROT, a = ch->after.flags & VMA_PROT;

	if (ch->ev->call.id == MPW_CALL_MMAP)
		b = 0;
	if ((a & VMA_W && a & VMA_X) ? !(b & VMA_W && b & VMA_X) :
				       ((b & VMA_W && a & VMA_X && !(b & VMA_X)) ||
					(b & VMA_X && a & VMA_W && !(b & VMA_W))))
		c->made++;
	return 0;
}

static int count_finding(void *priv, const struct finding *f)
{
	struct count *c = priv;

	if (f->state == FINDING_NEW) {
		c->nr_new++;
		c->last_pid = f->pid;
		strncpy(c->last_rule, f->rule->id, sizeof(c->last_rule) - 1);
	}
	if (f->severity > c->worst)
		c->worst = f->severity;
	if (f->state != FINDING_OVER)
		return 0;
	c->nr_over++;
	if (is_code_rule(f->rule->id))
		c->counted += f->nr_changes;
	return 0;
}

static const struct sink_ops count_ops = { .name = "count",
					   .change = count_change,
					   .finding = count_finding };

static void world_init(struct world *w)
{
	const struct event seed = { .type = EVENT_RANGE,
				    .pid = 100,
				    .mm = 100,
				    .ts_ns = 1,
				    .has_range = true,
				    .hi = UINT64_MAX };

	memset(w, 0, sizeof(*w));
	rules_init(&w->rules);
	w->objects = object_table_new();
	w->pl = pipeline_new(w->objects);
	w->judge = judge_new(all_detectors, &w->rules);
	pipeline_set_judge(w->pl, w->judge);
	pipeline_add_sink(w->pl, (struct sink){ .ops = &count_ops, .priv = &w->count });
	pipeline_feed(w->pl, &seed);
}

static void world_done(struct world *w)
{
	pipeline_free(w->pl);
	object_table_free(w->objects);
	rules_done(&w->rules);
}

static void call(struct world *w, uint32_t pid, enum mpw_call id, uint64_t addr, uint64_t len,
		 uint64_t prot)
{
	struct event ev = { .type = EVENT_CALL,
			    .pid = pid,
			    .tid = pid,
			    .mm = pid,
			    .ts_ns = ++w->ts_ns * 1000 };

	ev.call.id = id;
	ev.call.arg[0] = addr;
	ev.call.arg[1] = len;
	ev.call.arg[2] = prot;
	ev.call.arg[3] = 0x32; /* MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED */
	ev.call.ret = id == MPW_CALL_MMAP ? (int64_t)addr : 0;
	assert_int_equal(pipeline_feed(w->pl, &ev), 0);
}

static void map(struct world *w, unsigned int page, unsigned int n_pages, uint64_t prot)
{
	call(w, 100, MPW_CALL_MMAP, BASE + page * page_bytes, n_pages * page_bytes, prot);
}

static void protect(struct world *w, unsigned int page, unsigned int n_pages, uint64_t prot)
{
	call(w, 100, MPW_CALL_MPROTECT, BASE + page * page_bytes, n_pages * page_bytes, prot);
}

/* Random rights, without rw- -> r-- -> r-x detours, which the reckoning above does not know. */
static void test_counts(void **state)
{
	static const uint64_t prots[] = { VMA_W, VMA_X, VMA_W | VMA_X, VMA_R | VMA_W };
	struct world w;
	unsigned int round, i;

	(void)state;
	for (round = 0; round < 200; round++) {
		world_init(&w);
		srand(round);
		w.rules.thresholds.jit_changes = round % 2 ? 8 : UINT64_MAX;
		map(&w, 0, 64, VMA_W);
		for (i = 0; i < 200; i++) {
			unsigned int page = rand() % 60, n = 1 + rand() % 4;

			if (rand() % 8)
				protect(&w, page, n, prots[rand() % 4]);
			else
				map(&w, page, n, prots[rand() % 4]);
		}
		assert_int_equal(pipeline_finish(w.pl, w.ts_ns, NULL), 0);
		assert_true(w.count.made > 50);
		assert_int_equal(w.count.counted, w.count.made);
		assert_int_equal(w.count.nr_over, w.count.nr_new);
		world_done(&w);
	}
}

static void test_regions_are_capped(void **state)
{
	struct world w;
	unsigned int i;

	(void)state;
	world_init(&w);
	w.rules.thresholds.jit_changes = UINT64_MAX;
	w.rules.thresholds.anon_exec_after_ns = UINT64_MAX;
	for (i = 0; i < 1000; i++)
		map(&w, 2 * i, 1, VMA_W | VMA_X);
	assert_int_equal(w.count.nr_new, FINDINGS_MAX);
	pipeline_finish(w.pl, w.ts_ns, NULL);
	assert_int_equal(w.count.counted, 1000);
	world_done(&w);
}

static void test_past_is_capped(void **state)
{
	struct totals totals;
	struct world w;
	unsigned int i;

	(void)state;
	world_init(&w);
	map(&w, 0, 4 * PAST_MARKS, VMA_W);
	for (i = 0; i < 2 * PAST_MARKS; i++)
		protect(&w, 2 * i, 1, VMA_R);
	/* what found no room is not found, and is told */
	protect(&w, 2, 1, VMA_X);
	assert_string_equal(w.count.last_rule, "w-to-x");
	assert_int_equal(w.count.nr_new, 1);
	protect(&w, 4 * PAST_MARKS - 2, 1, VMA_X);
	assert_int_equal(w.count.nr_new, 1);
	pipeline_finish(w.pl, w.ts_ns, &totals);
	assert_true(totals.dropped > PAST_MARKS / 2);
	world_done(&w);
}

static void test_child_inherits_the_past(void **state)
{
	struct event fork = { .type = EVENT_FORK, .pid = 100, .mm = 100, .ts_ns = 1 };
	struct world w;

	(void)state;
	world_init(&w);
	map(&w, 0, 1, VMA_W);
	protect(&w, 0, 1, VMA_R);
	fork.child.pid = fork.child.mm = 200;
	pipeline_feed(w.pl, &fork);
	call(&w, 100, MPW_CALL_MUNMAP, BASE, page_bytes, 0);
	map(&w, 0, 1, VMA_R);
	protect(&w, 0, 1, VMA_X); /* another mapping: never written */
	assert_int_equal(w.count.nr_new, 0);
	call(&w, 200, MPW_CALL_MPROTECT, BASE, page_bytes, VMA_X);
	assert_int_equal(w.count.nr_new, 1);
	assert_int_equal(w.count.last_pid, 200);
	world_done(&w);
}

/* Any order of whole lives: everything that the judge keeps goes with its address space. */
static void test_lives(void **state)
{
	struct world w;
	unsigned int i;

	(void)state;
	world_init(&w);
	srand(1);
	for (i = 0; i < 3000; i++) {
		uint32_t pid = 100 + rand() % 4;
		struct event ev = { .pid = pid, .mm = pid, .ts_ns = ++w.ts_ns };

		switch (rand() % 5) {
		case 0:
			ev.type = EVENT_FORK;
			ev.child.pid = 100 + rand() % 4;
			if (ev.child.pid == pid)
				continue;
			ev.child.mm = rand() % 2 ? ev.mm : ev.child.pid;
			break;
		case 1:
			ev.type = EVENT_EXIT;
			break;
		case 2:
			ev.type = EVENT_EXEC;
			ev.mm = 1000 + rand() % 4;
			break;
		default:
			call(&w, pid, rand() % 2 ? MPW_CALL_MMAP : MPW_CALL_MPROTECT, BASE,
			     (1 + rand() % 4) * page_bytes, rand() % 8);
			continue;
		}
		assert_int_equal(pipeline_feed(w.pl, &ev), 0);
	}
	pipeline_finish(w.pl, w.ts_ns, NULL);
	assert_int_equal(w.count.nr_over, w.count.nr_new);
	world_done(&w);
}

static void test_rules(void **state)
{
	struct rule_setting set = { .id = "wx", .severity = SEVERITY_HIGH };
	struct suppression off = { .rule = "w-to-x",
				   .exe = "none",
				   .path = "[[]anon]",
				   .caller = "none",
				   .reason = "a test" };
	struct world w;

	(void)state;
	world_init(&w);
	w.rules.settings = &set;
	w.rules.suppressions = &off;
	w.rules.nr_settings = w.rules.nr_suppressions = 1;
	map(&w, 0, 1, VMA_W | VMA_X);
	assert_int_equal(w.count.worst, SEVERITY_HIGH);
	map(&w, 4, 1, VMA_W);
	protect(&w, 4, 1, VMA_X);
	assert_int_equal(w.count.nr_new, 1);
	assert_int_equal(off.count, 1);
	set.disabled = true;
	map(&w, 8, 1, VMA_W | VMA_X);
	assert_int_equal(w.count.nr_new, 1);
	assert_int_equal(judge_verdicts(w.judge)->nr_suppressed, 1);
	w.rules.nr_settings = w.rules.nr_suppressions = 0;
	w.rules.settings = NULL;
	w.rules.suppressions = NULL;
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_regions_are_capped),
		cmocka_unit_test(test_past_is_capped),
		cmocka_unit_test(test_child_inherits_the_past),
		cmocka_unit_test(test_lives),
		cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
