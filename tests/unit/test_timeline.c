/* SPDX-License-Identifier: BSD-2-Clause */
/* The page that ends a run: what it says, what it leaves out, and that it fits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sink/sinks.h"

#define LIB	 0x7f2100000000ULL
#define JIT	 0x7f3200000000ULL
#define HEAP	 0x55d0c0000000ULL
#define TOP	 (1ULL << 47)
#define PAGES(n) ((n)*PAGE_BYTES)
#define MS	 1000000ULL
#define R	 VMA_R
#define RW	 (VMA_R | VMA_W)
#define RX	 (VMA_R | VMA_X)

#define OBJECT(k, i, n)                                                                          \
	{                                                                                        \
		.kind = (k), .dev = (i) != 0, .ino = (i), .name = (n), .name_len = sizeof(n) - 1 \
	}
static const struct object node = OBJECT(OBJECT_FILE, 1, "/usr/bin/node");
static const struct object libc = OBJECT(OBJECT_FILE, 2, "/usr/lib/x86_64-linux-gnu/libc.so.6");
static const struct object bash = OBJECT(OBJECT_FILE, 3, "/bin/bash");
static const struct object hostile =
	OBJECT(OBJECT_FILE, 4, "/tmp/\033[2J\033]0;x\007\n\xff\xfe|evil");
static const struct object anon = OBJECT(OBJECT_ANON, 0, "");
static const struct object v8 = OBJECT(OBJECT_ANON, 0, "v8");
static const struct object heap = OBJECT(OBJECT_HEAP, 0, "[heap]");

/* A run by hand: the part of the pipeline that the sink sees. */
struct world {
	struct run_info run;
	struct timeline_config cfg;
	struct out out;
	struct sink sink;
	struct event ev;
	struct proc *acting;
	unsigned int nr_changes;
	uint64_t now, last_id;
	struct totals totals;
	FILE *file;
	char *page;
};

static void world_init(struct world *w, int width)
{
	memset(w, 0, sizeof(*w));
	w->run = (struct run_info){ .what = "pid 4242",
				    .tier = "truth",
				    .boot_to_wall_ns = 1795521784ULL * 1000 * MS };
	w->file = tmpfile();
	assert_non_null(w->file);
	w->out.fd = fileno(w->file);
	w->cfg = (struct timeline_config){ .out = &w->out,
					   .run = &w->run,
					   .width = width,
					   .utc = true };
}

static void world_start(struct world *w)
{
	w->sink = timeline_sink_new(&w->cfg);
}

static void world_done(struct world *w)
{
	w->sink.ops->free(w->sink.priv);
	buf_done(&w->out.buf);
	free(w->page);
	fclose(w->file);
}

static const char *finish(struct world *w)
{
	long len;

	w->totals.end_ns = w->now;
	assert_int_equal(w->sink.ops->finish(w->sink.priv, &w->totals), 0);
	assert_int_equal(out_flush(&w->out), 0);
	fseek(w->file, 0, SEEK_END);
	len = ftell(w->file);
	rewind(w->file);
	w->page = calloc(1, len + 1);
	assert_int_equal(fread(w->page, 1, len, w->file), len);
	if (getenv("SHOW_PAGES"))
		printf("%s", w->page);
	return w->page;
}

static struct proc *proc_new(struct world *w, uint32_t pid, const char *comm, struct mm *mm)
{
	struct proc *p = calloc(1, sizeof(*p));

	p->pid = pid;
	p->start_ns = 1000 + pid;
	strncpy(p->comm, comm, sizeof(p->comm) - 1);
	if (!mm) {
		mm = calloc(1, sizeof(*mm));
		mm->id = mm->key = ++w->last_id;
		mm->as = aspace_new();
	}
	mm->nr_users++;
	p->mm = mm;
	return p;
}

static void mm_put(struct mm *mm)
{
	if (--mm->nr_users)
		return;
	aspace_free(mm->as);
	free(mm);
}

static void proc_free(struct proc *p)
{
	mm_put(p->mm);
	free(p);
}

static void begin(struct world *w, enum event_type type, struct proc *p, struct proc *child)
{
	w->ev.type = type;
	w->ev.ts_ns = w->now;
	w->ev.pid = p ? p->pid : 0;
	w->ev.lo = 0;
	w->ev.hi = TOP;
	w->acting = p;
	w->nr_changes = 0;
	assert_int_equal(w->sink.ops->begin_event(w->sink.priv, &w->ev, p, child), 0);
}

