/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The audit of events: each audit/NAME.events gives NAME.text and NAME.json, to the byte
 * (UPDATE=1 writes them anew), and its verdict. Nothing is lost in folding, however many
 * kinds there are, and what modules of a running process say counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/pipeline.h"
#include "replay/script.h"
#include "sink/audit/audit.h"

#define START_NS 5000000000ULL
#define WALL_NS	 1795521784000000000ULL /* 2026-11-24T12:03:04Z, of START_NS */

struct run {
	struct run_info info;
	struct object_table *objects;
	struct pipeline *pl;
	struct audit audit;
	struct out out;
	FILE *file;
};

/* Lines of the audits that follow. */
static enum audit_by by;

static void run_begin(struct run *r, bool json)
{
	struct audit_config cfg = { .audit = &r->audit,
				    .out = &r->out,
				    .run = &r->info,
				    .by = by,
				    .json = json,
				    .utc = true };

	memset(r, 0, sizeof(*r));
	r->info = (struct run_info){ .what = "process 100",
				     .start_ns = START_NS,
				     .boot_to_wall_ns = WALL_NS - START_NS };
	r->file = tmpfile();
	assert_non_null(r->file);
	r->out.fd = fileno(r->file);
	r->objects = object_table_new();
	r->pl = pipeline_new(r->objects);
	pipeline_add_sink(r->pl, audit_sink_new(&cfg));
}

static char *slurp(FILE *f)
{
	char *text;
	long len;

	fseek(f, 0, SEEK_END);
	len = ftell(f);
	rewind(f);
	text = calloc(1, len + 1);
	assert_int_equal(fread(text, 1, len, f), len);
	fclose(f);
	return text;
}

/* The text that was written; to be freed. */
static char *run_end(struct run *r)
{
	assert_int_equal(pipeline_finish(r->pl, START_NS + 1, NULL), 0);
	pipeline_free(r->pl);
	object_table_free(r->objects);
	assert_int_equal(out_flush(&r->out), 0);
	buf_done(&r->out.buf);
	return slurp(r->file);
}

static int feed(void *ctx, const struct event *ev)
{
	return pipeline_feed(ctx, ev);
}

static enum mdwe play(const char *name, bool json)
{
	char path[128], *text, *wanted;
	struct run r;
	FILE *golden;

	run_begin(&r, json);
	snprintf(path, sizeof(path), "tests/replay/audit/%s.events", name);
	script_play(path, START_NS, r.objects, feed, r.pl);
	text = run_end(&r);
	snprintf(path, sizeof(path), "tests/replay/audit/%s.%s", name, json ? "json" : "text");
	golden = fopen(path, getenv("UPDATE") ? "we+" : "re");
	if (!golden)
		fail_msg("no %s; UPDATE=1 writes it", path);
	if (getenv("UPDATE"))
		fputs(text, golden);
	wanted = slurp(golden);
	assert_string_equal(text, wanted);
	free(text);
	free(wanted);
	return r.audit.verdict;
}

static void says_no(void **state)
{
	(void)state;
	assert_int_equal(play("no", false), MDWE_REFUSES);
	assert_int_equal(play("no", true), MDWE_REFUSES);
}

static void says_yes(void **state)
{
	(void)state;
	assert_int_equal(play("yes", false), MDWE_ALLOWS);
	assert_int_equal(play("yes", true), MDWE_ALLOWS);
}

static void is_not_sure(void **state)
{
	(void)state;
	assert_int_equal(play("unsure", false), MDWE_UNKNOWN);
	assert_int_equal(play("unsure", true), MDWE_UNKNOWN);
}

static void knows_what_helps(void **state)
{
	(void)state;
	assert_int_equal(play("advice", false), MDWE_REFUSES);
	assert_int_equal(play("advice", true), MDWE_REFUSES);
}

static void says_what_is_asked(void **state)
{
	(void)state;
	assert_int_equal(play("asks", false), MDWE_REFUSES);
	assert_int_equal(play("asks", true), MDWE_REFUSES);
}

static void has_a_line_for_each(void **state)
{
	(void)state;
	by = AUDIT_BY_UNIT;
	assert_int_equal(play("unit", false), MDWE_REFUSES);
	assert_int_equal(play("unit", true), MDWE_REFUSES);
	by = AUDIT_BY_EXE;
	assert_int_equal(play("exe", false), MDWE_REFUSES);
	assert_int_equal(play("exe", true), MDWE_REFUSES);
	by = AUDIT_BY_NOTHING;
}

