/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recordings whose schema was made to do harm, and queries that try to: a file that somebody sends
 * must not hang, change or fill the machine of who reads it.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "cmd/query.h"
#include "core/pipeline.h"
#include "replay/script.h"
#include "sink/record/record_sink.h"
#include "source/replay.h"

#define HOSTILE "tests/replay/cases/steps.events"

#define ENDLESS                                                                                 \
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, 0 AS " \
	"key, 0 AS first_ns, 0 AS last_ns, 0 AS changes, 0 AS events, 1 AS bytes, '' AS data FROM n"

static char dir[] = "/tmp/mpw-hostile.XXXXXX";
static char path[sizeof(dir) + 16];

static const char *tried;

static void in_vain(int sig)
{
	(void)sig;
	dprintf(1, "not ok - waited 60 s in vain for an answer to: %s\n", tried);
	_exit(1);
}

static int feed(void *ctx, const struct event *ev)
{
	return pipeline_feed(ctx, ev);
}

/* A recording, with sql run on it. */
static void make(const char *sql)
{
	struct run_info run = { .what = "", .tier = "" };
	struct record_config cfg = { .path = path, .force = true, .arguments = "", .run = &run };
	struct object_table *objects = object_table_new();
	struct pipeline *pl = pipeline_new(objects);
	struct sink sink;
	sqlite3 *db;

	cfg.pipeline = pl;
	assert_int_equal(record_sink_new(&cfg, &sink), 0);
	pipeline_add_sink(pl, sink);
	script_play(HOSTILE, 5000000000ULL, objects, feed, pl);
	assert_int_equal(pipeline_finish(pl, 0, NULL), 0);
	pipeline_free(pl);
	object_table_free(objects);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL))
		fail_msg("%s: %s", sqlite3_errmsg(db), sql);
	sqlite3_close(db);
}

static void assert_refused(const char *sql)
{
	struct object_table *objects = object_table_new();
	struct replay_fault fault;
	struct replay *r = NULL;

	tried = sql;
	make(sql);
	assert_true(replay_open(path, objects, &r, &fault) < 0);
	assert_non_null(fault.why);
	object_table_free(objects);
}

/* A table of sqlite_schema need not be one. */
static void refuses_programs_as_tables(void **state)
{
	(void)state;
	signal(SIGALRM, in_vain);
	alarm(60); /* they would go on for ever */
	assert_refused("DROP TABLE block; CREATE VIEW block AS " ENDLESS);
	assert_refused("DROP TABLE block; CREATE VIEW block AS " ENDLESS
		       "; PRAGMA writable_schema = ON;"
		       "UPDATE sqlite_schema SET type = 'table' WHERE name = 'block'");
	assert_refused("DROP TABLE loss; CREATE TABLE loss (id INTEGER PRIMARY KEY, t, pid, lost,"
		       "x AS (hex(zeroblob(60000000))))");
	assert_refused("ALTER TABLE object ADD COLUMN x AS (hex(zeroblob(60000000)))");
	assert_refused("DROP TABLE loss; CREATE VIRTUAL TABLE loss USING fts4(id, t, pid, lost)");
	alarm(0);
}

static struct replay *open_made(struct object_table *objects)
{
	struct replay_fault fault;
	struct replay *r = NULL;

	assert_int_equal(replay_open(path, objects, &r, &fault), 0);
	return r;
}

/* Whether it is answered, and not with what. */
static int query(struct replay *r, const char *sql)
{
	int was = dup(STDOUT_FILENO), nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC), status;

	fflush(stdout);
	assert_true(was >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0);
	status = query_run(r, sql, ROWS_TABLE, true);
	dup2(was, STDOUT_FILENO);
	close(was);
	close(nowhere);
	return status;
}