static void end(struct world *w)
{
	assert_int_equal(w->sink.ops->end_event(w->sink.priv, &w->ev, w->acting, w->nr_changes), 0);
	memset(&w->ev, 0, sizeof(w->ev));
}

static void on_diff(void *ctx, uint64_t start, uint64_t stop, const struct attr *before,
		    const struct attr *after)
{
	struct world *w = ctx;
	struct change ch = { .ev = &w->ev,
			     .proc = w->acting,
			     .start = start,
			     .end = stop,
			     .before = *before,
			     .after = *after };

	w->nr_changes++;
	assert_int_equal(w->sink.ops->change(w->sink.priv, &ch), 0);
}

/* obj NULL: unmapped. */
static void map(struct world *w, uint64_t start, uint64_t nr_pages, const struct object *obj,
		uint16_t prot)
{
	struct attr a = { .flags = VMA_MAPPED | prot, .obj = obj };

	aspace_assign(w->acting->mm->as, start, start + PAGES(nr_pages), obj ? &a : NULL, on_diff,
		      w);
}

/* One call that has one effect. */
static void call(struct world *w, struct proc *p, uint64_t start, uint64_t nr_pages,
		 const struct object *obj, uint16_t prot)
{
	begin(w, EVENT_CALL, p, NULL);
	map(w, start, nr_pages, obj, prot);
	end(w);
}

static void map_program(struct world *w, struct proc *p, const struct object *exe)
{
	map(w, 0x400000, 10, exe, R);
	map(w, 0x40a000, 200, exe, RX);
	map(w, LIB, 40, &libc, R);
	map(w, LIB + PAGES(40), 300, &libc, RX);
	map(w, LIB + PAGES(340), 4, &libc, RW);
	map(w, HEAP, 33, &heap, RW);
	p->exe = exe;
}

static void attach(struct world *w, struct proc *p)
{
	begin(w, EVENT_RANGE, p, NULL);
	map_program(w, p, &node);
	aspace_set_known(p->mm->as, true);
	end(w);
}

/* As the pipeline does it: the new address space is there before sinks are told. */
static void exec(struct world *w, struct proc *p, const struct object *exe, const char *comm)
{
	mm_put(p->mm);
	p->mm = calloc(1, sizeof(*p->mm));
	p->mm->id = ++w->last_id;
	p->mm->nr_users = 1;
	p->mm->as = aspace_new();
	aspace_set_known(p->mm->as, true);
	strncpy(p->comm, comm, sizeof(p->comm) - 1);
	begin(w, EVENT_EXEC, p, NULL);
	map_program(w, p, exe);
	end(w);
}

static struct proc *fork_from(struct world *w, struct proc *parent, uint32_t pid, bool shared)
{
	struct proc *p = proc_new(w, pid, parent->comm, shared ? parent->mm : NULL);

	p->exe = parent->exe;
	if (!shared) {
		aspace_free(p->mm->as);
		p->mm->as = aspace_clone(parent->mm->as);
	}
	begin(w, EVENT_FORK, parent, p);
	end(w);
	return p;
}

static void leave(struct world *w, struct proc *p, uint32_t code)
{
	begin(w, EVENT_EXIT, p, NULL);
	w->ev.exit_code = code;
	end(w);
	proc_free(p);
}

static void toggle_jit(struct world *w, struct proc *p, unsigned int n, uint64_t every_ns)
{
	for (unsigned int i = 0; i < n; i++) {
		w->now += every_ns;
		call(w, p, JIT, 16, &v8, i & 1 ? RX : RW);
	}
}

static unsigned int nr_lines(const char *page)
{
	unsigned int n = 0;

	for (; (page = strchr(page, '\n')); page++)
		n++;
	return n;
}

/* Columns of the widest line; all that these pages print is one column wide. */
static unsigned int widest(const char *page)
{
	unsigned int cols = 0, most = 0;

	for (; *page; page++) {
		if (*page == '\n')
			cols = 0;
		else if (((unsigned char)*page & 0xc0) != 0x80)
			cols++;
		most = cols > most ? cols : most;
	}
	return most;
}

/* The line that holds needle, copied. */
static const char *line_with(const char *page, const char *needle)
{
	static char line[2048];
	const char *at = strstr(page, needle), *start = at;

	if (!at)
		fail_msg("no \"%s\" on the page:\n%s", needle, page);
	while (start > page && start[-1] != '\n')
		start--;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(start, "\n"), start);
	return line;
}

/* The columns of the lane whose line holds needle. */
static const char *chart_of(const char *page, const char *needle)
{
	const char *bar = strchr(line_with(page, needle), '|');

	assert_non_null(bar);
	return bar;
}

