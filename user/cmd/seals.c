/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of all seals go into an empty recording in memory, as the recorder wrote them: each of
 * its tables must be that of the file. Tables that grow with every change are hashed instead, as far
 * as each seal reaches.
 */
#include "cmd/seals.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "core/recording.h"
#include "core/seal.h"
#include "sink/record/record_private.h"
#include "source/distrust.h"
#include "source/replay.h"
#include "util/escape.h"
#include "util/mem.h"

#define WRONG_MAX 3 /* rows of a table that are named */

struct seals {
	sqlite3 *db;		/* the recording: borrowed */
	struct record_db again; /* in memory */
	struct chain chain;
	struct buf *wrong;
	struct seals_found *found;
	ZSTD_DCtx *zstd;
	struct buf rows, row; /* of the seal, and of the stretch at hand */
	int64_t block;	      /* the last that is sealed */
	int64_t last[NR_STRETCHES];
	uint64_t first_ns, last_ns; /* of the seal's blocks */
};

static void wrong(struct seals *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void wrong(struct seals *c, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_printf(c->wrong, "%s\n", text);
}

static int errno_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_INTERRUPT:
		return -EINTR;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_IOERR:
		return -EIO;
	}
	return -EBADMSG;
}

static sqlite3_stmt *ask(sqlite3 *db, const char *sql, int64_t after, int64_t to)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL))
		return NULL;
	if (sqlite3_bind_parameter_count(s) > 1) {
		sqlite3_bind_int64(s, 1, after);
		sqlite3_bind_int64(s, 2, to);
	}
	return s;
}

/* ---- stretches ---- */

static void put_column(struct buf *b, sqlite3_stmt *s, int i)
{
	struct row_value v = { .type = ROW_NULL };

	switch (sqlite3_column_type(s, i)) {
	case SQLITE_NULL:
		break;
	case SQLITE_INTEGER:
		v.type = ROW_NUMBER;
		v.number = sqlite3_column_int64(s, i);
		break;
	case SQLITE_TEXT:
		v.type = ROW_TEXT;
		v.text = (const char *)sqlite3_column_text(s, i);
		v.len = sqlite3_column_bytes(s, i);
		break;
	default: /* no recorder writes blobs here, or numbers with a fraction: its hash is another */
		buf_puts(b, "?");
		return;
	}
	row_put(b, &v);
}

/* The rows of a table up to the id, which a seal says are so many with that hash. */
static int check_stretch(struct seals *c, int which, int64_t to, uint64_t nr, const char *hash)
{
	const struct record_stretch *t = &record_stretches[which];
	int64_t after = c->last[which];
	struct stretch got = { .nr = 0 };
	char sql[96], hex[SEAL_HEX];
	sqlite3_stmt *s;
	int rc = SQLITE_ERROR, i;

	snprintf(sql, sizeof(sql), "SELECT * FROM %s WHERE id > ? AND id <= ? ORDER BY id",
		 t->table);
	s = ask(c->db, sql, after, to);
	while (s && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		c->row.len = 0;
		for (i = t->has_id ? 0 : 1; i < sqlite3_column_count(s); i++)
			put_column(&c->row, s, i);
		stretch_add(&got, sqlite3_column_int64(s, 0), c->row.data, c->row.len);
	}
	sqlite3_finalize(s);
	c->found->nr_rows += got.nr;
	i = got.nr == nr;
	stretch_end(&got, hex);
	if (rc == SQLITE_DONE && (!i || strcmp(hex, hash) != 0))
		wrong(c, "%s: rows %lld to %lld are not those that were recorded", t->table,
		      (long long)after + 1, (long long)to);
	c->last[which] = to;
	return rc == SQLITE_DONE ? 0 : errno_of(rc);
}

static void check_rest(struct seals *c, const char *table, int64_t last)
{
	char sql[96];
	sqlite3_stmt *s;

	snprintf(sql, sizeof(sql), "SELECT id FROM %s WHERE id > ? OR id < ? LIMIT 1", table);
	s = ask(c->db, sql, last, 1);
	if (s && sqlite3_step(s) == SQLITE_ROW)
		wrong(c, "%s: row %lld was added", table, (long long)sqlite3_column_int64(s, 0));
	sqlite3_finalize(s);
}

