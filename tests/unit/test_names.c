/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of mappings, and events that are wanted: lines of /proc, objects, globs, selections. */
#include <errno.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "sink/line_config.h"
#include "core/whom.h"
#include "source/procmaps.h"

static int parse(struct object_table *t, const char *line, struct vma_seen *v)
{
	return procmaps_parse_line(t, 0, line, strlen(line), v);
}

static void test_maps_lines(void **state)
{
	static const struct {
		const char *line, *name;
		enum object_kind kind;
		bool deleted;
	} lines[] = {
		{ "1000-2000 rw-p 00000000 00:00 0 ", "", OBJECT_ANON, false },
		{ "1000-2000 rw-p 00000000 00:00 0       [heap]", "[heap]", OBJECT_HEAP, false },
		{ "1000-2000 rw-p 00000000 00:00 0       [stack]", "[stack]", OBJECT_STACK, false },
		{ "1000-2000 r-xp 00000000 00:00 0       [vdso]", "[vdso]", OBJECT_SPECIAL, false },
		{ "1000-2000 rw-p 00000000 00:00 0       [anon:a b]", "a b", OBJECT_ANON, false },
		{ "1000-2000 r-xp 00000000 08:01 7       /a (deleted)", "/a", OBJECT_FILE, true },
		{ "1000-2000 r-xp 00000000 08:01 7       /a\\012b", "/a\nb", OBJECT_FILE, false },
		{ "1000-2000 rw-s 00000000 00:01 7       /memfd:x (deleted)", "/memfd:x",
		  OBJECT_MEMFD, true },
		{ "1000-2000 rw-s 00000000 00:01 7       /dev/zero (deleted)", "/dev/zero",
		  OBJECT_SHARED_ANON, true },
		{ "1000-2000 rw-s 00000000 00:01 7       /SYSV0000002a (deleted)", "/SYSV0000002a",
		  OBJECT_SYSV, true },
	};
	struct object_table *t = object_table_new();
	struct vma_seen v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_int_equal(parse(t, lines[i].line, &v), 0);
		assert_int_equal(v.attr.obj->kind, lines[i].kind);
		assert_string_equal(v.attr.obj->name, lines[i].name);
		assert_int_equal(v.attr.obj->deleted, lines[i].deleted);
	}
	assert_int_equal(
		parse(t, "7f0000001000-7f0000003000 r-xs 0001f000 fd:10 4294967297 /x", &v), 0);
	assert_int_equal(v.start, 0x7f0000001000);
	assert_int_equal(v.end, 0x7f0000003000);
	assert_int_equal(v.attr.flags, VMA_MAPPED | VMA_R | VMA_X | VMA_SHARED);
	assert_int_equal(v.attr.off, 0x1f000);
	assert_int_equal(v.attr.obj->dev, 0xfd << 20 | 0x10);
	assert_int_equal(v.attr.obj->ino, 4294967297);
	object_table_free(t);
}

static void test_maps_bad_lines(void **state)
{
	static const char *const lines[] = {
		"",
		"1000",
		"1000-",
		"2000-1000 rw-p 00000000 00:00 0",
		"1000-1000 rw-p 00000000 00:00 0",
		"1001-2000 rw-p 00000000 00:00 0",
		"1000-2000 rwzp 00000000 00:00 0",
		"1000-2000 rw-q 00000000 00:00 0",
		"1000-2000 rw",
		"11111111111111111-22222222222222222 rw-p 00000000 00:00 0",
		"1000-2000 rw-p 00000000 fffff:00 0",
		"1000-2000 rw-p 00000000 00:00 ",
	};
	struct object_table *t = object_table_new();
	struct vma_seen v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (parse(t, lines[i], &v) != -EINVAL)
			fail_msg("taken: \"%s\"", lines[i]);
	assert_int_equal(
		parse(t, "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]", &v),
		-EAGAIN);
	object_table_free(t);
}

