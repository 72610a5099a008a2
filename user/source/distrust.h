/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An SQLite file from anybody, read without harm. A schema is a program: views that never end,
 * columns that are computed, virtual tables, names that are not what they say.
 */
#ifndef SOURCE_DISTRUST_H
#define SOURCE_DISTRUST_H

#include <stdbool.h>

struct sqlite3;

/* From here on, db can't change anything, and its memory is bounded: SQLite's, of the process. */
void distrust(struct sqlite3 *db);

/* Is there a table of that name, with nothing in it but what was stored? */
bool distrust_has_table(struct sqlite3 *db, const char *name);

#endif