/* ---- seals ---- */

static int take_rows(struct seals *c)
{
	const char *at = c->rows.data, *end = at + c->rows.len;
	struct sealed_row row;
	int err, i;

	while ((err = row_next(&at, end, &row)) > 0) {
		enum record_stmt id = record_seal_stmt(row.code);

		for (i = 0; i < NR_STRETCHES && record_stretches[i].stmt != id; i++)
			;
		err = 0;
		if (i == NR_STRETCHES)
			err = id == NR_STMTS ? -EBADMSG : record_db_again(&c->again, id, &row);
		else if (row.nr == 3 && row.value[2].type == ROW_TEXT &&
			 row.value[2].len == SEAL_HEX - 1) {
			char hash[SEAL_HEX] = { 0 };

			memcpy(hash, row.value[2].text, SEAL_HEX - 1);
			err = check_stretch(c, i, row.value[0].number, row.value[1].number, hash);
		}
		if (err)
			return err;
	}
	return err;
}

/* True if the first columns are numbers, and the one at blob is bytes: SQLite would convert others. */
static bool has_types(sqlite3_stmt *s, int nr_numbers, int blob)
{
	int i;

	for (i = 0; i < nr_numbers; i++)
		if (sqlite3_column_type(s, i) != SQLITE_INTEGER)
			return false;
	return sqlite3_column_type(s, blob) == SQLITE_BLOB;
}

/* Adds the blocks until the seal's to the chain. Their number must be right. */
static int add_blocks(struct seals *c, int64_t to)
{
	sqlite3_stmt *s = ask(c->db,
			      "SELECT id, key, first_ns, last_ns, changes, events, bytes, data "
			      "FROM block WHERE id > ? AND id <= ? ORDER BY id",
			      c->block, to);
	int rc = SQLITE_ERROR, i;

	while (s && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		const void *data = sqlite3_column_blob(s, 7);
		int64_t numbers[7];

		for (i = 0; i < 7; i++)
			numbers[i] = sqlite3_column_int64(s, i);
		if (!has_types(s, 7, 7))
			wrong(c, "block %lld is damaged", (long long)numbers[0]);
		chain_block(&c->chain, numbers, data ? data : "", sqlite3_column_bytes(s, 7));
		c->found->nr_blocks++;
	}
	sqlite3_finalize(s);
	return rc == SQLITE_DONE ? 0 : errno_of(rc);
}

static int unpack(struct seals *c, sqlite3_stmt *s)
{
	int64_t bytes = sqlite3_column_int64(s, 2);
	size_t n;

	if (bytes < 0 || bytes > RECORDING_BLOCK_MAX)
		return -EBADMSG;
	c->rows.len = 0;
	n = ZSTD_decompressDCtx(c->zstd, buf_reserve(&c->rows, bytes + 1), bytes + 1,
				sqlite3_column_blob(s, 3), sqlite3_column_bytes(s, 3));
	if (ZSTD_isError(n) || n != (size_t)bytes)
		return -EBADMSG;
	c->rows.len = n;
	return 0;
}

/*
 * One seal: what was written since the one before. After one that does not fit, the next ones are
 * checked by what it says, so that each difference is found by itself.
 */
