/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of a query, as people or programs read them. */
#ifndef SINK_ROWS_H
#define SINK_ROWS_H

#include "util/out.h"

struct sqlite3_stmt;

enum rows_format { ROWS_TABLE, ROWS_JSON, ROWS_CSV };

/*
 * Step s to its end and write every row: a table under column names, an object a line, or CSV
 * (RFC 4180) with a line of names. What is no text is NULL in no format: that is empty, or null.
 * 0, the first error of out as -errno, or -EBADMSG: ask sqlite3_errmsg().
 */
int rows_write(struct out *out, struct sqlite3_stmt *s, enum rows_format format);

#endif
