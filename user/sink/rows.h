/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of an SQL query, for people or for programs. */
#ifndef SINK_ROWS_H
#define SINK_ROWS_H

#include "util/out.h"

struct sqlite3_stmt;

enum rows_format { ROWS_TABLE, ROWS_JSON, ROWS_CSV };

/*
 * Steps s to its end and writes every row: a table under column names, one JSON object per line, or
 * CSV (RFC 4180) after a line of names. NULL is null in JSON, and an empty cell elsewhere. Returns
 * 0, the first error of out as -errno, or -EBADMSG if the query failed: sqlite3_errmsg() says why.
 */
int rows_write(struct out *out, struct sqlite3_stmt *s, enum rows_format format);

#endif