static int check_seal(struct seals *c, sqlite3_stmt *s)
{
	int64_t id = sqlite3_column_int64(s, 0), to = sqlite3_column_int64(s, 1);
	const char *hash = (const char *)sqlite3_column_text(s, 4);
	int64_t from = c->block + 1;
	uint8_t want[SEAL_BYTES] = { 0 };
	int err;

	if ((uint64_t)id != ++c->found->nr_seals)
		wrong(c, "seal %llu is missing", (unsigned long long)c->found->nr_seals);
	c->found->nr_seals = id;
	err = add_blocks(c, to);
	if (err)
		return err;
	if (!has_types(s, 3, 3) || unpack(c, s) || !hash || seal_parse(hash, want)) {
		wrong(c, "seal %lld is damaged", (long long)id);
	} else {
		chain_seal(&c->chain, c->rows.data, c->rows.len);
		if (memcmp(c->chain.hash, want, SEAL_BYTES) != 0)
			wrong(c,
			      to >= from ?
				      "seal %lld does not fit the one before it and blocks %lld to %lld" :
				      "seal %lld does not fit the one before it",
			      (long long)id, (long long)from, (long long)to);
		err = take_rows(c);
		if (err == -EBADMSG) {
			wrong(c, "seal %lld has rows that this version can't read", (long long)id);
			err = 0;
		}
	}
	chain_begin(&c->chain, want);
	c->block = to;
	return err;
}

/* The hash that sql gives; "" if there is none. */
static void read_hash(sqlite3 *db, const char *sql, char ret[SEAL_HEX])
{
	sqlite3_stmt *s = ask(db, sql, 0, 0);
	uint8_t hash[SEAL_BYTES];
	const char *hex;

	*ret = '\0';
	hex = s && sqlite3_step(s) == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
	if (hex && !seal_parse(hex, hash))
		seal_hex(hash, ret);
	sqlite3_finalize(s);
}

static const char follows_sql[] = "SELECT value FROM meta WHERE key = 'follows'";

/* The chain begins with the last seal of the recording before. The rows of the first seal have it. */
static void begin_chain(struct seals *c)
{
	uint8_t before[SEAL_BYTES];
	char hex[SEAL_HEX];

	read_hash(c->db, follows_sql, hex);
	chain_begin(&c->chain, *hex && !seal_parse(hex, before) ? before : NULL);
}

static int check_chain(struct seals *c)
{
	sqlite3_stmt *s =
		ask(c->db, "SELECT id, block, bytes, data, hash FROM seal ORDER BY id", 0, 0);
	int rc = SQLITE_ERROR, err = 0, i;

	begin_chain(c);
	while (s && !err && (rc = sqlite3_step(s)) == SQLITE_ROW)
		err = check_seal(c, s);
	sqlite3_finalize(s);
	if (err || errno_of(rc))
		return err ? err : errno_of(rc);
	check_rest(c, "block", c->block);
	for (i = 0; i < NR_STRETCHES; i++)
		check_rest(c, record_stretches[i].table, c->last[i]);
	return 0;
}

/* ---- tables ---- */

static bool same_column(sqlite3_stmt *a, sqlite3_stmt *b, int i)
{
	int type = sqlite3_column_type(a, i), len;

	if (type != sqlite3_column_type(b, i))
		return false;
	if (type == SQLITE_INTEGER)
		return sqlite3_column_int64(a, i) == sqlite3_column_int64(b, i);
	len = sqlite3_column_bytes(a, i);
	return len == sqlite3_column_bytes(b, i) &&
	       (!len || !memcmp(sqlite3_column_blob(a, i), sqlite3_column_blob(b, i), len));
}

static bool same_row(sqlite3_stmt *a, sqlite3_stmt *b)
{
	int i, n = sqlite3_column_count(a);

	for (i = 0; i < n; i++)
		if (!same_column(a, b, i))
			return false;
	return n == sqlite3_column_count(b);
}

/* The row's key, as a word for people: that of s, in its first column. */
static void wrong_row(struct seals *c, const char *table, sqlite3_stmt *s, const char *what)
{
	const char *key = (const char *)sqlite3_column_text(s, 0);
	struct buf b = { 0 };

	escape_text(&b, key ? key : "", key ? strnlen(key, 200) : 0);
	wrong(c, "%s: row %s %s", table, buf_str(&b), what);
	buf_done(&b);
}

/* Which of two rows comes first, by the table's order; 0: they have one key. */
static int order(sqlite3_stmt *a, sqlite3_stmt *b)
{
	int64_t x = sqlite3_column_int64(a, 0), y = sqlite3_column_int64(b, 0);

	if (sqlite3_column_type(a, 0) == SQLITE_TEXT && sqlite3_column_type(b, 0) == SQLITE_TEXT)
		return strcmp((const char *)sqlite3_column_text(a, 0),
			      (const char *)sqlite3_column_text(b, 0));
	return x < y ? -1 : x > y;
}

