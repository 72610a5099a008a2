/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SQLite side of a recording: how the file is made, a prepared statement for each kind of row,
 * transactions, and the end that leaves a single file.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/recording.h"
#include "sink/record/record_facts.h"
#include "sink/record/record_private.h"
#include "util/escape.h"
#include "util/mem.h"

static const char schema[] =
#include "record_schema.inc"
	;

/* Commits are synchronous, and survive a loss of power; there are two a second at most. */
static const char settings[] = "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = FULL;"
			       "PRAGMA wal_autocheckpoint = 8192;"
			       "PRAGMA cache_size = -16384;";

static const char *const statements[NR_STMTS] = {
	[STMT_META] = "INSERT OR REPLACE INTO meta VALUES (?, ?)",
	[STMT_CLOCK] = "INSERT OR IGNORE INTO clock VALUES (?, ?)",
	[STMT_NAME_CALL] = "INSERT INTO call VALUES (?, ?)",
	[STMT_NAME_KIND] = "INSERT INTO kind VALUES (?, ?)",
	[STMT_OBJECT] = "INSERT INTO object VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STMT_OBJECT_BUILD] = "UPDATE object SET build_id = ?2 WHERE id = ?1",
	[STMT_PROCESS] = "INSERT INTO process (id, pid, first_ns) VALUES (?, ?, ?)",
	[STMT_PROCESS_UPDATE] =
		"UPDATE process SET start_ns = ?, ppid = ?, comm = ?, exe = ?" PROCESS_SETS
		" WHERE id = ?",
	[STMT_PROCESS_EXIT] = "UPDATE process SET exit_ns = ?2, exit_code = ?3 WHERE id = ?1",
	[STMT_THREAD] = "INSERT INTO thread VALUES (?, ?, ?, ?)",
	[STMT_STATE] = "INSERT INTO state VALUES (?, ?, ?, ?, ?)",
	[STMT_SITE] = "INSERT INTO site VALUES (?, ?, ?, ?, ?, ?)",
	[STMT_FRAME] = "INSERT INTO frame VALUES (?, ?, ?, ?, ?, ?, ?)",
	[STMT_STACK] = "INSERT INTO stack VALUES (?, ?, ?)",
	[STMT_CHANGE] = "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?" EVENT_MARKS ")",
	[STMT_FAILURE] = "INSERT INTO failure VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
			 ", ?, ?, ?, ?, ?, ?" EVENT_MARKS ")",
	[STMT_LIFE] = "INSERT INTO life VALUES (NULL, ?, ?, ?, ?, ?, ?" EVENT_MARKS ")",
	[STMT_WRITING] =
		"INSERT INTO writing VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?" EVENT_MARKS
		")",
	[STMT_FAULT] = "INSERT INTO fault VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?" EVENT_MARKS
		       ")",
	[STMT_LOSS] = "INSERT INTO loss VALUES (NULL, ?, ?, ?)",
	[STMT_FINDING] =
		"INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
		"ON CONFLICT (id) DO UPDATE SET severity = excluded.severity, why = excluded.why, "
		"start = excluded.start, end = excluded.end, last_ns = excluded.last_ns, "
		"changes = excluded.changes, regions = excluded.regions, is_over = excluded.is_over",
	[STMT_EVIDENCE] = "INSERT OR IGNORE INTO evidence VALUES (?, ?)",
	[STMT_SIZE] = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
	[STMT_BLOCK] = "INSERT INTO block VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
	[STMT_SEAL] = "INSERT INTO seal VALUES (NULL, ?, ?, ?, ?)",
	[STMT_SIGNATURE] = "INSERT INTO signature VALUES (?, ?)",
};

static int errno_of(sqlite3 *db, int rc)
{
	int err = sqlite3_system_errno(db);

	switch (rc & 0xff) {
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_TOOBIG:
		return -EFBIG;
	}
	return err ? -err : -EIO;
}

static void note_error(struct record_db *d, int rc)
{
	if (rc != SQLITE_OK && rc != SQLITE_DONE && rc != SQLITE_ROW && !d->err)
		d->err = errno_of(d->db, rc);
}

static void run(struct record_db *d, const char *sql)
{
	if (!d->err)
		note_error(d, sqlite3_exec(d->db, sql, NULL, NULL, NULL));
}

/* ---- the file ---- */

/* path with its directory resolved, because SQLITE_OPEN_NOFOLLOW refuses links there too. */
static char *resolve(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	char *dir = slash ? strndup(path, slash - path + 1) : strdup("."), *real, *ret = NULL;

	real = dir ? realpath(dir, NULL) : NULL;
	if (real && asprintf(&ret, "%s/%s", real, base) < 0)
		ret = NULL;
	free(real);
	free(dir);
	return ret;
}

/*
 * Journals go too (suffix): SQLite would take one that somebody else left for the journal of this
 * file.
 */