static void queries_only_read(void **state)
{
	static const char *const attacks[] = {
		"DELETE FROM block",
		"UPDATE sqlite_master SET sql = ''",
		"INSERT INTO loss VALUES (1, 2, 3, 4)",
		"CREATE TEMP TABLE t (x)",
		"CREATE TEMP VIEW v AS SELECT 1",
		"ATTACH '/tmp/mpw-hostile.attached' AS x",
		"VACUUM INTO '/tmp/mpw-hostile.vacuum'",
		"SELECT load_extension('/tmp/x.so')",
		"SELECT fts3_tokenizer('simple', x'0102030405060708')",
		"SELECT * FROM changes; DELETE FROM block",
		"BEGIN IMMEDIATE",
		"SAVEPOINT x",
		"ANALYZE",
		"PRAGMA writable_schema = ON",
		"PRAGMA query_only = OFF",
		"PRAGMA trusted_schema = ON",
		"PRAGMA hard_heap_limit = 0",
		"PRAGMA temp_store = FILE",
		"PRAGMA temp_store_directory = '/tmp'",
		"PRAGMA journal_mode = DELETE",
		"PRAGMA mmap_size = 1000000000",
		"PRAGMA wal_checkpoint",
		"PRAGMA user_version = 9",
		"SELECT zeroblob(1000000000)",
	};
	static const char *const honest[] = {
		"SELECT count(*) FROM changes",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 9) SELECT * FROM n",
		"PRAGMA table_info(change)",
		"PRAGMA integrity_check",
		"SELECT name FROM pragma_table_info('change')",
		"SELECT value FROM processes, json_each(coalesce(cmdline, '[]'))",
		"EXPLAIN QUERY PLAN SELECT * FROM changes",
		"VALUES (1), (2);",
	};
	struct object_table *objects = object_table_new();
	struct replay *r;
	size_t i;

	(void)state;
	make("CREATE VIEW evil AS SELECT load_extension('/tmp/x.so')");
	r = open_made(objects);
	for (i = 0; i < sizeof(attacks) / sizeof(*attacks); i++)
		if (!query(r, attacks[i]))
			fail_msg("this was done: %s", attacks[i]);
	assert_true(query(r, "SELECT * FROM evil"));
	assert_true(access("/tmp/mpw-hostile.attached", F_OK) < 0);
	assert_true(access("/tmp/mpw-hostile.vacuum", F_OK) < 0);
	for (i = 0; i < sizeof(honest) / sizeof(*honest); i++)
		if (query(r, honest[i]))
			fail_msg("this was refused: %s", honest[i]);
	replay_close(r);
	object_table_free(objects);
}

/* A view that never ends: the memory does, and nothing but the query is over then. */
static void queries_are_bounded(void **state)
{
	struct object_table *objects = object_table_new();
	struct replay *r;

	(void)state;
	make("CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n) "
	     "SELECT i FROM n ORDER BY i DESC");
	r = open_made(objects);
	assert_true(sqlite3_hard_heap_limit64(-1) > 0);
	sqlite3_hard_heap_limit64(32 << 20); /* that it is over sooner */
	assert_true(query(r, "SELECT * FROM endless"));
	assert_int_equal(query(r, "SELECT count(*) FROM changes"), 0);
	replay_close(r);
	object_table_free(objects);
}

/* Names of a hostile view's columns are text from outside as well. */
static void column_names_are_escaped(void **state)
{
	static const enum rows_format formats[] = { ROWS_TABLE, ROWS_JSON, ROWS_CSV };
	struct object_table *objects = object_table_new();
	struct out out = { .fd = -1 };
	sqlite3_stmt *s;
	struct replay *r;
	size_t i;

	(void)state;
	make("CREATE VIEW v AS SELECT 1 AS \"\033[2J\r\n\"");
	r = open_made(objects);
	for (i = 0; i < 3; i++) {
		assert_int_equal(sqlite3_prepare_v2(replay_db(r), "SELECT * FROM v", -1, &s, NULL),
				 0);
		assert_int_equal(rows_write(&out, s, formats[i]), 0);
		sqlite3_finalize(s);
	}
	assert_null(memchr(out.buf.data, '\033', out.buf.len));
	assert_non_null(memmem(out.buf.data, out.buf.len, "\\x1b", 4));
	buf_done(&out.buf);
	replay_close(r);
	object_table_free(objects);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_programs_as_tables),
		cmocka_unit_test(queries_only_read),
		cmocka_unit_test(queries_are_bounded),
		cmocka_unit_test(column_names_are_escaped),
	};
	char command[64];
	int failed;

	if (!mkdtemp(dir))
		return 2;
	snprintf(path, sizeof(path), "%s/rec", dir);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) || failed;
}