/* Walks both in the order of their keys. */
static int compare(struct seals *c, const char *table, sqlite3_stmt *was, sqlite3_stmt *is)
{
	int a = sqlite3_step(was), b = sqlite3_step(is), which;
	uint64_t nr_wrong = 0;

	while (a == SQLITE_ROW || b == SQLITE_ROW) {
		which = a != SQLITE_ROW ? 1 : b != SQLITE_ROW ? -1 : order(was, is);
		c->found->nr_rows += which >= 0;
		nr_wrong += which || !same_row(was, is);
		if (nr_wrong > WRONG_MAX) {
			wrong(c, "%s: and more rows", table);
			return 0;
		}
		if (which < 0)
			wrong_row(c, table, was, "is missing");
		else if (which > 0)
			wrong_row(c, table, is, "was added");
		else if (!same_row(was, is))
			wrong_row(c, table, is, "is not what was recorded");
		a = which <= 0 ? sqlite3_step(was) : a;
		b = which >= 0 ? sqlite3_step(is) : b;
	}
	return errno_of(a) ? errno_of(a) : errno_of(b);
}

static int compare_sql(struct seals *c, const char *table, const char *sql)
{
	sqlite3_stmt *was = ask(c->again.db, sql, 0, 0), *is = ask(c->db, sql, 0, 0);
	int err = 0;

	if (was && is)
		err = compare(c, table, was, is);
	else
		wrong(c, "%s: it can't be read", table);
	sqlite3_finalize(was);
	sqlite3_finalize(is);
	return err;
}

static int compare_table(struct seals *c, const char *table)
{
	static const char *const others[] = { "block", "seal", "signature" };
	char sql[96];
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(table, others[i]))
			return 0;
	for (i = 0; i < NR_STRETCHES; i++)
		if (!strcmp(table, record_stretches[i].table))
			return 0;
	if (!distrust_has_table(c->db, table)) {
		wrong(c, "%s: it is no table any more", table);
		return 0;
	}
	snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY 1, 2", table);
	return compare_sql(c, table, sql);
}

static int compare_tables(struct seals *c)
{
	sqlite3_stmt *s =
		ask(c->again.db,
		    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE "
		    "'sqlite_%' ORDER BY 1",
		    0, 0);
	int err = 0;

	while (s && !err && sqlite3_step(s) == SQLITE_ROW)
		err = compare_table(c, (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	return err;
}

/* ---- all ---- */

void seals_last(struct replay *r, char ret[SEAL_HEX])
{
	*ret = '\0';
	if (distrust_has_table(replay_db(r), "seal"))
		read_hash(replay_db(r), "SELECT hash FROM seal ORDER BY id DESC LIMIT 1", ret);
}

void seals_follows(struct replay *r, char ret[SEAL_HEX])
{
	read_hash(replay_db(r), follows_sql, ret);
}

int seals_check(struct replay *r, struct buf *lines, struct seals_found *ret)
{
	struct seals c = { .db = replay_db(r), .wrong = lines, .found = ret };
	int err;

	*ret = (struct seals_found){ .has_seals = distrust_has_table(c.db, "seal") };
	if (!ret->has_seals && replay_info(r)->format > RECORDING_WITHOUT_SEALS)
		wrong(&c, "seal: the table is missing");
	if (!ret->has_seals)
		return 0;
	err = record_db_scratch(&c.again);
	c.zstd = ZSTD_createDCtx();
	if (!err)
		err = compare_sql(&c, "schema",
				  "SELECT name, type, sql FROM sqlite_schema ORDER BY 1, 2");
	if (!err)
		err = check_chain(&c);
	if (!err)
		err = compare_tables(&c);
	record_db_close(&c.again);
	ZSTD_freeDCtx(c.zstd);
	buf_done(&c.rows);
	buf_done(&c.row);
	return err;
}
