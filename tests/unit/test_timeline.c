/* SPDX-License-Identifier: BSD-2-Clause */
/* The page that ends a run: what it says, what it leaves out, and that it fits. */
#include "unit/world.h"

#include "sink/timeline/timeline_row.h"

/* A day in the life of a process with a JIT. */
static void play_node(struct world *w, const struct task *p)
{
	attach(w, p);
	for (unsigned int i = 0; i < 8; i++) {
		w->now += 100 * MS;
		call(w, p, HEAP + PAGES(33 + 33 * i), 33, &heap, RW);
	}
	toggle_jit(w, p, 7, 80 * MS);
	w->now += 200 * MS;
	call(w, p, JIT + PAGES(64), 4, &anon, VMA_PROT);
	w->now += 300 * MS;
	call(w, p, JIT + PAGES(64), 4, &anon, RX);
	w->now += 400 * MS;
	call(w, p, LIB + PAGES(340), 2, &libc, R);
	w->now += 100 * MS;
	call(w, p, JIT + PAGES(128), 1, &hostile, RW);
	w->now += 300 * MS;
	call(w, p, JIT + PAGES(128), 1, NULL, 0);
	refused(w, p);
	w->now += 600 * MS;
}

static void test_page(void **state)
{
	struct world w;
	struct task p;
	const char *page;

	(void)state;
	world_init(&w, 100);
	world_start(&w);
	p = task_new(&w, 4242, "node");
	play_node(&w, &p);
	page = finish(&w);
	assert_has(page, "pid 4242 node, /usr/bin/node,");
	assert_has(page, "still running");
	assert_has(page, "20 changes");
	assert_has(page, "mappings never changed");
	assert_has(line_with(page, "[heap]"), "wwwwwwwwwwww|");
	assert_has(page, "132K to 1.1M");
	assert_has(page, "▁");
	assert_has(page, "█");
	assert_has(line_with(page, "[anon:v8]"), "W>X");
	assert_has(line_with(page, "WX!"), "..###");
	assert_has(line_with(page, "WX!"), "#xxx");
	assert_has(line_with(page, "libc"), "wwwwrrr");
	assert_has_not(page, "\033");
	/* Rows that changed and are shown stand above those that only changed. */
	assert_true(strstr(page, "WX!") < strstr(page, "W>X"));
	assert_true(strstr(page, "W>X") < strstr(page, "libc"));
	world_done(&w);
}

/* A process to which somebody wrote is shown for that alone, and so is the region. */
static void test_writes(void **state)
{
	struct world w;
	struct task p;

	(void)state;
	world_init(&w, 100);
	world_start(&w);
	p = task_new(&w, 4242, "node");
	attach(&w, &p);
	w.now += 50 * MS;
	for (uint32_t n = 0; n < 6; n++)
		wrote(&w, &p, LIB + PAGES(41) + n * 8, 200 + n / 2 * 2, "in\x1bject");
	wrote(&w, &p, 0x40a000 + PAGES(3), 300, "one");
	w.now += 50 * MS;
	assert_has(finish(&w), "libc.so.6");
	assert_has(line_with(w.page, "writes |"), "                ^");
	assert_has(w.page,
		   "+50.000 ms written 2 times by in\\x1bject 202 with process_vm_writev within\n"
		   "      7f2100029010-7f2100029020");
	assert_has(w.page, "+50.000 ms written by one 300 with process_vm_writev at 40d000-40d008");
	world_done(&w);
}

static void test_widths(void **state)
{
	static const int widths[] = { 40, 63, 64, 80, 100, 132, 200, 400 };

	(void)state;
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		struct world w;
		struct task p;

		world_init(&w, widths[i]);
		w.cfg.all = i & 1;
		world_start(&w);
		p = task_new(&w, 4242, "a\033[2Jb\ncdefgh");
		play_node(&w, &p);
		for (uint32_t n = 0; n < 9; n++)
			wrote(&w, &p, n ? LIB + n * MS : 0, 5000000 + n, "\033[2J\nwriter-of-all");
		exec(&w, &p, &hostile, "evil\n\007");
		toggle_jit(&w, &p, 5, MS);
		lose(&w, &p, 3);
		assert_in_range(widest(finish(&w)), widths[i] - 1, widths[i]);
		world_done(&w);
	}
}

static void test_hostile_names(void **state)
{
	struct world w;
	struct task p;
	const char *page;

	(void)state;
	world_init(&w, 200);
	w.run.what = "evil\033]0;title\007";
	world_start(&w);
	p = task_new(&w, 1, "\033[31m\nroot");
	play_node(&w, &p);
	exec(&w, &p, &hostile,
	     "\x9b"
	     "2J");
	call(&w, &p, JIT, 1, &hostile, VMA_PROT);
	page = finish(&w);
	for (const char *c = page; *c; c++)
		assert_true((unsigned char)*c >= ' ' || *c == '\n');
	assert_has_not(page, "\xff");
	assert_has_not(page, "\x9b"
			     "2");
	assert_has(page, "\\x");
	world_done(&w);
}

