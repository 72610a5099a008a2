/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names that a hostile process chose, wherever it can choose one, in a recording: what other
 * programs select from its tables and views does nothing but show characters, and the bytes are
 * there all the same. With an argument, the recording is left there, for chosen.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "core/judge.h"
#include "core/pipeline.h"
#include "detect/detectors.h"
#include "replay_run.h"
#include "sink/lines/lines.h"
#include "sink/record/record_sink.h"
#include "util/escape.h"
#include "wire.h"

static const char *const names[] = {
	"plain",
	"\033[2J\033]0;own\007",
	"a\nb\r\t\001\177c",
	"\"'`,;<&>]]>${}",
	"\xff\xfe \xc0\x80 \xed\xa0\x80 \xf8",
	"\xe2\x80\xaegnp.exe\xe2\x80\x8b",
	"\x9b"
	"2J \xc2\x9b"
	"31m",
	"=cmd|' /C calc'!A0",
	"+1",
	"-1",
	"@SUM(A1)",
	"\xef\xbc\x9d"
	"1+1",
	"\t=1+1",
	"{\"type\":\"x\",\"pid\":1}",
	"</script><img src=x onerror=alert(1)>",
	"back\\slash \\x1b[2J \\n",
	"%s%n%08x",
	"cut here: \xe2\x82\xac\xe2\x82\xac",
	"\xe2\x80\xa8line\xe2\x80\xa9\xef\xbb\xbf\xf3\xa0\x80\x81",
};

#define NR_NAMES (sizeof(names) / sizeof(*names))
#define START_NS 5000000000ULL

static char path[64] = "/tmp/mpw-chosen.XXXXXX";

struct play {
	struct object_table *objects;
	struct pipeline *pl;
	struct run_info run;
	struct rules rules;
	struct out text;
	uint64_t ts_ns;
};

