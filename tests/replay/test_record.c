/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A recording gives back what was recorded: each cases/NAME.events is shown, recorded, and
 * shown again from the file, as text, JSON and timeline, to the byte. And one that is not
 * what a recorder wrote is refused, whatever is in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "core/judge.h"
#include "core/pack.h"
#include "core/pipeline.h"
#include "detect/detectors.h"
#include "replay/script.h"
#include "sink/lines/lines.h"
#include "sink/record/record_sink.h"
#include "sink/timeline/timeline_sink.h"
#include "replay_run.h"

#define START_NS 5000000000ULL
#define NR_KINDS 3

static char dir[] = "/tmp/mpw-record.XXXXXX";
static char path[sizeof(dir) + 16];

/* One showing: a pipeline with one sink of each kind. */
struct showing {
	struct object_table *objects;
	struct pipeline *pl;
	struct rules rules;
	struct run_info run;
	struct out out[NR_KINDS];
	uint64_t end_ns;
};

static void showing_init(struct showing *s)
{
	struct line_config line = { .run = &s->run, .utc = true, .header = true };
	struct timeline_config timeline = { .run = &s->run, .width = 100, .utc = true };

	memset(s, 0, sizeof(*s));
	s->objects = object_table_new();
	s->pl = pipeline_new(s->objects);
	rules_init(&s->rules);
	pipeline_set_judge(s->pl, judge_new(all_detectors, &s->rules));
	select_all(&line.select);
	line.out = &s->out[0];
	pipeline_add_sink(s->pl, text_sink_new(&line));
	line.out = &s->out[1];
	pipeline_add_sink(s->pl, json_sink_new(&line));
	timeline.out = &s->out[2];
	pipeline_add_sink(s->pl, timeline_sink_new(&timeline));
}

/* Its output must fit the buffers: nothing is written to a file. */
static void showing_finish(struct showing *s)
{
	assert_int_equal(pipeline_finish(s->pl, s->end_ns, NULL), 0);
}

static void showing_done(struct showing *s)
{
	int i;

	pipeline_free(s->pl);
	object_table_free(s->objects);
	rules_done(&s->rules);
	for (i = 0; i < NR_KINDS; i++)
		buf_done(&s->out[i].buf);
}

static int feed(void *ctx, const struct event *ev)
{
	return pipeline_feed(ctx, ev);
}

/* Show and record a script. */
static void record_script(struct showing *s, const char *script)
{
	struct record_config cfg = { .path = path,
				     .force = true,
				     .arguments = "test",
				     .run = &s->run };
	struct sink sink;

	script_set_pages(script);
	showing_init(s);
	s->run = (struct run_info){ .what = "process 100",
				    .tier = "truth",
				    .start_ns = START_NS,
				    .boot_to_wall_ns = 1795521784000000000ULL - START_NS };
	cfg.pipeline = s->pl;
	assert_int_equal(record_sink_new(&cfg, &sink), 0);
	pipeline_add_sink(s->pl, sink);
	s->end_ns = script_play(script, START_NS, s->objects, feed, s->pl);
	showing_finish(s);
}

static struct replay *open_recording(struct showing *s)
{
	struct replay_fault fault;
	struct replay *r = NULL;

	if (replay_open(path, s->objects, &r, &fault))
		return NULL;
	s->run.what = replay_info(r)->what;
	s->run.tier = replay_info(r)->tier;
	s->run.start_ns = replay_info(r)->start_ns;
	s->run.boot_to_wall_ns = replay_info(r)->boot_to_wall_ns;
	s->end_ns = replay_info(r)->end_ns;
	return r;
}

static void replays_the_same(void **state)
{
	struct showing live, again;
	struct replay *r;
	int i;

	record_script(&live, *state);
	showing_init(&again);
	pipeline_free(live.pl);	     /* closes the recording */
	page_bytes = PAGE_BYTES_MIN; /* of the machine that reads it */
	r = open_recording(&again);
	assert_non_null(r);
	assert_false(replay_info(r)->was_cut);
	assert_int_equal(replay_run(r, feed, again.pl), 0);
	showing_finish(&again);
	for (i = 0; i < NR_KINDS; i++) {
		assert_true(live.out[i].buf.len > 0);
		assert_int_equal(live.out[i].buf.len, again.out[i].buf.len);
		assert_memory_equal(live.out[i].buf.data, again.out[i].buf.data,
				    live.out[i].buf.len);
	}
	replay_close(r);
	live.pl = NULL;
	showing_done(&live);
	showing_done(&again);
}

/* ---- hostile input ---- */

/* Random numbers, equal on every run. */
static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Events in one buffer, as a block has them. */
struct packing {
	struct buf b;
	struct pack_memory memory;
	const struct object *objects[64];
	size_t nr_objects;
};

static uint32_t number_of(void *ctx, const struct object *obj)
{
	struct packing *p = ctx;
	size_t i;

	for (i = 0; i < p->nr_objects; i++)
		if (p->objects[i] == obj)
			return i + 1;
	assert_true(p->nr_objects < 64);
	p->objects[p->nr_objects++] = obj;
	return p->nr_objects;
}

