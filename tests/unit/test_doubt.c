/* SPDX-License-Identifier: BSD-2-Clause */
/* Which verdicts are not certain: because of what, and of which processes. */
#include "unit/world.h"

#include "core/judge.h"
#include "detect/detectors.h"

static char text[512];

static const char *doubts_of(struct world *w)
{
	struct totals t = { 0 };
	struct buf b = { 0 };

	assert_int_equal(pipeline_finish(w->pl, ++w->now, &t), 0);
	totals_put_doubts(&b, &t);
	totals_put_dropped(&b, &t);
	snprintf(text, sizeof(text), "%s", buf_str(&b));
	buf_done(&b);
	assert_int_equal(totals_are_certain(&t), !*text);
	return text;
}

static void nothing_lacks(void **state)
{
	struct world w;
	struct task a;

	(void)state;
	world_init(&w, 80);
	world_start(&w);
	a = task_new(&w, 100, "node");
	attach(&w, &a);
	call(&w, &a, JIT, 4, &anon, RX);
	leave(&w, &a, 0);
	assert_string_equal(doubts_of(&w), "");
	world_done(&w);
}

/* A loss is one for ever, though the mirror is healed. */
static void losses_have_names(void **state)
{
	struct world w;
	struct task a, b;

	(void)state;
	world_init(&w, 80);
	world_start(&w);
	a = task_new(&w, 100, "no\033de");
	b = task_new(&w, 101, "bash");
	attach(&w, &a);
	attach(&w, &b);
	lose(&w, &a, 2);
	lose(&w, NULL, 3);
	lose(&w, &a, 1);
	heal(&w, &a);
	heal(&w, &b);
	assert_string_equal(doubts_of(&w), "6 records were lost (no\\x1bde 100: 3)");
	world_done(&w);
}

/* Its memory was never known, and it did something there. */
static void memory_was_never_known(void **state)
{
	struct world w;
	struct task a, b;

	(void)state;
	world_init(&w, 80);
	world_start(&w);
	a = task_new(&w, 100, "node");
	b = task_new(&w, 101, "late");
	attach(&w, &a);
	call(&w, &b, JIT, 4, &anon, RX);
	leave(&w, &b, 0);
	assert_string_equal(doubts_of(&w), "the memory of 1 process was not known (late 101)");
	world_done(&w);
}

/* It made no call, but the kernel hides what it has mapped: cmd/mirrors.c feeds this then. */
static void memory_is_hidden(void **state)
{
	const struct event ev = { .type = EVENT_RANGE,
				  .pid = 102,
				  .tid = 102,
				  .comm = "other",
				  .check = true };
	struct world w;

	(void)state;
	world_init(&w, 80);
	world_start(&w);
	assert_int_equal(pipeline_feed(w.pl, &ev), 0);
	assert_string_equal(doubts_of(&w), "the memory of 1 process was not known (other 102)");
	world_done(&w);
}

/* Those who are shown on a replay, by their pid, lost nothing. */
static void others_are_no_matter(void **state)
{
	struct whom whom = { 0 };
	struct world w;
	struct task a, b;

	(void)state;
	world_init(&w, 80);
	id_list_add(&whom.pids, 101);
	world_start(&w);
	pipeline_choose(w.pl, &whom);
	a = task_new(&w, 100, "node");
	b = task_new(&w, 101, "bash");
	attach(&w, &a);
	attach(&w, &b);
	lose(&w, &a, 2);
	assert_string_equal(doubts_of(&w), "");
	whom_done(&whom);
	world_done(&w);
}

/* More ranges that were writable than are remembered of a process. */
static void fill_past(struct world *w, const struct task *t)
{
	call(w, t, JIT, 4 * PAST_MARKS, &anon, RW);
	for (uint64_t i = 0; i < PAST_MARKS + 4; i++)
		call(w, t, JIT + PAGES(2 * i), 1, &anon, R);
}

static void start_judged(struct world *w, struct rules *rules)
{
	world_init(w, 80);
	world_start(w);
	rules_init(rules);
	pipeline_set_judge(w->pl, judge_new(all_detectors, rules));
}

/* Only of a process whose past found no room it is not certain what there was to find. */
static void what_is_dropped_has_a_name(void **state)
{
	struct rules rules;
	struct world w;
	struct task a, b;

	(void)state;
	start_judged(&w, &rules);
	a = task_new(&w, 100, "busy");
	b = task_new(&w, 101, "calm");
	attach(&w, &a);
	attach(&w, &b);
	fill_past(&w, &a);
	call(&w, &b, JIT, 1, &anon, RX);
	leave(&w, &a, 0);
	assert_string_equal(doubts_of(&w),
			    "4 changes found no room in what is remembered (busy 100)");
	world_done(&w);
	rules_done(&rules);
}

/* A child lacks what its parent lacks; one that only calls exec needs nothing. */
static void a_child_lacks_it_too(void **state)
{
	struct rules rules;
	struct world w;
	struct task a, b, c;

	(void)state;
	start_judged(&w, &rules);
	a = task_new(&w, 100, "busy");
	attach(&w, &a);
	fill_past(&w, &a);
	b = fork_from(&w, &a, 101, false);
	c = fork_from(&w, &a, 102, false);
	call(&w, &b, JIT, 1, &anon, RX);
	exec(&w, &c, &node, "node");
	call(&w, &c, JIT, 1, &anon, RX);
	assert_string_equal(doubts_of(&w),
			    "8 changes found no room in what is remembered (busy 100, busy 101)");
	world_done(&w);
	rules_done(&rules);
}

/* Who is not shown makes no verdict uncertain, unless the memory is one's own, too. */
static void what_others_drop_is_no_matter(void **state)
{
	struct whom whom = { 0 };
	struct rules rules;
	struct world w;
	struct task a, b;
	int shares;

	(void)state;
	id_list_add(&whom.pids, 101);
	for (shares = 0; shares < 2; shares++) {
		start_judged(&w, &rules);
		pipeline_choose(w.pl, &whom);
		a = task_new(&w, 100, "busy");
		attach(&w, &a);
		b = fork_from(&w, &a, 101, shares);
		call(&w, &b, JIT + PAGES(4 * PAST_MARKS), 1, &anon, RW);
		fill_past(&w, &a);
		assert_string_equal(
			doubts_of(&w),
			shares ? "4 changes found no room in what is remembered (busy 100)" : "");
		world_done(&w);
		rules_done(&rules);
	}
	whom_done(&whom);
}

/* The first are named, and all are counted. */
static void names_have_a_cap(void **state)
{
	struct world w;
	struct task t;
	int i;

	(void)state;
	world_init(&w, 80);
	world_start(&w);
	for (i = 0; i < 100; i++) {
		t = task_new(&w, 1000 + i, "fork");
		attach(&w, &t);
		lose(&w, &t, 1);
		heal(&w, &t);
	}
	assert_non_null(strstr(doubts_of(&w), "100 records were lost (fork 1000: 1, "));
	assert_non_null(strstr(text, "fork 1007: 1)"));
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_lacks),
		cmocka_unit_test(losses_have_names),
		cmocka_unit_test(memory_was_never_known),
		cmocka_unit_test(memory_is_hidden),
		cmocka_unit_test(others_are_no_matter),
		cmocka_unit_test(what_is_dropped_has_a_name),
		cmocka_unit_test(a_child_lacks_it_too),
		cmocka_unit_test(what_others_drop_is_no_matter),
		cmocka_unit_test(names_have_a_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