static int clear_way(const char *path, const char *suffix, bool force)
{
	char name[PATH_MAX];
	struct stat st;

	if (snprintf(name, sizeof(name), "%s%s", path, suffix) >= (int)sizeof(name))
		return -ENAMETOOLONG;
	if (lstat(name, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!*suffix && S_ISLNK(st.st_mode))
		return -ELOOP;
	if (!force)
		return -EEXIST;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return unlink(name) ? -errno : 0;
}

static int make_file(const char *path, bool force)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-journal" };
	size_t i;
	int err, fd;

	for (i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		err = clear_way(path, suffixes[i], force);
		if (err)
			return err;
	}
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : close(fd);
}

static void prepare(struct record_db *d)
{
	char text[64];
	size_t i;

	snprintf(text, sizeof(text), "PRAGMA application_id = %d", RECORDING_APPLICATION);
	run(d, text);
	snprintf(text, sizeof(text), "PRAGMA user_version = %d", RECORDING_VERSION);
	run(d, text);
	run(d, settings);
	run(d, "BEGIN");
	run(d, schema);
	for (i = 0; i < NR_STMTS && !d->err; i++)
		note_error(d, sqlite3_prepare_v3(d->db, statements[i], -1,
						 SQLITE_PREPARE_PERSISTENT, &d->stmt[i], NULL));
}

int record_db_create(struct record_db *d, const char *path, bool force, const uint8_t *follows)
{
	char hex[SEAL_HEX];

	char *real = resolve(path);
	int err;

	memset(d, 0, sizeof(*d));
	if (!real)
		return -errno;
	err = make_file(real, force);
	if (!err) {
		note_error(d, sqlite3_open_v2(real, &d->db,
					      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW |
						      SQLITE_OPEN_NOMUTEX,
					      NULL));
		prepare(d);
		d->seal = record_seal_new(follows);
		if (follows) {
			seal_hex(follows, hex);
			record_db_meta_text(d, "follows", hex);
		}
		err = record_db_commit(d);
		if (err)
			record_db_close(d);
	}
	free(real);
	return err;
}

int record_db_scratch(struct record_db *d)
{
	memset(d, 0, sizeof(*d));
	note_error(d, sqlite3_open(":memory:", &d->db));
	prepare(d);
	return d->err;
}

static void insert(struct record_db *d, sqlite3_stmt *s)
{
	note_error(d, sqlite3_step(s));
	note_error(d, sqlite3_reset(s));
}

static void put_seal(struct record_db *d)
{
	sqlite3_stmt *s = d->stmt[STMT_SEAL];
	struct sealed sealed;
	char hex[SEAL_HEX];

	if (d->err || !d->seal || !record_seal_close(d->seal, &sealed))
		return;
	seal_hex(sealed.hash, hex);
	memcpy(d->hash, sealed.hash, SEAL_BYTES);
	note_error(d, sqlite3_bind_int64(s, 1, sealed.block));
	note_error(d, sqlite3_bind_int64(s, 2, sealed.bytes));
	note_error(d, sqlite3_bind_blob64(s, 3, sealed.data, sealed.len, SQLITE_STATIC));
	note_error(d, sqlite3_bind_text(s, 4, hex, -1, SQLITE_STATIC));
	insert(d, s);
}

int record_db_commit(struct record_db *d)
{
	put_seal(d);
	run(d, "COMMIT");
	run(d, "BEGIN");
	return d->err;
}

uint64_t record_db_size(struct record_db *d)
{
	uint64_t bytes = 0;

	if (sqlite3_step(d->stmt[STMT_SIZE]) == SQLITE_ROW)
		bytes = sqlite3_column_int64(d->stmt[STMT_SIZE], 0);
	sqlite3_reset(d->stmt[STMT_SIZE]);
	return bytes;
}