static void test_hundred_thousand_changes(void **state)
{
	struct world w;
	struct task p;
	const char *page;

	(void)state;
	world_init(&w, 100);
	world_start(&w);
	p = task_new(&w, 4242, "node");
	attach(&w, &p);
	toggle_jit(&w, &p, 50000, MS / 10);
	for (unsigned int i = 0; i < 50000; i++) {
		w.now += MS / 10;
		/* neighbours that are alike would be one row */
		call(&w, &p, JIT + PAGES(100 + 60 * (i * 7919 % 1000)), 1 + i * 7919 % 1000 % 50,
		     &anon, i & 2 ? R : RW);
	}
	page = finish(&w);
	assert_in_range(nr_lines(page), 20, 60);
	assert_int_equal(widest(page), 100);
	assert_has(page, "50000");
	assert_has(page, "more regions with up to");
	world_done(&w);
}

/* Stacks with their guards are two rows, and --all has each. */
static void test_alike(void **state)
{
	struct world w;
	struct task p;
	const char *page;

	(void)state;
	for (int all = 0; all < 2; all++) {
		world_init(&w, 100);
		w.cfg.all = all;
		world_start(&w);
		p = task_new(&w, 4242, "node");
		attach(&w, &p);
		for (unsigned int i = 0; i < 500; i++) {
			call(&w, &p, JIT + PAGES(4 * i), 1, &anon, 0);
			call(&w, &p, JIT + PAGES(4 * i + 1), 3, &anon, RW);
		}
		page = finish(&w);
		if (all)
			assert_true(nr_lines(page) > 1000);
		else
			assert_in_range(nr_lines(page), 6, 20);
		if (!all)
			assert_has(page, "[anon] ×500");
		world_done(&w);
	}
}

static void test_all(void **state)
{
	struct world w;
	struct task p;
	const char *page;

	(void)state;
	world_init(&w, 100);
	w.cfg.all = true;
	world_start(&w);
	p = task_new(&w, 4242, "node");
	attach(&w, &p);
	for (unsigned int i = 0; i < 300; i++) {
		w.now += MS;
		call(&w, &p, JIT + PAGES(3 * i), 1, &anon, RW);
	}
	page = finish(&w);
	assert_in_range(nr_lines(page), 300, 330);
	assert_has_not(page, "--all");
	world_done(&w);
}

static void test_loss(void **state)
{
	struct world w;
	struct task p;
	const char *chart;

	(void)state;
	world_init(&w, 100);
	world_start(&w);
	p = task_new(&w, 4242, "node");
	attach(&w, &p);
	toggle_jit(&w, &p, 4, 100 * MS);
	w.now += 200 * MS;
	lose(&w, NULL, 3);
	w.now += 200 * MS;
	heal(&w, &p);
	w.now += 200 * MS;
	chart = chart_of(finish(&w), "[anon:v8]");
	assert_has(w.page, "3 records were lost: gaps are drawn as ?");
	assert_has(chart, "x???");
	assert_has(chart, "???xxxx");
	assert_has(chart_of(w.page, "[heap]"), "w????");
	assert_has(chart_of(w.page, "[heap]"), "????wwww");
	world_done(&w);
}

static void test_loss_never_healed(void **state)
{
	struct world w;
	struct task p, other;

	(void)state;
	world_init(&w, 100);
	world_start(&w);
	p = task_new(&w, 1, "hurt");
	other = task_new(&w, 2, "well");
	attach(&w, &p);
	attach(&w, &other);
	toggle_jit(&w, &p, 4, 100 * MS);
	call(&w, &other, LIB, 4, &libc, RW);
	lose(&w, &p, 1);
	w.now += 400 * MS;
	assert_has(chart_of(finish(&w), "[anon:v8]"), "???????|");
	assert_has(chart_of(w.page, "libc.so.6"), "wwwwwwwwww|");
	world_done(&w);
}

