/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings in the timeline: where they are, the worst of many, and never too wide. */
#include "unit/world.h"

static const struct rule rule = { .id = "wx", .technique = "T1620" };

/* A finding in one page from nr_page on, told in this state. */
static void find(struct world *w, uint32_t pid, uint64_t id, enum severity severity,
		 unsigned int nr_page, enum finding_state state)
{
	const struct proc *p = pipeline_find(w->pl, pid);
	struct finding f = { .id = id,
			     .life = p ? p->life : NULL,
			     .rule = &rule,
			     .state = state,
			     .severity = severity,
			     .pid = pid,
			     .first_ns = w->run.start_ns + MS,
			     .last_ns = w->now,
			     .nr_changes = state == FINDING_OVER ? 5 : 1,
			     .nr_calls = state == FINDING_OVER ? 5 : 1,
			     .nr_regions = 1,
			     .nr_kept = 1 };

	f.start = f.changes[0].start = JIT + PAGES(nr_page);
	f.end = f.changes[0].end = f.start + page_bytes;
	buf_printf(&f.why, "sentence %u, a/%040d/and-what-else-a-name-may-have", nr_page, 0);
	w->sink.ops->finding(w->sink.priv, &f);
	buf_done(&f.why);
}

static void world_with(struct world *w, struct task *ret, int width)
{
	world_init(w, width);
	w->cfg.min_severity = SEVERITY_LOW;
	world_start(w);
	*ret = task_new(w, 4242, "node");
	attach(w, ret);
	w->now += MS;
	call(w, ret, JIT + PAGES(64), 4, &anon, VMA_PROT);
}

static void test_place(void **state)
{
	struct world w;
	struct task p;
	static const char told[] = "      +1.000 ms low wx: 5 times";
	const char *page, *lane, *rest;

	(void)state;
	world_with(&w, &p, 100);
	find(&w, 4242, 1, SEVERITY_LOW, 65, FINDING_NEW);
	find(&w, 4242, 2, SEVERITY_HIGH, 9999, FINDING_NEW);
	find(&w, 4242, 3, SEVERITY_INFO, 66, FINDING_NEW);
	w.now += 10 * MS;
	call(&w, &p, JIT + PAGES(128), 1, &v8, RX);
	leave(&w, &p, 0);
	find(&w, 4242, 1, SEVERITY_LOW, 65, FINDING_OVER); /* told when the process is gone */
	page = finish(&w);
	lane = strstr(page, "WX!");
	assert_non_null(lane);
	lane = strchr(lane, '\n') + 1;
	assert_memory_equal(lane, told, strlen(told));
	rest = strstr(page, "HIGH wx: sentence 9999");
	assert_true(rest > strstr(page, "[anon:v8]"));
	assert_has(page, "+1.000 ms 7f320270f000 HIGH"); /* with its address there */
	assert_has_not(page, "sentence 66");
	world_done(&w);
}

static void test_worst_of_many(void **state)
{
	struct world w;
	struct task p;
	const char *page;
	unsigned int i;

	(void)state;
	world_with(&w, &p, 100);
	for (i = 0; i < 100; i++)
		find(&w, 4242, 1 + i, SEVERITY_LOW, 1000 + i, FINDING_NEW);
	find(&w, 4242, 200, SEVERITY_HIGH, 500, FINDING_NEW);
	find(&w, 4242, 100, SEVERITY_MEDIUM, 1099, FINDING_WORSE); /* that there was no room for */
	for (i = 0; i < 99; i++)
		find(&w, 4242, 1 + i, SEVERITY_LOW, 1000 + i, FINDING_OVER);
	page = finish(&w);
	assert_has(page, "101 findings");
	assert_has(page, "HIGH wx: sentence 500");
	assert_has(page, "sentence 1099");
	assert_has(page, "... and 24 more findings (--all shows them)");
	assert_has(page, "... and 69 more findings that found no room");
	assert_true(nr_lines(page) < 50);
	world_done(&w);
}

/* Who did something bad comes first, however little it was. */
static void test_comes_first(void **state)
{
	struct world w;
	struct task p, bad;
	const char *page;

	(void)state;
	world_with(&w, &p, 100);
	toggle_jit(&w, &p, 20, MS);
	bad = fork_from(&w, &p, 4300, false);
	call(&w, &bad, JIT + PAGES(256), 1, &anon, R);
	find(&w, 4300, 1, SEVERITY_HIGH, 256, FINDING_NEW);
	page = finish(&w);
	assert_true(strstr(page, "pid 4300") < strstr(page, "pid 4242 node,"));
	world_done(&w);
}

static void test_width(void **state)
{
	static const int widths[] = { 40, 64, 100 };
	struct world w;
	struct task p;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		world_with(&w, &p, widths[i]);
		find(&w, 4242, 1, SEVERITY_LOW, 65, FINDING_NEW);
		find(&w, 4242, 2, SEVERITY_MEDIUM, 9999, FINDING_NEW);
		assert_in_range(widest(finish(&w)), widths[i] - 1, widths[i]);
		world_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_worst_of_many),
		cmocka_unit_test(test_comes_first),
		cmocka_unit_test(test_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