static const struct object *object_of(struct play *p, const char *format, const char *name)
{
	char huge[4096], text[8192];
	int len;

	memset(huge, 'd', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	len = snprintf(text, sizeof(text), format, *name ? name : huge);
	return object_from_maps(p->objects, text, len, 1, 2, 0);
}

static struct event event_of(struct play *p, size_t i, enum event_type type)
{
	struct event ev = { .type = type,
			    .ts_ns = p->ts_ns += 1000,
			    .mm = i + 1,
			    .pid = 100 + i,
			    .tid = 100 + i };

	snprintf(ev.comm, sizeof(ev.comm), "%.15s", names[i]);
	return ev;
}

static void feed(struct play *p, const struct event *ev)
{
	assert_int_equal(pipeline_feed(p->pl, ev), 0);
}

/* One process that has the name everywhere. */
/* A signal from a process with such a name. */
static void feed_signal(struct play *p, size_t i)
{
	struct event ev = event_of(p, i, EVENT_FAULT);

	ev.fault.ip = 0x400010;
	facts_set(&ev.facts, MPW_FACT_SENDER, 1);
	facts_set_word(&ev.facts, MPW_FACT_SENDER_COMM, names[i], strlen(names[i]));
	feed(p, &ev);
}

static void feed_process(struct play *p, size_t i)
{
	const struct object *file = object_of(p, "/tmp/%s", names[i]);
	const struct vma_seen seen[] = {
		{ 0x400000, 0x402000, { .flags = VMA_MAPPED | VMA_R | VMA_X, .obj = file } },
		{ 0x500000,
		  0x501000,
		  { .flags = VMA_MAPPED | VMA_R | VMA_W,
		    .obj = object_of(p, "[anon:%s]", names[i]) } },
		{ 0x600000,
		  0x601000,
		  { .flags = VMA_MAPPED | VMA_R | VMA_W | VMA_SHARED,
		    .obj = object_of(p, "/memfd:%s (deleted)", names[i]) } },
		{ 0x700000,
		  0x701000,
		  { .flags = VMA_MAPPED | VMA_R,
		    .obj = object_of(p, "/tmp/%s (deleted)", names[i]) } },
		{ 0x800000,
		  0x801000,
		  { .flags = VMA_MAPPED | VMA_R,
		    .obj = object_of(p, i ? "[anon]" : "/tmp/%s", "") } },
	};
	const struct frame frame = { 0x400010, file, 16, names[i], 4, true };
	const struct stack stack = { &frame, 1 };
	struct event ev = event_of(p, i, EVENT_EXEC);
	uint64_t at;

	ev.has_range = true;
	ev.hi = MPW_TASK_MAX;
	ev.seen = seen;
	ev.nr_seen = sizeof(seen) / sizeof(*seen);
	ev.start_ns = p->ts_ns;
	feed(p, &ev);
	ev = event_of(p, i, EVENT_PLACE);
	facts_set_word(&ev.facts, MPW_FACT_CGROUP, names[i], strlen(names[i]));
	facts_set_word(&ev.facts, MPW_FACT_CMDLINE, names[i], strlen(names[i]) + 1);
	feed(p, &ev);
	for (at = 0x500000; at <= 0x700000; at += 0x100000) {
		ev = event_of(p, i, EVENT_CALL);
		ev.call.id = MPW_CALL_MPROTECT;
		ev.call.arg[0] = at;
		ev.call.arg[1] = 0x1000;
		ev.call.arg[2] = 7;
		ev.call.ip = ev.call.link = 0x400010;
		ev.call.ret = at == 0x700000 ? -13 : 0;
		ev.stack = &stack;
		feed(p, &ev);
	}
	ev = event_of(p, i, EVENT_WRITE);
	ev.write = (struct event_write){ .how = MPW_WRITE_MEM,
					 .addr = 0x400000,
					 .len = 8,
					 .ret = 8,
					 .pid = 1,
					 .tid = 1 };
	memcpy(ev.write.comm, ev.comm, sizeof(ev.comm));
	feed(p, &ev);
	feed_signal(p, i);
	ev = event_of(p, i, EVENT_EXIT);
	feed(p, &ev);
}

static void play_init(struct play *p)
{
	struct line_config line = { .out = &p->text, .run = &p->run, .fields = ~0U, .utc = true };

	memset(p, 0, sizeof(*p));
	p->text.fd = memfd_create("text", MFD_CLOEXEC);
	p->run = (struct run_info){ .what = "names", .tier = "truth", .start_ns = START_NS };
	p->ts_ns = START_NS;
	p->objects = object_table_new();
	p->pl = pipeline_new(p->objects);
	rules_init(&p->rules);
	pipeline_set_judge(p->pl, judge_new(all_detectors, &p->rules));
	select_all(&line.select);
	line.stack = true;
	pipeline_add_sink(p->pl, text_sink_new(&line));
}

static void play_done(struct play *p)
{
	pipeline_free(p->pl);
	object_table_free(p->objects);
	rules_done(&p->rules);
	out_close(&p->text);
}

/* All text into the buffer. */
static void read_text(struct play *p)
{
	off_t len;

	assert_int_equal(out_flush(&p->text), 0);
	len = lseek(p->text.fd, 0, SEEK_END);
	assert_int_equal(pread(p->text.fd, buf_reserve(&p->text.buf, len), len, 0), len);
	p->text.buf.len = len;
}

/* Writes the recording. */
static void record(struct play *p)
{
	struct record_config cfg = { .path = path,
				     .force = true,
				     .arguments = "\033[2J",
				     .run = &p->run,
				     .pipeline = p->pl };
	struct sink sink;
	size_t i;

	assert_int_equal(record_sink_new(&cfg, &sink), 0);
	pipeline_add_sink(p->pl, sink);
	for (i = 0; i < NR_NAMES; i++)
		feed_process(p, i);
	assert_int_equal(pipeline_finish(p->pl, p->ts_ns, NULL), 0);
}

static sqlite3_stmt *ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL))
		fail_msg("%s: %s", sqlite3_errmsg(db), sql);
	return s;
}

/* Nothing in the text would be escaped, had it not been before. */
static void assert_harmless(const char *sql, const char *text)
{
	size_t len = strlen(text);
	struct buf b = { 0 };

	escape_again(&b, text, len);
	if (b.len != len || (len && memcmp(b.data, text, len) != 0))
		fail_msg("%s has %s", sql, buf_str(&b));
	buf_done(&b);
}