static void assert_has(const char *page, const char *needle)
{
	if (!strstr(page, needle))
		fail_msg("no \"%s\" on the page:\n%s", needle, page);
}

static void assert_has_not(const char *page, const char *needle)
{
	if (strstr(page, needle))
		fail_msg("\"%s\" is on the page:\n%s", needle, page);
}

/* A day in the life of a process with a JIT. */
static void play_node(struct world *w, struct proc *p)
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
	begin(w, EVENT_CALL, p, NULL);
	w->ev.call.ret = -13;
	memset(&w->ev, 0, sizeof(w->ev));
	w->now += 600 * MS;
}

static void test_page(void **state)
{
	struct world w;
	struct proc *p;
	const char *page;

	(void)state;
	world_init(&w, 100);
	world_start(&w);
	p = proc_new(&w, 4242, "node", NULL);
	play_node(&w, p);
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
	/* What changed and is shown is above what only changed. */
	assert_true(strstr(page, "WX!") < strstr(page, "W>X"));
	assert_true(strstr(page, "W>X") < strstr(page, "libc"));
	proc_free(p);
	world_done(&w);
}

static void test_widths(void **state)
{
	static const int widths[] = { 40, 63, 64, 80, 100, 132, 200, 400 };

	(void)state;
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		struct world w;
		struct proc *p;

		world_init(&w, widths[i]);
		w.cfg.all = i & 1;
		world_start(&w);
		p = proc_new(&w, 4242, "a\033[2Jb\ncdefgh", NULL);
		play_node(&w, p);
		exec(&w, p, &hostile, "evil\n\007");
		toggle_jit(&w, p, 5, MS);
		w.totals.lost = 3;
		assert_in_range(widest(finish(&w)), widths[i] - 1, widths[i]);
		proc_free(p);
		world_done(&w);
	}
}

static void test_hostile_names(void **state)
{
	struct world w;
	struct proc *p;
	const char *page;

	(void)state;
	world_init(&w, 200);
	w.run.what = "evil\033]0;title\007";
	world_start(&w);
	p = proc_new(&w, 1, "\033[31m\nroot", NULL);
	play_node(&w, p);
	exec(&w, p, &hostile,
	     "\x9b"
	     "2J");
	call(&w, p, JIT, 1, &hostile, VMA_PROT);
	page = finish(&w);
	for (const char *c = page; *c; c++)
		assert_true((unsigned char)*c >= ' ' || *c == '\n');
	assert_has_not(page, "\xff");
	assert_has_not(page, "\x9b"
			     "2");
	assert_has(page, "\\x");
	proc_free(p);
	world_done(&w);
}

static void test_hundred_thousand_changes(void **state)
{
	struct world w;
	struct proc *p;
	const char *page;

	(void)state;
	world_init(&w, 100);
	world_start(&w);
	p = proc_new(&w, 4242, "node", NULL);
	attach(&w, p);
	toggle_jit(&w, p, 50000, MS / 10);
	for (unsigned int i = 0; i < 50000; i++) {
		w.now += MS / 10;
		call(&w, p, JIT + PAGES(100 + 3 * (i * 7919 % 1000)), 1, &anon, i & 2 ? R : RW);
	}
	page = finish(&w);
	assert_in_range(nr_lines(page), 20, 60);
	assert_int_equal(widest(page), 100);
	assert_has(page, "50000");
	assert_has(page, "more regions with up to");
	proc_free(p);
	world_done(&w);
}

static void test_all(void **state)
{
	struct world w;
	struct proc *p;
	const char *page;

	(void)state;
	world_init(&w, 100);
	w.cfg.all = true;
	world_start(&w);
	p = proc_new(&w, 4242, "node", NULL);
	attach(&w, p);
	for (unsigned int i = 0; i < 300; i++) {
		w.now += MS;
		call(&w, p, JIT + PAGES(3 * i), 1, &anon, RW);
	}
	page = finish(&w);
	assert_in_range(nr_lines(page), 300, 330);
	assert_has_not(page, "--all");
	proc_free(p);
	world_done(&w);
}

static void test_loss(void **state)
{
	struct world w;
	struct proc *p;
	const char *chart;

	(void)state;
	world_init(&w, 100);
	world_start(&w);
	p = proc_new(&w, 4242, "node", NULL);
	attach(&w, p);
	toggle_jit(&w, p, 4, 100 * MS);
	w.now += 200 * MS;
	begin(&w, EVENT_LOSS, NULL, NULL);
	end(&w);
	w.now += 200 * MS;
	begin(&w, EVENT_RANGE, p, NULL);
	end(&w);
	w.now += 200 * MS;
	w.totals.lost = 3;
	chart = chart_of(finish(&w), "[anon:v8]");
	assert_has(w.page, "3 records were lost: gaps are drawn as ?");
	assert_has(chart, "x???");
	assert_has(chart, "???xxxx");
	assert_has(chart_of(w.page, "[heap]"), "w????");
	assert_has(chart_of(w.page, "[heap]"), "????wwww");
	proc_free(p);
	world_done(&w);
}

