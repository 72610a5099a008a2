/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stacks are believed as little as the rest of a recording: numbers go up by one, and name what is
 * there; a stack has no more frames than a live one.
 */
#include "source/replay_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/distrust.h"
#include "util/mem.h"

typedef int row_fn(struct replay_stacks *rs, sqlite3_stmt *s, const struct object *const *objects,
		   size_t nr_objects);

/* Room for one more. */
static void *room(void *v, size_t nr, size_t *cap, size_t n_bytes)
{
	if (nr < *cap)
		return v;
	*cap = *cap ? 2 * *cap : 256;
	return mem_grow(v, *cap, n_bytes);
}

static int take_frame(struct replay_stacks *rs, sqlite3_stmt *s,
		      const struct object *const *objects, size_t nr_objects)
{
	uint64_t id = sqlite3_column_int64(s, 0), obj = sqlite3_column_int64(s, 2);
	const char *symbol = replay_name(s, 4, &rs->name);
	struct frame *f;

	if (id != rs->nr_all + 1 || obj > nr_objects)
		return -EBADMSG;
	rs->all = room(rs->all, rs->nr_all, &rs->cap_all, sizeof(*rs->all));
	f = &rs->all[rs->nr_all++];
	*f = (struct frame){ .addr = sqlite3_column_int64(s, 1),
			     .obj = obj ? objects[obj - 1] : NULL,
			     .off = sqlite3_column_int64(s, 3),
			     .symbol_off = sqlite3_column_int64(s, 6) };
	if (symbol ? strlen(symbol) > STACK_SYMBOL_MAX : sqlite3_column_type(s, 4) != SQLITE_NULL)
		return -EBADMSG;
	f->symbol = symbol ? object_symbol(rs->table, symbol) : NULL;
	f->lasts = true;
	return 0;
}

static int take_depth(struct replay_stacks *rs, sqlite3_stmt *s,
		      const struct object *const *objects, size_t nr_objects)
{
	uint64_t id = sqlite3_column_int64(s, 0), depth = sqlite3_column_int64(s, 1);
	uint64_t frame = sqlite3_column_int64(s, 2);

	(void)objects, (void)nr_objects;
	if (!depth) {
		rs->stacks = room(rs->stacks, rs->nr_stacks, &rs->cap_stacks, sizeof(*rs->stacks));
		rs->stacks[rs->nr_stacks++] = (struct stack){ 0 };
	}
	if (!rs->nr_stacks || id != rs->nr_stacks || depth != rs->stacks[id - 1].nr ||
	    depth > STACK_MAX_FRAMES || !frame || frame > rs->nr_all)
		return -EBADMSG;
	rs->frames = room(rs->frames, rs->nr_frames, &rs->cap_frames, sizeof(*rs->frames));
	rs->frames[rs->nr_frames++] = rs->all[frame - 1];
	rs->stacks[id - 1].nr++;
	return 0;
}

/* Gives each row of sql to fn. */
static int read_rows(struct replay_stacks *rs, sqlite3 *db, const char *sql, row_fn *fn,
		     const struct object *const *objects, size_t nr_objects)
{
	sqlite3_stmt *s = NULL;
	int err = 0, rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);

	while (!rc && !err && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		err = fn(rs, s, objects, nr_objects);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(s);
	return err ? err : rc == SQLITE_DONE ? 0 : rc == SQLITE_NOMEM ? -ENOMEM : -EBADMSG;
}

int replay_stacks_read(struct replay_stacks *rs, sqlite3 *db, struct object_table *table,
		       const struct object *const *objects, size_t nr_objects)
{
	size_t i, at = 0;
	char sql[96];
	int err;

	rs->table = table;
	/* recordings of older formats have none */
	if (!distrust_has_table(db, "frame") || !distrust_has_table(db, "stack"))
		return 0;
	snprintf(sql, sizeof(sql),
		 "SELECT id, addr, object, off, symbol, %s, symbol_off FROM frame ORDER BY id",
		 replay_raw(db, "frame"));
	err = read_rows(rs, db, sql, take_frame, objects, nr_objects);
	if (!err)
		err = read_rows(rs, db, "SELECT id, depth, frame FROM stack ORDER BY id, depth",
				take_depth, objects, nr_objects);
	for (i = 0; i < rs->nr_stacks; at += rs->stacks[i++].nr)
		rs->stacks[i].frames = rs->frames + at;
	return err;
}

void replay_stacks_done(struct replay_stacks *rs)
{
	free(rs->all);
	free(rs->frames);
	free(rs->stacks);
	buf_done(&rs->name);
}