static int pack(void *ctx, const struct event *ev)
{
	struct packing *p = ctx;

	/* every call has the one stack that there is */
	pack_event(&p->b, &p->memory, ev, ev->type == EVENT_CALL, number_of, p);
	return 0;
}

/* Every damaged block ends in an error or in events that can be applied and shown. */
static void survives_any_block(void **state)
{
	struct object_table *objects = object_table_new();
	struct packing p = { 0 };
	struct showing s;
	uint32_t random = 1;
	char *damaged;
	int round, i;

	script_play(*state, START_NS, objects, pack, &p);
	damaged = malloc(p.b.len);
	for (round = 0; round < 3000; round++) {
		const struct frame frame = { .addr = 1, .symbol = "f" };
		const struct stack stack = { &frame, 1 };
		struct unpacker u = { .version = 3,
				      .objects = p.objects,
				      .nr_objects = p.nr_objects,
				      .stacks = &stack,
				      .nr_stacks = 1 };
		struct event ev;

		memcpy(damaged, p.b.data, p.b.len);
		for (i = 0; i <= round % 4; i++)
			damaged[next_random(&random) % p.b.len] = next_random(&random);
		showing_init(&s);
		s.run.what = s.run.tier = "";
		unpack_begin(&u, damaged, round % 5 ? p.b.len : next_random(&random) % p.b.len);
		while (unpack_event(&u, &ev) > 0)
			if (pipeline_feed(s.pl, &ev))
				break;
		s.end_ns = u.memory.ts_ns;
		for (i = 0; i < NR_KINDS; i++)
			s.out[i].fd = open("/dev/null", 1);
		showing_finish(&s);
		for (i = 0; i < NR_KINDS; i++)
			close(s.out[i].fd);
		unpacker_done(&u);
		showing_done(&s);
	}
	free(damaged);
	buf_done(&p.b);
	object_table_free(objects);
}

static char *read_file(size_t *ret_len)
{
	FILE *f = fopen(path, "r");
	char *data;

	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	*ret_len = ftell(f);
	rewind(f);
	data = malloc(*ret_len);
	assert_int_equal(fread(data, 1, *ret_len, f), *ret_len);
	fclose(f);
	return data;
}

static void write_file(const char *data, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_int_equal(fwrite(data, 1, len, f), len);
	fclose(f);
}

static int count(void *ctx, const struct event *ev)
{
	(void)ev;
	++*(unsigned int *)ctx;
	return 0;
}

/* Damaged bytes anywhere in the file, and files that end too early. */
static void survives_any_file(void **state)
{
	struct showing s, again;
	uint32_t random = 7;
	char *whole, *damaged;
	unsigned int n = 0;
	struct replay *r;
	size_t len;
	int round;

	record_script(&s, *state);
	showing_done(&s);
	whole = read_file(&len);
	damaged = malloc(len);
	for (round = 0; round < 400; round++) {
		memcpy(damaged, whole, len);
		damaged[next_random(&random) % len] ^= 1 << round % 8;
		damaged[next_random(&random) % len] = next_random(&random);
		write_file(damaged, round % 3 ? len : next_random(&random) % len);
		showing_init(&again);
		r = open_recording(&again);
		if (r)
			replay_run(r, count, &n);
		replay_close(r);
		showing_done(&again);
	}
	free(whole);
	free(damaged);
}