int record_db_close(struct record_db *d)
{
	size_t i;
	int rc;

	if (!d->db)
		return d->err;
	put_seal(d);
	run(d, "COMMIT");
	for (i = 0; i < NR_STMTS; i++)
		sqlite3_finalize(d->stmt[i]);
	run(d, "PRAGMA wal_checkpoint(TRUNCATE)");
	run(d, "PRAGMA journal_mode = DELETE");
	if (d->err) /* sqlite3_close_v2() must not try to write again */
		sqlite3_db_config(d->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	rc = sqlite3_close_v2(d->db);
	if (rc != SQLITE_OK && !d->err)
		d->err = -EIO;
	d->db = NULL;
	record_seal_free(d->seal);
	d->seal = NULL;
	return d->err;
}

void record_db_abandon(struct record_db *d)
{
	if (d->db) {
		run(d, "ROLLBACK");
		run(d, "BEGIN");
	}
	record_seal_free(d->seal);
	d->seal = NULL;
	record_db_close(d);
}

/* ---- rows ---- */

/* Text is copied: a seal's row, too, lives shorter than the statement. */
static void bind(struct record_db *d, sqlite3_stmt *s, int at, const struct row_value *v)
{
	switch (v->type) {
	case ROW_NULL:
		note_error(d, sqlite3_bind_null(s, at));
		break;
	case ROW_NUMBER:
		note_error(d, sqlite3_bind_int64(s, at, v->number));
		break;
	case ROW_TEXT:
		note_error(d, sqlite3_bind_text(s, at, v->text, v->len, SQLITE_TRANSIENT));
		break;
	}
	if (d->seal)
		record_seal_value(d->seal, v);
}

static void bind_number(struct record_db *d, sqlite3_stmt *s, int at, uint64_t v)
{
	bind(d, s, at, &(struct row_value){ .type = ROW_NUMBER, .number = (int64_t)v });
}

static void bind_text(struct record_db *d, sqlite3_stmt *s, int at, const char *text, size_t len)
{
	bind(d, s, at, &(struct row_value){ ROW_TEXT, 0, text, len });
}

static void bind_null(struct record_db *d, sqlite3_stmt *s, int at)
{
	bind(d, s, at, &(struct row_value){ .type = ROW_NULL });
}

/* Text that a traced process chose: other programs print it as it is stored. */
static void bind_chosen(struct record_db *d, sqlite3_stmt *s, int at, const char *text, size_t len)
{
	struct buf b = { 0 };

	escape_text(&b, text, len);
	bind_text(d, s, at, buf_str(&b), b.len);
	buf_done(&b);
}

static void bind_fact(struct record_db *d, sqlite3_stmt *s, int at, enum mpw_fact id,
		      const struct fact_value *v)
{
	struct buf json = { 0 };

	switch (fact_type(id)) {
	case FACT_NUMBER:
		bind_number(d, s, at, v->number);
		break;
	case FACT_WORD:
		bind_chosen(d, s, at, v->word, v->number);
		break;
	case FACT_WORDS:
		fact_put_json(&json, id, v);
		bind_text(d, s, at, json.data, json.len);
		buf_done(&json);
		break;
	}
}

/* Facts of events or of processes fill a mark each, from at on. Returns the mark behind them. */
static int bind_facts(struct record_db *d, sqlite3_stmt *s, int at, enum fact_of of,
		      const struct facts *f)
{
	int id;

	for (id = 0; id < MPW_NR_FACTS; id++) {
		if (fact_of(id) != of)
			continue;
		if (facts_have(f, id))
			bind_fact(d, s, at, id, &f->value[id]);
		else
			bind_null(d, s, at);
		at++;
	}
	return at;
}

void record_db_row(struct record_db *d, enum record_stmt id, const char *types, ...)
{
	sqlite3_stmt *s = d->stmt[id];
	const char *text;
	uint64_t v;
	va_list ap;
	int at;

	if (d->err)
		return;
	va_start(ap, types);
	for (at = 1; *types; types++, at++) {
		if (*types == 'e' || *types == 'p') {
			at = bind_facts(d, s, at, *types == 'e' ? FACT_OF_EVENT : FACT_OF_PROCESS,
					va_arg(ap, const struct facts *)) -
			     1;
			continue;
		}
		if (*types == 's' || *types == 't') {
			text = va_arg(ap, const char *);
			if (*types == 't')
				bind_chosen(d, s, at, text, strlen(text));
			else if (text)
				bind_text(d, s, at, text, strlen(text));
			else
				bind_null(d, s, at);
			continue;
		}
		v = va_arg(ap, uint64_t);
		if (*types == 'I' && !v)
			bind_null(d, s, at);
		else
			bind_number(d, s, at, v);
	}
	va_end(ap);
	insert(d, s);
	if (d->seal)
		record_seal_row(d->seal, id, at - 1, sqlite3_last_insert_rowid(d->db));
}

int record_db_again(struct record_db *d, enum record_stmt id, const struct sealed_row *row)
{
	sqlite3_stmt *s = d->stmt[id];
	unsigned int i;

	if ((int)row->nr != sqlite3_bind_parameter_count(s))
		return -EBADMSG;
	for (i = 0; i < row->nr; i++)
		bind(d, s, i + 1, &row->value[i]);
	insert(d, s);
	i = d->err != 0;
	d->err = 0;
	return i ? -EBADMSG : 0;
}

void record_db_meta(struct record_db *d, const char *key, uint64_t value)
{
	record_db_row(d, STMT_META, "si", key, value);
}

void record_db_meta_text(struct record_db *d, const char *key, const char *value)
{
	record_db_row(d, STMT_META, "ss", key, value);
}

void record_db_block(struct record_db *d, const int64_t numbers[6], const void *data, size_t len)
{
	sqlite3_stmt *s = d->stmt[STMT_BLOCK];
	int i;

	if (d->err)
		return;
	for (i = 0; i < 6; i++)
		note_error(d, sqlite3_bind_int64(s, i + 1, numbers[i]));
	note_error(d, sqlite3_bind_blob64(s, 7, data, len, SQLITE_STATIC));
	insert(d, s);
	record_seal_block(d->seal, sqlite3_last_insert_rowid(d->db), numbers, data, len);
}