static void test_maps_self(void **state)
{
	struct object_table *t = object_table_new();
	struct procmaps maps = { 0 };
	struct event ev;
	uint64_t here = (uintptr_t)&test_maps_self, above = 0;
	bool found = false;
	size_t i;

	(void)state;
	assert_int_equal(procmaps_event(&maps, t, getpid(), &ev), 0);
	for (i = 0; i < ev.nr_seen; i++) {
		assert_true(ev.seen[i].start >= above && ev.seen[i].end > ev.seen[i].start);
		above = ev.seen[i].end;
		if (ev.seen[i].start <= here && here < ev.seen[i].end)
			found = ev.seen[i].attr.flags & VMA_X;
	}
	assert_true(found);
	assert_int_equal(procmaps_event(&maps, t, 4194304 + 5, &ev), -ESRCH);
	procmaps_done(&maps);
	object_table_free(t);
}

static void test_objects(void **state)
{
	struct object_table *t = object_table_new();
	char name[] = "/lib/a";
	struct object key = { .kind = OBJECT_FILE,
			      .dev = 1,
			      .ino = 2,
			      .name = name,
			      .name_len = strlen(name) };
	const struct object *a = object_intern(t, &key), *b;

	(void)state;
	assert_ptr_equal(object_intern(t, &key), a);
	name[5] = 'b';
	assert_string_equal(a->name, "/lib/a");
	b = object_intern(t, &key);
	assert_ptr_not_equal(a, b);
	assert_true(object_same(a, b)); /* renamed */
	key.ino = 3;
	assert_false(object_same(a, object_intern(t, &key)));
	assert_ptr_equal(object_simple(t, OBJECT_HEAP), object_simple(t, OBJECT_HEAP));
	object_table_free(t);
}

/* A process makes up names for ever: memory stays bounded, and it is told. */
static void test_objects_bounded(void **state)
{
	struct object_table *t = object_table_new();
	static char name[4096];
	const unsigned int nr_fit = OBJECT_TABLE_BYTES / sizeof(name);
	unsigned int i;
	uint32_t pid;

	(void)state;
	memset(name, 'n', sizeof(name));
	for (i = 0; i < nr_fit + 100; i++) {
		struct object key = { .kind = OBJECT_ANON, .name = name, .name_len = sizeof(name) };

		memcpy(name, &i, sizeof(i));
		assert_non_null(object_intern(t, &key));
	}
	assert_in_range(object_table_dropped(t, &pid), 100, nr_fit / 10);
	object_table_free(t);
}

static const struct object *intern_nr(struct object_table *t, unsigned int i)
{
	static char name[256] = "/memfd:";
	struct object key = { .kind = OBJECT_MEMFD,
			      .ino = i + 1,
			      .dev = 1,
			      .name = name,
			      .name_len = sizeof(name) - 1 };

	snprintf(name, sizeof(name), "%0255u", i);
	return object_intern(t, &key);
}

/* Who floods the table pays: others still have names, and so has another process of his. */
static void test_objects_shared_fairly(void **state)
{
	struct object_table *t = object_table_new();
	unsigned int i;
	uint32_t pid;

	(void)state;
	object_table_charge(t, 7, 1000);
	for (i = 0; i < 1000000; i++)
		intern_nr(t, i);
	assert_true(object_table_dropped(t, &pid) > 500000);
	assert_int_equal(pid, 7);
	assert_int_equal(intern_nr(t, ++i)->marks, OBJECT_FOLDED);
	object_table_charge(t, 8, 0);
	assert_int_equal(intern_nr(t, ++i)->marks, 0);
	for (pid = 9; pid < 1000; pid++) { /* a user with many processes is one */
		object_table_charge(t, pid, 1000);
		for (unsigned int k = 0; k < 1000; k++)
			intern_nr(t, ++i);
	}
	object_table_charge(t, 8, 0);
	assert_int_equal(intern_nr(t, ++i)->marks, 0);
	object_table_free(t);
}