static void run_sql(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void assert_refused(const char *script, const char *sql, const char *why)
{
	struct replay_fault fault;
	struct showing s, again;
	struct replay *r = NULL;
	unsigned int n = 0;
	int err;

	record_script(&s, script);
	showing_done(&s);
	run_sql(sql);
	showing_init(&again);
	err = replay_open(path, again.objects, &r, &fault);
	if (why) {
		assert_true(err < 0);
		assert_non_null(strstr(fault.why, why));
	} else if (!err) { /* found when it is read */
		assert_true(replay_run(r, count, &n) < 0);
	}
	replay_close(r);
	showing_done(&again);
}

static void refuses(void **state)
{
	assert_refused(*state, "PRAGMA user_version = 5", "newer format");
	assert_refused(*state, "PRAGMA user_version = 0", "damaged");
	assert_refused(*state, "PRAGMA application_id = 1", "not a recording");
	assert_refused(*state, "UPDATE meta SET value = 12288 WHERE key = 'page_bytes'", "damaged");
	assert_refused(*state, "UPDATE meta SET value = 1 << 40 WHERE key = 'page_bytes'",
		       "damaged");
	assert_refused(*state, "UPDATE meta SET value = -4096 WHERE key = 'page_bytes'", "damaged");
	assert_refused(*state, "UPDATE object SET kind = 99", "damaged");
	assert_refused(*state, "UPDATE object SET name = x'00'", "damaged");
	assert_refused(*state, "UPDATE object SET id = id + 500", "damaged");
	assert_refused(*state, "UPDATE object SET raw = '6'", "damaged");
	assert_refused(*state, "UPDATE object SET raw = '6g'", "damaged");
	assert_refused(*state, "DELETE FROM object", NULL);
	assert_refused(*state, "UPDATE block SET bytes = 1 << 40", NULL);
	assert_refused(*state, "UPDATE block SET bytes = -1", NULL);
	assert_refused(*state, "UPDATE block SET data = zeroblob(1000)", NULL);
	assert_refused(*state, "DROP TABLE block", "damaged");
	assert_refused(
		*state,
		"DROP TABLE block; CREATE VIEW block AS WITH RECURSIVE n(id) AS (SELECT 1 UNION "
		"ALL SELECT id + 1 FROM n) SELECT id, 0 AS key, '' AS data, 1 AS bytes FROM n",
		"damaged");
}

/* The answer of one row and column; borrowed until the next. */
static const char *words_of(const char *sql)
{
	static char words[1024];
	sqlite3_stmt *st;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	snprintf(words, sizeof(words), "%s", (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	sqlite3_close(db);
	return words;
}

static long long answer_to(const char *sql)
{
	return atoll(words_of(sql));
}

/* A range of which nothing is known is no memory that went, however long it is. */
static void knows_no_size(void **state)
{
	struct showing s;

	record_script(&s, *state);
	showing_done(&s);
	assert_int_equal(answer_to("SELECT count(*) FROM changes WHERE size IS NULL"), 2);
	assert_int_equal(answer_to("SELECT count(*) FROM changes WHERE size IS NULL AND "
				   "before = 'unknown' AND after = 'unmapped'"),
			 2);
	assert_int_equal(answer_to("SELECT sum(iif(after = 'unmapped', -size, size)) FROM changes "
				   "WHERE call = 'brk' AND before <> 'unknown'"),
			 4096);
}

/* The views say which ranges are guard regions, and that memory that is one keeps its rights. */
static void names_guards(void **state)
{
	struct showing s;

	record_script(&s, *state);
	showing_done(&s);
	assert_string_equal(
		words_of("SELECT group_concat(call || ' ' || start || ' ' || was_guard || "
			 "is_guard, char(10)) FROM changes WHERE was_guard OR is_guard"),
		"madvise 0x00007e0000000000 01\n"
		"mprotect 0x00007e0000000000 11\n"
		"madvise 0x00007e0000001000 10\n"
		"munmap 0x00007e0000000000 10\n"
		"madvise 0x00007e0000004000 01\n"
		"mremap 0x00007e0000004000 10\n"
		"mremap 0x00007d0000000000 01");
	assert_string_equal(words_of("SELECT before || ' ' || after FROM changes WHERE call = "
				     "'mprotect' AND is_guard"),
			    "rw-p r--p");
	assert_string_equal(words_of("SELECT prot || ' ' || is_guard FROM writes"), "r--p 1");
}

static void stays_private(void **state)
{
	struct record_config cfg = { .path = path, .arguments = "" };
	struct run_info run = { .what = "", .tier = "" };
	struct sink sink;
	struct stat st;

	(void)state;
	cfg.run = &run;
	unlink(path);
	assert_int_equal(record_sink_new(&cfg, &sink), 0);
	sink.ops->free(sink.priv);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(record_sink_new(&cfg, &sink), -EEXIST);
	unlink(path);
	assert_int_equal(symlink("elsewhere", path), 0);
	assert_int_equal(record_sink_new(&cfg, &sink), -ELOOP);
	cfg.force = true;
	assert_int_equal(record_sink_new(&cfg, &sink), -ELOOP);
	unlink(path);
	cfg.path = "/nowhere/at/all";
	assert_int_equal(record_sink_new(&cfg, &sink), -ENOENT);
}

#define HOSTILE "tests/replay/cases/steps.events"
#define UNKNOWN "tests/replay/cases/unknown.events"
#define GUARDS	"tests/replay/cases/guards.events"

int main(void)
{
	struct CMUnitTest *tests;
	char command[64];
	glob_t cases;
	size_t i, n;
	int failed;

	if (glob("tests/replay/cases/*.events", 0, NULL, &cases) || !mkdtemp(dir))
		return 2;
	snprintf(path, sizeof(path), "%s/rec", dir);
	n = cases.gl_pathc;
	tests = calloc(n + 6, sizeof(*tests));
	for (i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){ .name = strrchr(cases.gl_pathv[i], '/') + 1,
						.test_func = replays_the_same,
						.initial_state = cases.gl_pathv[i] };
	tests[n++] = (struct CMUnitTest){ "any block", survives_any_block, NULL, NULL, HOSTILE };
	tests[n++] = (struct CMUnitTest){ "any file", survives_any_file, NULL, NULL, HOSTILE };
	tests[n++] = (struct CMUnitTest){ "refuses", refuses, NULL, NULL, HOSTILE };
	tests[n++] = (struct CMUnitTest){ "no size", knows_no_size, NULL, NULL, UNKNOWN };
	tests[n++] = (struct CMUnitTest){ "guards", names_guards, NULL, NULL, GUARDS };
	tests[n++] = (struct CMUnitTest){ "private", stays_private, NULL, NULL, NULL };
	failed = _cmocka_run_group_tests("record", tests, n, NULL, NULL);
	free(tests);
	globfree(&cases);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) || failed;
}