static void test_fork_and_exec(void **state)
{
	struct world w;
	struct task p, child, vchild;
	const char *page;

	(void)state;
	world_init(&w, 100);
	world_start(&w);
	p = task_new(&w, 100, "bash");
	attach(&w, &p);
	call(&w, &p, LIB, 4, &libc, RW);
	w.now += 10 * MS;
	child = fork_from(&w, &p, 101, false);
	vchild = fork_from(&w, &p, 102, true);
	w.now += 10 * MS;
	exec(&w, &child, &bash, "bash");
	w.now += 10 * MS;
	exec(&w, &child, &node, "node");
	toggle_jit(&w, &child, 3, 10 * MS);
	/* The child of a vfork changes its parent's address space. */
	call(&w, &vchild, JIT + PAGES(64), 1, &anon, VMA_PROT);
	w.now += 10 * MS;
	leave(&w, &child, 3 << 8);
	leave(&w, &vchild, 9);
	w.now += 50 * MS;
	leave(&w, &p, 0);
	page = finish(&w);
	assert_has(page, "3 processes");
	assert_has(page, "exec chain: /usr/bin/node > /bin/bash > /usr/bin/node");
	assert_has(page, "exit status 3");
	assert_has(page, "exit status 0");
	assert_has(line_with(page, "pid 102"), "SIGKILL");
	assert_has(line_with(page, "pid 102"), "shares the");
	assert_has(page, "exec /usr/bin/node at +20");
	/* The W+X moment is the parent's, which makes it the first on the page. */
	assert_true(strstr(page, "pid 100 ") < strstr(page, "pid 101 "));
	assert_true(strstr(page, "WX!") < strstr(page, "pid 101 "));
	/* Nothing is drawn before an image began. */
	assert_has(chart_of(page, "[anon:v8]"), "|     ");
	world_done(&w);
}

/* A process can call exec for ever: what is kept of it is bounded, and what it did is counted. */
static void test_execs_without_end(void **state)
{
	struct world w;
	struct task p;
	const char *page;
	unsigned int i;

	(void)state;
	world_init(&w, 100);
	world_start(&w);
	p = task_new(&w, 100, "bash");
	attach(&w, &p);
	call(&w, &p, JIT, 1, &anon, VMA_PROT);
	for (i = 0; i < 300; i++) {
		w.now += MS;
		exec(&w, &p, &node, "node");
		call(&w, &p, JIT, 1, &anon, RW);
	}
	leave(&w, &p, 0);
	page = finish(&w);
	assert_has(page, "301 changes");
	assert_has(page, "237 programs no longer in memory >");
	world_done(&w);
}

static void test_quiet_processes(void **state)
{
	struct world w;
	struct task p;
	const char *page;

	(void)state;
	world_init(&w, 100);
	world_start(&w);
	p = task_new(&w, 1, "make");
	attach(&w, &p);
	for (uint32_t pid = 2; pid < 3000; pid++) {
		struct task child = fork_from(&w, &p, pid, false);

		w.now += MS;
		if (pid == 50)
			call(&w, &child, JIT, 1, &anon, VMA_PROT);
		leave(&w, &child, 0);
	}
	page = finish(&w);
	assert_in_range(nr_lines(page), 10, 60);
	assert_has(page, "2999 processes");
	assert_has(page, "pid 50 make");
	assert_has(line_with(page, "pid 2 "), "no changes");
	assert_has(page, "more processes with 0 changes (--all shows them)");
	world_done(&w);
}

static void test_pid_reused_after_lost_exit(void **state)
{
	struct world w;
	struct task old, new;

	(void)state;
	world_init(&w, 100);
	world_start(&w);
	old = task_new(&w, 7, "old");
	attach(&w, &old);
	call(&w, &old, JIT, 1, &anon, RW);
	w.now += MS;
	new = task_new(&w, 7, "new");
	new.start_ns = 1000000000;
	attach(&w, &new);
	call(&w, &new, JIT, 1, &anon, VMA_PROT);
	assert_has(finish(&w), "pid 7 old");
	assert_has(w.page, "pid 7 new");
	world_done(&w);
}

static void test_color(void **state)
{
	struct world w;
	struct task p;

	(void)state;
	world_init(&w, 100);
	w.cfg.color = true;
	world_start(&w);
	p = task_new(&w, 4242, "node");
	play_node(&w, &p);
	assert_has(finish(&w), "\033[1;31m#");
	assert_has(w.page, "\033[0m");
	world_done(&w);
}

static void test_nothing(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 40);
	world_start(&w);
	assert_has(finish(&w), "0 processes");
	world_done(&w);
}

/* Words beside a name leave it room, however narrow the column is. */
static void test_label(void **state)
{
	static const struct object nameless = { .kind = OBJECT_ANON, .name = "" };
	struct lane lane = { .obj = &nameless, .nr_objs = LANE_OBJECTS + 1, .is_guard = true };
	size_t cols;

	(void)state;
	for (cols = 10; cols < 40; cols++) {
		struct buf b = { 0 };

		assert_true(row_label(&b, &lane, cols) <= cols);
		assert_true(b.len <= cols + 8); /* a sign for a cut has three bytes */
		buf_done(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_label),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_hundred_thousand_changes),
		cmocka_unit_test(test_alike),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_loss_never_healed),
		cmocka_unit_test(test_fork_and_exec),
		cmocka_unit_test(test_execs_without_end),
		cmocka_unit_test(test_quiet_processes),
		cmocka_unit_test(test_pid_reused_after_lost_exit),
		cmocka_unit_test(test_color),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