/* Names that nobody holds make room; those that somebody holds stay as they are. */
static void test_objects_freed(void **state)
{
	struct object_table *t = object_table_new();
	const struct object *held, *simple = object_simple(t, OBJECT_HEAP);
	unsigned int i, nr_sweeps = 0;
	uint32_t pid;

	(void)state;
	held = intern_nr(t, 0);
	object_set_build(t, held, "0123");
	object_set_build(t, held, "012345");
	object_table_charge(t, 7, 1000);
	for (i = 1; i < 1000000; i++) {
		intern_nr(t, i);
		if (!object_table_sweep_is_due(t))
			continue;
		object_hold(held);
		object_hold(NULL);
		object_table_sweep(t);
		nr_sweeps++;
	}
	assert_in_range(nr_sweeps, 10, 100);
	assert_int_equal(object_table_dropped(t, &pid), 0);
	assert_ptr_equal(intern_nr(t, 0), held);
	assert_string_equal(held->build_id, "012345");
	assert_ptr_equal(object_simple(t, OBJECT_HEAP), simple);
	object_table_free(t);
}

static void test_comm_globs(void **state)
{
	static const char *const patterns[] = { "*",   "node",	"no*", "*de", "n?de",  "[a-n]ode",
						"*o*", "[!n]*", "\\*", "",    "a*b*c", "*.*.*" };
	static const char *const comms[] = { "node",
					     "n",
					     "nude",
					     "mode",
					     "",
					     "*",
					     "aXbYc",
					     "abc",
					     "ab",
					     "a.b.c",
					     "fifteen letters",
					     "\xff\xfe" };
	struct commglob g;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		g = (struct commglob){ 0 };
		assert_int_equal(commglob_add(&g, patterns[i]), 0);
		for (k = 0; k < sizeof(comms) / sizeof(*comms); k++)
			if (commglob_matches(&g, comms[k]) != !fnmatch(patterns[i], comms[k], 0))
				fail_msg("\"%s\" and \"%s\"", patterns[i], comms[k]);
	}
	assert_int_equal(commglob_add(&g, "[a-"), -EINVAL);
}

/* Several globs match what each of them does. */
static void test_globs(void **state)
{
	static const char *const lists[][3] = {
		{ "java,node", "java", "node" },
		{ "n*,*z?", "n*", "*z?" },
		{ "a\\,b,[,]", "a\\,b", "[,]" },
		{ "*,x", "*", "x" },
		{ "*a,b*", "*a", "b*" },
		{ "ab,b", "ab", "b" },
		{ "123456789012345,[!j]*", "123456789012345", "[!j]*" },
	};
	static const char *const comms[] = { "java", "node", "n",  "xzy", "a,b", ",",	"",
					     "a",    "ba",   "ab", "bx",  "b",	 "jav", "javanode" };
	static const char *const wrong[] = { "a,", ",a", "a,,b", ",", "a,[b" };
	char full[80] = "a,";
	struct commglob g;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		struct commglob twice = { 0 };

		g = (struct commglob){ 0 };
		assert_int_equal(commglob_add(&g, lists[i][0]), 0);
		assert_int_equal(commglob_add(&twice, lists[i][1]), 0);
		assert_int_equal(commglob_add(&twice, lists[i][2]), 0);
		assert_memory_equal(&g, &twice, sizeof(g));
		for (k = 0; k < sizeof(comms) / sizeof(*comms); k++)
			if (commglob_matches(&g, comms[k]) != (!fnmatch(lists[i][1], comms[k], 0) ||
							       !fnmatch(lists[i][2], comms[k], 0)))
				fail_msg("\"%s\" and \"%s\"", lists[i][0], comms[k]);
	}
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		g = (struct commglob){ 0 };
		assert_int_equal(commglob_add(&g, wrong[i]), -EINVAL);
		assert_int_equal(g.finals, 0);
	}
	for (i = 0; i < 4; i++)
		snprintf(full + strlen(full), 20, "%s%.*s", i ? "," : "", i < 3 ? 15 : 13,
			 "xxxxxxxxxxxxxxx");
	g = (struct commglob){ 0 };
	assert_int_equal(commglob_add(&g, full), 0);
	assert_true(commglob_matches(&g, "xxxxxxxxxxxxx") && commglob_matches(&g, "a"));
	assert_int_equal(commglob_add(&g, "b"), -EINVAL);
	assert_int_equal(commglob_add(&g, ""), -EINVAL);
	g = (struct commglob){ 0 };
	assert_int_equal(commglob_add(&g, "1234567890123456"), -EINVAL); /* no name is as long */
	assert_int_equal(commglob_add(&g, "*[1-2]?3456789012345*"), 0);
}

