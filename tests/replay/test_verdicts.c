/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Findings in a recording: in the file, or the files, in which they were made, with those of their
 * changes that are there. A file made before there were any is read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "core/judge.h"
#include "core/pipeline.h"
#include "detect/detectors.h"
#include "replay/script.h"
#include "sink/record/record_sink.h"
#include "replay_run.h"

#define START_NS 5000000000ULL
#define SCRIPT	 "tests/replay/findings/jit-like.events"

static char dir[] = "/tmp/mpw-verdicts.XXXXXX";
static char path[sizeof(dir) + 16], first[sizeof(dir) + 16];

/* A run that is recorded; after rotate_at events the recorder begins another file. */
struct run {
	struct pipeline *pl;
	unsigned int nr_events, rotate_at;
};

static int feed(void *ctx, const struct event *ev)
{
	struct run *r = ctx;
	int err = pipeline_feed(r->pl, ev);

	if (!err && ++r->nr_events == r->rotate_at)
		err = pipeline_flush(r->pl);
	return err;
}

static void record(unsigned int rotate_at)
{
	struct run_info info = { .what = "test", .tier = "truth", .start_ns = START_NS };
	struct object_table *objects = object_table_new();
	struct run run = { pipeline_new(objects), 0, rotate_at };
	struct record_config cfg = { .path = path,
				     .force = true,
				     .arguments = "",
				     .run = &info,
				     .pipeline = run.pl,
				     .rotate_bytes = rotate_at ? 1 : 0 };
	struct rules rules;
	struct sink sink;
	uint64_t end_ns;

	rules_init(&rules);
	unlink(first);
	assert_int_equal(record_sink_new(&cfg, &sink), 0);
	pipeline_add_sink(run.pl, sink);
	pipeline_set_judge(run.pl, judge_new(all_detectors, &rules));
	end_ns = script_play(SCRIPT, START_NS, objects, feed, &run);
	assert_int_equal(pipeline_finish(run.pl, end_ns, NULL), 0);
	pipeline_free(run.pl);
	object_table_free(objects);
}

/* The number that sql gives, or that it changes. */
static int64_t number_of(const char *file, const char *sql)
{
	sqlite3_stmt *s;
	sqlite3 *db;
	int64_t ret = -1;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	if (sqlite3_step(s) == SQLITE_ROW)
		ret = sqlite3_column_int64(s, 0);
	assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
	sqlite3_close(db);
	return ret;
}

/* Evidence is of changes that are there, of the finding's process, range and time. */
static const char misplaced[] =
	"SELECT count(*) FROM evidence e JOIN finding f ON f.id = e.finding "
	"LEFT JOIN change c ON c.id = e.change LEFT JOIN thread h ON h.id = c.thread "
	"CROSS JOIN origin z WHERE c.id IS NULL OR h.process IS NOT f.process OR "
	"c.t + z.start_ns NOT BETWEEN f.first_ns AND f.last_ns OR "
	"c.start < f.start OR c.start + c.size > f.end";

static void one_file(void **state)
{
	(void)state;
	record(0);
	assert_true(number_of(path, "SELECT count(*) FROM findings") >= 3);
	assert_int_equal(number_of(path, "SELECT count(*) FROM finding WHERE NOT is_over"), 0);
	assert_int_equal(number_of(path, "SELECT count(*) FROM finding f LEFT JOIN process p ON "
					 "p.id = f.process WHERE p.pid IS NOT f.pid"),
			 0);
	assert_int_equal(number_of(path, "SELECT count(*) FROM finding f WHERE min(changes, 4) <> "
					 "(SELECT count(*) FROM evidence WHERE finding = f.id)"),
			 0);
	assert_int_equal(number_of(path, misplaced), 0);
}

static void two_files(void **state)
{
	int64_t changes;

	(void)state;
	record(0);
	changes = number_of(path, "SELECT sum(changes) FROM finding");
	record(10);
	assert_true(number_of(first, "SELECT count(*) FROM finding WHERE NOT is_over") > 0);
	assert_true(number_of(first, "SELECT count(*) FROM evidence") > 0);
	assert_int_equal(number_of(first, misplaced), 0);
	/* the last file has all in the end, but not the changes of the first */
	assert_int_equal(number_of(path, "SELECT sum(changes) FROM finding"), changes);
	assert_int_equal(number_of(path, "SELECT count(*) FROM finding WHERE NOT is_over"), 0);
	assert_int_equal(number_of(path, "SELECT count(*) FROM finding WHERE process IS NULL"), 0);
	assert_int_equal(number_of(path, misplaced), 0);
	assert_true(number_of(path, "SELECT count(*) FROM evidence") > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_file),
		cmocka_unit_test(two_files),
	};
	char command[64];
	int failed;

	if (!mkdtemp(dir))
		return 2;
	snprintf(path, sizeof(path), "%s/rec", dir);
	snprintf(first, sizeof(first), "%s/rec.000001", dir);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) || failed;
}
