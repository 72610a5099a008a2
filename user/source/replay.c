/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recordings are opened here, and their metadata and objects read. SQLite is made to trust nothing
 * in the file's schema, and columns are read by their types.
 */
#include "source/replay_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/recording.h"
#include "source/distrust.h"
#include "source/unzst.h"
#include "util/mem.h"

#define MAX_META_BYTES 4096
#define MAX_NAME_BYTES 8192

int replay_errno(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_IOERR:
		return -EIO;
	case SQLITE_CANTOPEN:
		return -EACCES;
	}
	return -EBADMSG;
}

/* ---- metadata ---- */

/* The text under key, a copy, or ""; */
static const char *meta_text(struct replay *r, const char *key)
{
	sqlite3_stmt *s = NULL;
	char *ret = NULL;

	if (sqlite3_prepare_v2(r->db, "SELECT value FROM meta WHERE key = ?", -1, &s, NULL))
		return mem_strdup("");
	sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
	if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) == SQLITE_TEXT &&
	    sqlite3_column_bytes(s, 0) <= MAX_META_BYTES)
		ret = mem_strdup((const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	return ret ? ret : mem_strdup("");
}

uint64_t replay_number(struct replay *r, const char *sql)
{
	sqlite3_stmt *s = NULL;
	uint64_t v = 0;

	if (sqlite3_prepare_v2(r->db, sql, -1, &s, NULL))
		return 0;
	if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) == SQLITE_INTEGER)
		v = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return v;
}

static uint64_t meta_number(struct replay *r, const char *key)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "SELECT value FROM meta WHERE key = '%s'", key);
	return replay_number(r, sql);
}

static int read_info(struct replay *r)
{
	struct replay_info *i = &r->info;

	i->version = meta_text(r, "version");
	i->arguments = meta_text(r, "arguments");
	i->what = meta_text(r, "what");
	i->tier = meta_text(r, "tier");
	i->hook = meta_text(r, "hook");
	i->boot_id = meta_text(r, "boot_id");
	i->host = meta_text(r, "host");
	i->kernel = meta_text(r, "kernel");
	i->machine = meta_text(r, "machine");
	i->start_ns = meta_number(r, "start_ns");
	i->boot_to_wall_ns = meta_number(r, "boot_to_wall_ns");
	i->end_ns = meta_number(r, "end_ns");
	i->max_map_count = meta_number(r, "max_map_count");
	i->page_bytes = meta_number(r, "page_bytes") ?: PAGE_BYTES_MIN; /* old ones do not say it */
	i->is_named = meta_number(r, "named");
	i->is_ahead = meta_number(r, "event_kinds") > NR_EVENT_TYPES ||
		      meta_number(r, "facts") > MPW_NR_FACTS;
	i->was_cut = !meta_number(r, "clean_end");
	if (i->was_cut)
		i->end_ns = replay_number(r, "SELECT last_ns FROM block ORDER BY id DESC LIMIT 1");
	if (!i->end_ns)
		i->end_ns = i->start_ns;
	if (!page_bytes_can_be(i->page_bytes))
		return -EBADMSG;
	page_bytes = i->page_bytes;
	return 0;
}

/* ---- names ---- */

const char *replay_raw(sqlite3 *db, const char *table)
{
	return distrust_has_column(db, table, "raw") ? "raw" : "NULL";
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

const char *replay_name(sqlite3_stmt *s, int at, struct buf *name)
{
	const char *raw = (const char *)sqlite3_column_text(s, at + 1);
	int high, low;

	if (!raw)
		return (const char *)sqlite3_column_text(s, at);
	for (name->len = 0; *raw; raw += 2) {
		high = digit(raw[0]);
		low = raw[0] ? digit(raw[1]) : -1;
		if (high < 0 || low < 0)
			return NULL;
		buf_putc(name, (char)(high << 4 | low));
	}
	return buf_str(name);
}

/* ---- objects ---- */

static int read_object(struct object_table *objects, sqlite3_stmt *s, struct buf *name,
		       const struct object **ret)
{
	struct object key = {
		.kind = sqlite3_column_int64(s, 1),
		.dev = sqlite3_column_int64(s, 2),
		.ino = sqlite3_column_int64(s, 3),
		.deleted = sqlite3_column_int64(s, 4),
		.inode_unknown = sqlite3_column_int64(s, 5),
		.mnt_ns = sqlite3_column_int64(s, 8),
		.marks = sqlite3_column_int64(s, 9) & OBJECT_MARKS,
	};

	if (key.kind > OBJECT_UNKNOWN || sqlite3_column_type(s, 6) != SQLITE_TEXT)
		return -EBADMSG;
	key.name = replay_name(s, 6, name);
	if (!key.name)
		return -EBADMSG;
	key.name_len = strnlen(key.name, MAX_NAME_BYTES);
	*ret = object_intern(objects, &key);
	return 0;
}

static int objects_prepare(struct replay *r, sqlite3_stmt **ret)
{
	bool has_marks = distrust_has_column(r->db, "object", "marks");
	char sql[128];

	snprintf(sql, sizeof(sql),
		 "SELECT id, kind, dev, ino, deleted, unsure, name, %s, %s FROM object ORDER BY id",
		 replay_raw(r->db, "object"), has_marks ? "mount, marks" : "0, 0");
	return replay_errno(sqlite3_prepare_v2(r->db, sql, -1, ret, NULL));
}

static int read_objects(struct replay *r, struct object_table *objects)
{
	struct buf name = { 0 };
	sqlite3_stmt *s = NULL;
	size_t cap = 0;
	int err = objects_prepare(r, &s), rc;

	object_table_limit(objects, OBJECT_REPLAY_BYTES);
	while (!err && (rc = sqlite3_step(s)) != SQLITE_DONE) {
		if (rc != SQLITE_ROW) {
			err = replay_errno(rc);
			break;
		}
		if (r->nr_objects == cap) {
			cap = cap ? 2 * cap : 256;
			r->objects = mem_grow(r->objects, cap, sizeof(*r->objects));
		}
		err = read_object(objects, s, &name, &r->objects[r->nr_objects]);
		if ((uint64_t)sqlite3_column_int64(s, 0) != ++r->nr_objects)
			err = -EBADMSG;
	}
	sqlite3_finalize(s);
	buf_done(&name);
	r->unpacker.objects = r->objects;
	r->unpacker.nr_objects = r->nr_objects;
	return err;
}

/* ---- open and close ---- */

/* SQLite would wait for ever at a FIFO, and a device is no recording. */
static int check_file(int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	return 0;
}

static int open_db(const char *path, sqlite3 **ret, struct replay_fault *fault)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int err = check_file(fd);
	bool is_packed = !err && unzst_is_packed(fd);

	if (is_packed)
		err = unzst_open(fd, ret, &fault->why, &fault->try);
	if (fd >= 0) /* before SQLite has locks on the file: they would go with it */
		close(fd);
	if (err || is_packed)
		return err;
	return replay_errno(
		sqlite3_open_v2(path, ret, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL));
}

