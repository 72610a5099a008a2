/* SPDX-License-Identifier: BSD-2-Clause */
/* The stream of a recording: block by block, each unpacked and checked. */
#include "source/replay_private.h"

#include <errno.h>
#include <stdio.h>

#include "core/recording.h"
#include "core/sink.h"
#include "util/mem.h"

/* Unpacks the block in column 1, whose unpacked size is in column 2. */
static int begin_block(struct replay *r, sqlite3_stmt *s)
{
	const void *data = sqlite3_column_blob(s, 1);
	size_t len = sqlite3_column_bytes(s, 1), n;
	int64_t raw_len = sqlite3_column_int64(s, 2);

	if (!data || raw_len <= 0 || raw_len > RECORDING_BLOCK_MAX)
		return -EBADMSG;
	r->raw = mem_grow(r->raw, raw_len, 1);
	n = ZSTD_decompressDCtx(r->zstd, r->raw, raw_len, data, len);
	if (ZSTD_isError(n) || n != (size_t)raw_len)
		return -EBADMSG;
	unpack_begin(&r->unpacker, r->raw, n);
	return 0;
}

static int feed_block(struct replay *r, const struct source_reader *to)
{
	struct event ev;
	int err = begin_block(r, r->rows), n;

	while (!err && (n = unpack_event(&r->unpacker, &ev)) != 0)
		err = n < 0 ? -EBADMSG : to->event(to->ctx, &ev);
	return err;
}

static void end_rows(struct replay *r)
{
	sqlite3_finalize(r->rows);
	r->rows = NULL;
	r->first = r->at = 0;
}

static int begin_rows(struct replay *r)
{
	int err = replay_errno(sqlite3_prepare_v2(
		r->db, "SELECT key, data, bytes, id FROM block WHERE id >= ? ORDER BY id", -1,
		&r->rows, NULL));

	if (!err)
		sqlite3_bind_int64(r->rows, 1, r->first);
	r->in_key = true;
	return err;
}

/*
 * Feeds one block. A file that begins with a key frame (a later segment) has its mirrors from
 * there; other key frames repeat what is known, and are left out.
 */
static int replay_feed(void *priv, const struct source_reader *to)
{
	struct replay *r = priv;
	int err = r->rows ? 0 : begin_rows(r), rc;
	int64_t key;

	if (err)
		return err;
	rc = sqlite3_step(r->rows);
	if (rc == SQLITE_DONE) {
		end_rows(r);
		return SOURCE_ENDED;
	}
	if (rc != SQLITE_ROW)
		return replay_errno(rc);
	key = sqlite3_column_int64(r->rows, 0);
	if (key == RECORDING_EVENTS)
		r->in_key = false;
	if (key == RECORDING_EVENTS || r->in_key)
		err = feed_block(r, to);
	r->at = sqlite3_column_int64(r->rows, 3);
	return err ? err : SOURCE_HAS_MORE;
}

static void replay_progress(void *priv, uint64_t *ret_done, uint64_t *ret_total)
{
	struct replay *r = priv;

	if (!r->last)
		r->last = replay_number(r, "SELECT max(id) FROM block");
	*ret_done = r->at;
	*ret_total = r->last;
}

static void replay_run_info(const void *priv, struct run_info *ret)
{
	const struct replay_info *i = &((const struct replay *)priv)->info;

	*ret = (struct run_info){ .what = i->what,
				  .tier = i->tier,
				  .hook = i->hook,
				  .boot_to_wall_ns = i->boot_to_wall_ns,
				  .start_ns = i->start_ns,
				  .max_map_count = i->max_map_count,
				  .is_named = i->is_named };
	snprintf(ret->boot_id, sizeof(ret->boot_id), "%s", i->boot_id);
}

static void close_replay(void *priv)
{
	replay_close(priv);
}

static const struct source_ops replay_ops = {
	.info = replay_run_info,
	.feed = replay_feed,
	.progress = replay_progress,
	.close = close_replay,
};

struct source replay_source(struct replay *r)
{
	return (struct source){ &replay_ops, r };
}

bool replay_in_key(const struct replay *r)
{
	return r->in_key;
}

/* The last key frame before the place; the start of the stream if there is none. */
static int find_key(struct replay *r, const struct replay_place *place, int64_t *ret_id,
		    uint64_t *ret_changes)
{
	const char *sql =
		place->change ? "SELECT id, changes FROM block INDEXED BY block_key WHERE key = 1 "
				"AND changes <= ?1 ORDER BY last_ns DESC, id DESC LIMIT 1" :
				"SELECT id, changes FROM block INDEXED BY block_key WHERE key = 1 "
				"AND last_ns <= ?1 ORDER BY last_ns DESC, id DESC LIMIT 1";
	sqlite3_stmt *s = NULL;
	int err = replay_errno(sqlite3_prepare_v2(r->db, sql, -1, &s, NULL)), rc;

	*ret_id = 0;
	*ret_changes = 0;
	if (err)
		return err;
	sqlite3_bind_int64(s, 1, place->change ? place->change : place->ts_ns);
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW) {
		*ret_id = sqlite3_column_int64(s, 0);
		*ret_changes = sqlite3_column_int64(s, 1);
	} else {
		err = replay_errno(rc);
	}
	sqlite3_finalize(s);
	return err;
}

int replay_seek(struct replay *r, const struct replay_place *place, uint64_t *ret_changes)
{
	int64_t first;
	int err = find_key(r, place, &first, ret_changes);

	if (err)
		return err;
	end_rows(r);
	r->first = first;
	return 0;
}

void replay_skipped(const struct replay *r, uint64_t *ret_events, uint64_t *ret_facts)
{
	*ret_events = r->unpacker.nr_events_skipped;
	*ret_facts = r->unpacker.nr_facts_skipped;
}
