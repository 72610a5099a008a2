/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole recording with hostile rows. The input is a list of rows: a byte that names the
 * statement, then its values, each behind a byte with type and length; blocks are compressed
 * here, so that what is in them can be mutated.
 */
#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "core/recording.h"
#include "fuzz/recording.h"
#include "fuzz/show.h"
#include "sink/record/record_facts.h"

static const char schema[] =
#include "record_schema.inc"
	;

static const struct row {
	const char *into;
	int nr_values;
} rows[] = {
	{ "meta (key, value)", 2 },
	{ "object (id, kind, dev, ino, deleted, unsure, name)", 7 },
	{ "block (id, key, first_ns, last_ns, changes, events, bytes, data)", 8 },
	{ "block (id, key, first_ns, last_ns, changes, events, bytes, data)", 8 }, /* compressed */
	{ "change (id, t, thread, site, start, size, before, after, off)", 9 },
	{ "loss (id, t, pid, lost)", 4 },
	{ "thread (id, process, tid, comm)", 4 },
	{ "site (id, call, addr, object, off)", 5 },
	{ "state (id, prot, flags, pkey, object)", 5 },
	{ "process (id, pid, first_ns, comm, exe)", 5 },
	{ "finding (id, rule, severity, why, pid, comm, start, end)", 8 },
	{ "object (id, kind, dev, ino, deleted, unsure, name, raw)", 8 },
	{ "frame (id, addr, object, off, symbol, symbol_off, raw)", 7 },
};

#define NR_ROWS	   (sizeof(rows) / sizeof(*rows))
#define COMPRESSED 3

struct input {
	const uint8_t *at;
	size_t len;
};

/* At most n bytes, and how many they are. */
static const void *take(struct input *in, size_t *n)
{
	const void *p = in->at;

	*n = *n < in->len ? *n : in->len;
	in->at += *n;
	in->len -= *n;
	return p;
}

static size_t take_byte(struct input *in)
{
	size_t n = 1;
	const uint8_t *p = take(in, &n);

	return n ? *p : 0;
}

/* The upper two bits: a number, text, a blob, NULL; with 63 below, two bytes of length follow. */
static void bind(struct input *in, sqlite3_stmt *s, int i)
{
	size_t head = take_byte(in), n = head & 63;
	const void *data;
	int64_t v = 0;

	if (n == 63) {
		n = take_byte(in);
		n |= take_byte(in) << 8;
	}
	data = take(in, &n);
	switch (head >> 6) {
	case 0:
		memcpy(&v, data, n < 8 ? n : 8);
		sqlite3_bind_int64(s, i, v);
		break;
	case 1:
		sqlite3_bind_text(s, i, data, n, SQLITE_TRANSIENT);
		break;
	case 2:
		sqlite3_bind_blob(s, i, n ? data : "", n, SQLITE_TRANSIENT);
		break;
	default:
		sqlite3_bind_null(s, i);
	}
}

/* The rest of the input up to the length that leads it, as a recorder would store it. */
static void bind_compressed(struct input *in, sqlite3_stmt *s)
{
	size_t n = take_byte(in), len;
	const void *data;
	char *packed;

	n |= take_byte(in) << 8;
	data = take(in, &n);
	packed = malloc(ZSTD_compressBound(n));
	len = ZSTD_compress(packed, ZSTD_compressBound(n), data, n, 1);
	assert(!ZSTD_isError(len));
	sqlite3_bind_int64(s, 7, n);
	sqlite3_bind_blob(s, 8, packed, len, free);
}

static sqlite3_stmt *prepare(sqlite3 *db, const struct row *row)
{
	sqlite3_stmt *s;
	char sql[160];

	snprintf(sql, sizeof(sql), "INSERT OR REPLACE INTO %s VALUES (?%.*s)", row->into,
		 2 * (row->nr_values - 1), ",?,?,?,?,?,?,?,?");
	assert(!sqlite3_prepare_v2(db, sql, -1, &s, NULL));
	return s;
}

static void add_row(struct input *in, sqlite3 *db)
{
	size_t which = take_byte(in) % NR_ROWS;
	int nr = which == COMPRESSED ? 6 : rows[which].nr_values, i;
	sqlite3_stmt *s = prepare(db, &rows[which]);

	for (i = 1; i <= nr; i++)
		bind(in, s, i);
	if (which == COMPRESSED)
		bind_compressed(in, s);
	sqlite3_step(s); /* a row that does not keep to the schema is left out */
	sqlite3_finalize(s);
}

/* Made once, as bytes: that is faster. */
static unsigned char *empty_recording(sqlite3_int64 *ret_len)
{
	unsigned char *bytes;
	char kind[128];
	sqlite3 *db;

	snprintf(kind, sizeof(kind), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		 RECORDING_APPLICATION, RECORDING_VERSION);
	assert(!sqlite3_open(":memory:", &db));
	assert(!sqlite3_exec(db, "PRAGMA page_size = 512", NULL, NULL, NULL));
	assert(!sqlite3_exec(db, kind, NULL, NULL, NULL));
	assert(!sqlite3_exec(db, schema, NULL, NULL, NULL));
	bytes = sqlite3_serialize(db, "main", ret_len, 0);
	assert(bytes);
	sqlite3_close(db);
	return bytes;
}

static sqlite3 *open_empty(void)
{
	static unsigned char *bytes;
	static sqlite3_int64 len;
	unsigned char *copy;
	sqlite3 *db;

	if (!bytes)
		bytes = empty_recording(&len);
	copy = sqlite3_malloc64(len);
	memcpy(copy, bytes, len);
	assert(!sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
				NULL));
	assert(!sqlite3_deserialize(db, "main", copy, len, len,
				    SQLITE_DESERIALIZE_FREEONCLOSE |
					    SQLITE_DESERIALIZE_RESIZEABLE));
	return db;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input in = { data, len };
	sqlite3 *db = open_empty();

	sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
	while (in.len)
		add_row(&in, db);
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	recording_try(db, len);
	return 0;
}