/* True if all that is read are stored rows: see distrust.h. */
static bool has_tables(sqlite3 *db)
{
	static const char *const names[] = { "meta",	"object",  "block", "change",
					     "failure", "process", "loss" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!distrust_has_table(db, names[i]))
			return false;
	return true;
}

static int check_kind(struct replay *r, struct replay_fault *fault)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(r->db, "PRAGMA application_id", -1, &s, NULL);
	uint64_t application, version;

	sqlite3_finalize(s);
	if (rc != SQLITE_OK && replay_errno(rc) != -EBADMSG)
		return replay_errno(rc);
	if (rc != SQLITE_OK) {
		fault->why = "it is not a recording, or is damaged";
		return -EBADMSG;
	}
	application = replay_number(r, "PRAGMA application_id");
	version = replay_number(r, "PRAGMA user_version");
	if (application != RECORDING_APPLICATION) {
		fault->why = "it is not a recording of mprotwatch";
		return -EBADMSG;
	}
	if (version > RECORDING_VERSION) {
		fault->why = "it has a newer format than this mprotwatch knows";
		fault->try = "a newer mprotwatch reads it";
		return -EPROTONOSUPPORT;
	}
	r->unpacker.version = r->info.format = version;
	if (version && has_tables(r->db))
		return 0;
	fault->why = "it is damaged";
	return -EBADMSG;
}

int replay_open_db(sqlite3 *db, struct object_table *objects, struct replay **ret,
		   struct replay_fault *fault)
{
	struct replay *r = mem_alloc(sizeof(*r));
	int err;

	*fault = (struct replay_fault){ 0 };
	r->db = db;
	distrust(db);
	err = check_kind(r, fault);
	if (!err)
		err = read_info(r);
	if (!err) {
		err = read_objects(r, objects);
		if (err == -EBADMSG)
			fault->why =
				"it is damaged: its table object is not what a recorder writes";
	}
	if (!err) {
		err = replay_stacks_read(&r->stacks, r->db, objects, r->objects, r->nr_objects);
		if (err == -EBADMSG)
			fault->why = "it is damaged: its stacks are not what a recorder writes";
	}
	if (err) {
		if (err == -EBADMSG && !fault->why)
			fault->why = "it is damaged";
		replay_close(r);
		return err;
	}
	r->unpacker.stacks = r->stacks.stacks;
	r->unpacker.nr_stacks = r->stacks.nr_stacks;
	r->zstd = ZSTD_createDCtx();
	*ret = r;
	return 0;
}

int replay_open(const char *path, struct object_table *objects, struct replay **ret,
		struct replay_fault *fault)
{
	sqlite3 *db = NULL;
	bool is_sqlites;
	int err;

	*fault = (struct replay_fault){ 0 };
	err = open_db(path, &db, fault);
	is_sqlites = db;
	if (err)
		sqlite3_close_v2(db);
	else
		err = replay_open_db(db, objects, ret, fault);
	if (err == -EBADMSG && !fault->why)
		fault->why = "it is damaged";
	if (err == -EACCES && is_sqlites) /* SQLite makes a -shm file to read a -wal */
		fault->try = "if there is a -wal file beside it, copy both to where you may write";
	return err;
}

void replay_close(struct replay *r)
{
	struct replay_info *i;

	if (!r)
		return;
	i = &r->info;
	free((char *)i->version);
	free((char *)i->arguments);
	free((char *)i->what);
	free((char *)i->tier);
	free((char *)i->hook);
	free((char *)i->boot_id);
	free((char *)i->host);
	free((char *)i->kernel);
	free((char *)i->machine);
	sqlite3_finalize(r->rows);
	free(r->objects);
	free(r->raw);
	unpacker_done(&r->unpacker);
	replay_stacks_done(&r->stacks);
	ZSTD_freeDCtx(r->zstd);
	sqlite3_close_v2(r->db);
	free(r);
}

const struct replay_info *replay_info(const struct replay *r)
{
	return &r->info;
}

sqlite3 *replay_db(struct replay *r)
{
	return r->db;
}