static void test_loss_never_healed(void **state)
{
	struct world w;
	struct proc *p, *other;

	(void)state;
	world_init(&w, 100);
	world_start(&w);
	p = proc_new(&w, 1, "hurt", NULL);
	other = proc_new(&w, 2, "well", NULL);
	attach(&w, p);
	attach(&w, other);
	toggle_jit(&w, p, 4, 100 * MS);
	call(&w, other, LIB, 4, &libc, RW);
	begin(&w, EVENT_LOSS, p, NULL);
	end(&w);
	w.now += 400 * MS;
	assert_has(chart_of(finish(&w), "[anon:v8]"), "???????|");
	assert_has(chart_of(w.page, "libc.so.6"), "wwwwwwwwww|");
	proc_free(p);
	proc_free(other);
	world_done(&w);
}

static void test_fork_and_exec(void **state)
{
	struct world w;
	struct proc *p, *child, *vchild;
	const char *page;

	(void)state;
	world_init(&w, 100);
	world_start(&w);
	p = proc_new(&w, 100, "bash", NULL);
	attach(&w, p);
	call(&w, p, LIB, 4, &libc, RW);
	w.now += 10 * MS;
	child = fork_from(&w, p, 101, false);
	vchild = fork_from(&w, p, 102, true);
	w.now += 10 * MS;
	exec(&w, child, &bash, "bash");
	w.now += 10 * MS;
	exec(&w, child, &node, "node");
	toggle_jit(&w, child, 3, 10 * MS);
	/* The child of a vfork changes its parent's address space. */
	call(&w, vchild, JIT + PAGES(64), 1, &anon, VMA_PROT);
	w.now += 10 * MS;
	leave(&w, child, 3 << 8);
	leave(&w, vchild, 9);
	w.now += 50 * MS;
	leave(&w, p, 0);
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

static void test_quiet_processes(void **state)
{
	struct world w;
	struct proc *p;
	const char *page;

	(void)state;
	world_init(&w, 100);
	world_start(&w);
	p = proc_new(&w, 1, "make", NULL);
	attach(&w, p);
	for (uint32_t pid = 2; pid < 3000; pid++) {
		struct proc *child = fork_from(&w, p, pid, false);

		w.now += MS;
		if (pid == 50)
			call(&w, child, JIT, 1, &anon, VMA_PROT);
		leave(&w, child, 0);
	}
	page = finish(&w);
	assert_in_range(nr_lines(page), 10, 60);
	assert_has(page, "2999 processes");
	assert_has(page, "pid 50 make");
	assert_has(line_with(page, "pid 2 "), "no changes");
	assert_has(page, "more processes with 0 changes (--all shows them)");
	proc_free(p);
	world_done(&w);
}

static void test_pid_reused_after_lost_exit(void **state)
{
	struct world w;
	struct proc *old, *new;

	(void)state;
	world_init(&w, 100);
	world_start(&w);
	old = proc_new(&w, 7, "old", NULL);
	attach(&w, old);
	call(&w, old, JIT, 1, &anon, RW);
	w.now += MS;
	new = proc_new(&w, 7, "new", NULL);
	new->start_ns = 99999;
	attach(&w, new);
	call(&w, new, JIT, 1, &anon, VMA_PROT);
	assert_has(finish(&w), "pid 7 old");
	assert_has(w.page, "pid 7 new");
	proc_free(old);
	proc_free(new);
	world_done(&w);
}

static void test_color(void **state)
{
	struct world w;
	struct proc *p;

	(void)state;
	world_init(&w, 100);
	w.cfg.color = true;
	world_start(&w);
	p = proc_new(&w, 4242, "node", NULL);
	play_node(&w, p);
	assert_has(finish(&w), "\033[1;31m#");
	assert_has(w.page, "\033[0m");
	proc_free(p);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_hundred_thousand_changes),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_loss_never_healed),
		cmocka_unit_test(test_fork_and_exec),
		cmocka_unit_test(test_quiet_processes),
		cmocka_unit_test(test_pid_reused_after_lost_exit),
		cmocka_unit_test(test_color),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