/* A cgroup is itself and what is below it, and nothing that begins alike. */
static void test_whom(void **state)
{
	static uint32_t ids[] = { 7, 9 }, uids[] = { 4, 5 };
	char cgroup[] = "/a/b";
	const struct whom w = { .pids = { ids, 2 },
				.uids = { uids, 2 },
				.by_cgroup = true,
				.cgroup = cgroup };
	struct facts facts = { 0 };
	struct whom_process p = { .pid = 9, .facts = &facts };

	(void)state;
	assert_int_equal(whom_ask(&w, &p), WHOM_UNKNOWN);
	facts_set(&facts, MPW_FACT_UID, 5);
	assert_int_equal(whom_ask(&w, &p), WHOM_UNKNOWN);
	facts_set_word(&facts, MPW_FACT_CGROUP, "/a/b/c", 6);
	assert_int_equal(whom_ask(&w, &p), WHOM_YES);
	facts_set_word(&facts, MPW_FACT_CGROUP, "/a/b/c", 4);
	assert_int_equal(whom_ask(&w, &p), WHOM_YES);
	facts_set_word(&facts, MPW_FACT_CGROUP, "/a/bc", 5);
	assert_int_equal(whom_ask(&w, &p), WHOM_NO);
	facts.has = 0; /* the pid is known, and settles it */
	p.pid = 8;
	assert_int_equal(whom_ask(&w, &p), WHOM_NO);
	assert_int_equal(whom_ask(&(struct whom){ 0 }, &p), WHOM_YES);
}

static void test_select(void **state)
{
	struct event ev = { .type = EVENT_CALL, .call.id = MPW_CALL_MMAP };
	struct select sel;
	const char *word = NULL;

	(void)state;
	select_all(&sel);
	assert_true(select_wants(&sel, &ev));
	assert_int_equal(select_parse(&sel, "mprotect,exec", &word), 0);
	assert_false(select_wants(&sel, &ev));
	ev.call.id = MPW_CALL_MPROTECT;
	assert_true(select_wants(&sel, &ev));
	ev.type = EVENT_FORK;
	assert_false(select_wants(&sel, &ev));
	ev.type = EVENT_LOSS; /* can't be selected away */
	assert_true(select_wants(&sel, &ev));
	select_all(&sel);
	assert_int_equal(select_parse(&sel, "!mprotect", &word), 0);
	ev.type = EVENT_CALL;
	assert_false(select_wants(&sel, &ev));
	assert_int_equal(select_parse(&sel, "mmap,mprotekt", &word), -ENOENT);
	assert_string_equal(word, "mprotekt");
	assert_int_equal(select_parse(&sel, "mmap,", &word), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maps_lines),
		cmocka_unit_test(test_maps_bad_lines),
		cmocka_unit_test(test_maps_self),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_objects_bounded),
		cmocka_unit_test(test_objects_shared_fairly),
		cmocka_unit_test(test_objects_freed),
		cmocka_unit_test(test_comm_globs),
		cmocka_unit_test(test_globs),
		cmocka_unit_test(test_whom),
		cmocka_unit_test(test_select),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
