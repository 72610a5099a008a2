/* SPDX-License-Identifier: BSD-2-Clause */
/* SQL over a recording, for the verbs that show some of it. */
#ifndef CMD_QUERY_H
#define CMD_QUERY_H

#include "sink/rows.h"
#include "source/replay.h"

/*
 * Runs one statement that only reads, and writes its rows to stdout. If that is no terminal, stderr
 * shows how long the query takes, unless quiet. Returns the exit status, after a sentence on stderr
 * if it is no success.
 */
int query_run(struct replay *r, const char *sql, enum rows_format format, bool quiet);

#endif