static unsigned int assert_rows_harmless(sqlite3 *db, const char *table)
{
	unsigned int nr = 0;
	sqlite3_stmt *s;
	char sql[96];
	int i;

	snprintf(sql, sizeof(sql), "SELECT * FROM %s", table);
	s = ask(db, sql);
	for (; sqlite3_step(s) == SQLITE_ROW; nr++)
		for (i = 0; i < sqlite3_column_count(s); i++)
			if (sqlite3_column_type(s, i) == SQLITE_TEXT)
				assert_harmless(sql, (const char *)sqlite3_column_text(s, i));
			else if (sqlite3_column_type(s, i) == SQLITE_BLOB)
				assert_true(!strcmp(table, "block") || !strcmp(table, "seal"));
	sqlite3_finalize(s);
	return nr;
}

static void no_text_acts(void **state)
{
	unsigned int nr_empty = 0;
	sqlite3_stmt *s;
	sqlite3 *db;

	(void)state;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	s = ask(db, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')");
	while (sqlite3_step(s) == SQLITE_ROW)
		nr_empty += !assert_rows_harmless(db, (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	assert_true(nr_empty <= 3); /* loss, clock, signature */
	sqlite3_close(db);
}

static void assert_number(sqlite3 *db, const char *sql, int64_t wanted)
{
	sqlite3_stmt *s = ask(db, sql);

	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	if (sqlite3_column_int64(s, 0) != wanted)
		fail_msg("%lld: %s", sqlite3_column_int64(s, 0), sql);
	sqlite3_finalize(s);
}

static void people_can_read_it(void **state)
{
	sqlite3 *db;

	(void)state;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_number(db, "SELECT count(*) FROM changes WHERE mapping IS NULL OR mapping = ''", 0);
	assert_number(db, "SELECT count(*) > 0 FROM changes WHERE mapping = '[anon]'", 1);
	assert_number(db, "SELECT count(*) FROM changes WHERE mapping = '[anon:plain]'", 2);
	assert_number(db, "SELECT count(*) > 0 FROM files WHERE path = '/tmp/plain (deleted)'", 1);
	assert_number(db,
		      "SELECT count(*) > 0 FROM files WHERE path = '/tmp/back\\\\slash \\\\x1b[2J "
		      "\\\\n' AND raw LIKE '2f746d702f6261636b5c73%'",
		      1);
	/* Addresses compare as text, and are what the table has as numbers. */
	assert_number(
		db,
		"SELECT count(*) FROM changes v JOIN change c USING (id) WHERE length(v.start) "
		"<> 18 OR v.end <= v.start OR v.start <> printf('0x%016x', c.start)",
		0);
	assert_number(db,
		      "SELECT count(*) FROM changes WHERE start >= '0x0000000000500000' AND end <= "
		      "'0x0000000000501000' AND cause = 'call'",
		      NR_NAMES);
	assert_number(db, "SELECT count(*) FROM changes WHERE (cause = 'call') <> (call NOTNULL)",
		      0);
	assert_number(db, "SELECT count(DISTINCT call) FROM changes", 1);
	assert_number(db, "SELECT count(DISTINCT offset) FROM changes", 1);
	sqlite3_close(db);
}

static int feed_event(void *ctx, const struct event *ev)
{
	return pipeline_feed(ctx, ev);
}

/* The bytes are there: shown from the recording, they are what they were. */
static void shows_the_same(void **state)
{
	struct play live, again;
	struct replay_fault fault;
	struct replay *r;

	(void)state;
	play_init(&live);
	record(&live);
	pipeline_free(live.pl);
	live.pl = NULL;
	play_init(&again);
	assert_int_equal(replay_open(path, again.objects, &r, &fault), 0);
	assert_int_equal(replay_run(r, feed_event, again.pl), 0);
	assert_int_equal(pipeline_finish(again.pl, live.ts_ns, NULL), 0);
	read_text(&live);
	read_text(&again);
	assert_int_equal(live.text.buf.len, again.text.buf.len);
	assert_memory_equal(live.text.buf.data, again.text.buf.data, live.text.buf.len);
	assert_non_null(memmem(live.text.buf.data, live.text.buf.len, "plain+0x4", 9));
	replay_close(r);
	play_done(&live);
	play_done(&again);
}

static int make(const char *to)
{
	struct play p;

	snprintf(path, sizeof(path), "%s", to);
	play_init(&p);
	record(&p);
	play_done(&p);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_the_same),
		cmocka_unit_test(no_text_acts),
		cmocka_unit_test(people_can_read_it),
	};
	int fd, failed;

	if (argc > 1)
		return make(argv[1]);
	fd = mkstemp(path);
	if (fd < 0)
		return 2;
	close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return unlink(path) || failed;
}
