/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by replay.c, which opens a recording, and replay_blocks.c, which reads its stream. */
#ifndef SOURCE_REPLAY_PRIVATE_H
#define SOURCE_REPLAY_PRIVATE_H

#include <sqlite3.h>
#include <zstd.h>

#include "core/pack.h"
#include "source/replay.h"
#include "source/replay_stacks.h"

struct replay {
	sqlite3 *db;
	struct replay_info info;
	const struct object **objects;
	size_t nr_objects;
	struct replay_stacks stacks;
	struct unpacker unpacker;
	ZSTD_DCtx *zstd;
	char *raw;
	/* the stream: blocks by their ids */
	sqlite3_stmt *rows; /* NULL: not begun */
	int64_t first, at, last;
	bool in_key;
};

/* A result of SQLite as 0 or -errno. */
int replay_errno(int rc);
/* The first number that sql gives; 0 if there is none. */
uint64_t replay_number(struct replay *r, const char *sql);

/*
 * Names are stored as people read them, with their bytes beside (raw, in hexadecimal) where these
 * are not the same; older recordings have the bytes alone. replay_raw() is what to select beside
 * the name; replay_name() the bytes of the name in column at and raw in the next one, valid until s
 * goes on or name changes; NULL: there is none, or it is damaged.
 */
const char *replay_raw(sqlite3 *db, const char *table);
const char *replay_name(sqlite3_stmt *s, int at, struct buf *name);

#endif