/* The functions behind a call, where its stack is known: those outside of the library that made it. */
static void names_functions(void **state)
{
	const struct object key[] = {
		{ .kind = OBJECT_FILE, .name = "/lib/libc.so", .name_len = 12, .ino = 1 },
		{ .kind = OBJECT_FILE, .name = "/bin/a\033", .name_len = 7, .ino = 2 },
	};
	struct event ev = { .type = EVENT_CALL, .ts_ns = START_NS, .mm = 1, .pid = 100, .tid = 100 };
	struct stack stack = { .nr = 3 };
	struct frame frames[3] = { { .addr = 0x400010, .symbol = "mprotect" },
				   { .addr = 0x500010, .symbol = "emit\033[1m" },
				   { .addr = 0x500020, .symbol = "main" } };
	struct run r;
	char *text;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		run_begin(&r, i);
		frames[0].obj = object_intern(r.objects, &key[0]);
		frames[1].obj = frames[2].obj = object_intern(r.objects, &key[1]);
		stack.frames = frames;
		ev.stack = &stack;
		ev.call.id = MPW_CALL_MMAP;
		ev.call.arg[1] = 0x1000;
		ev.call.arg[2] = 7;
		ev.call.arg[3] = 0x22;
		ev.call.ret = 0x700000;
		assert_int_equal(pipeline_feed(r.pl, &ev), 0);
		text = run_end(&r);
		assert_null(strchr(text, '\033'));
		assert_non_null(strstr(text, i ? "\"functions\":\"emit\\\\x1b[1m < main\"" :
						 "emit\\x1b[1m < main\n"));
		free(text);
	}
}

/* One mmap(W|X) by each of many callers: more kinds than are listed. */
static void counts_all_kinds(void **state)
{
	struct event ev = { .type = EVENT_CALL, .ts_ns = START_NS, .mm = 1, .pid = 100, .tid = 100 };
	struct attr code = { .flags = VMA_MAPPED | VMA_R | VMA_X };
	struct vma_seen seen = { 0x400000, 0x800000, code };
	struct run r;
	char *text;
	int i;

	(void)state;
	run_begin(&r, true);
	seen.attr.obj = object_intern(r.objects, &(struct object){ .kind = OBJECT_FILE,
								   .dev = 1,
								   .ino = 1,
								   .name = "/bin/app",
								   .name_len = 8 });
	ev.type = EVENT_RANGE;
	ev.has_range = true;
	ev.hi = UINT64_MAX;
	ev.seen = &seen;
	ev.nr_seen = 1;
	assert_int_equal(pipeline_feed(r.pl, &ev), 0);
	ev.type = EVENT_CALL;
	ev.has_range = false;
	for (i = 0; i < 3000; i++) {
		ev.call = (struct event_call){ .id = MPW_CALL_MMAP,
					       .arg = { 0, 4096, 7, 0x22, -1, 0 },
					       .ret = 0x7e0000000000 + i * 4096,
					       .link = 0x400000 + i % 1000 };
		assert_int_equal(pipeline_feed(r.pl, &ev), 0);
	}
	text = run_end(&r);
	assert_non_null(strstr(text, "\"prctl\":{\"verdict\":\"no\",\"refuses\":3000}"));
	assert_non_null(strstr(text, "\"unlisted\":2400,")); /* 200 callers of 1000 are listed */
	free(text);
}

static void hears_modules(void **state)
{
	static const struct object app = { .kind = OBJECT_FILE, .name = "/bin/app", .name_len = 8 };
	static const struct object lib = { .kind = OBJECT_FILE,
					   .name = "/lib/\033x",
					   .name_len = 7 };
	struct proc_module modules[] = { { .obj = &app, .relro = RELRO_DONE },
					 { .obj = &lib, .relro = RELRO_OPEN } };
	struct proc_state s = { .pid = 100, .comm = "app", .modules = modules, .nr_modules = 2 };
	static const struct {
		bool stack, relocs;
		uint64_t dirty;
		enum mdwe program, library;
	} cases[] = {
		/* who made no call may ask for anything yet */
		{ false, false, 0, MDWE_UNKNOWN, MDWE_UNKNOWN },
		{ true, false, 0, MDWE_UNKNOWN, MDWE_REFUSES },
		{ false, true, 0, MDWE_REFUSES, MDWE_REFUSES },
		{ false, false, 4096, MDWE_UNKNOWN, MDWE_UNKNOWN },
	};
	size_t i;
	int nr;

	(void)state;
	for (i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		struct proc_module *m = &modules[i % 2], clean = *m;
		struct run r;
		char *text;

		run_begin(&r, i % 4 > 1);
		nr = i / 2;
		m->wants_exec_stack = cases[nr].stack;
		m->has_text_relocs = cases[nr].relocs;
		m->dirty_text_bytes = cases[nr].dirty;
		r.audit.states = &s;
		r.audit.nr_states = 1;
		text = run_end(&r);
		assert_int_equal(r.audit.verdict, i % 2 ? cases[nr].library : cases[nr].program);
		assert_null(strchr(text, '\033'));
		free(text);
		*m = clean;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_no),
		cmocka_unit_test(says_yes),
		cmocka_unit_test(is_not_sure),
		cmocka_unit_test(counts_all_kinds),
		cmocka_unit_test(hears_modules),
		cmocka_unit_test(knows_what_helps),
		cmocka_unit_test(names_functions),
		cmocka_unit_test(says_what_is_asked),
		cmocka_unit_test(has_a_line_for_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
