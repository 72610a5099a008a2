/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An SQLite file from anybody, read without harm. A schema is a program: views that never end,
 * columns that are computed, virtual tables, names that lie.
 */
#ifndef SOURCE_DISTRUST_H
#define SOURCE_DISTRUST_H

#include <stdbool.h>

struct sqlite3;

/* Makes db read-only, and bounds the memory of SQLite in the whole process. */
void distrust(struct sqlite3 *db);

/* True if there is a table of that name, with nothing in it but what was stored. */
bool distrust_has_table(struct sqlite3 *db, const char *name);

/* True if such a table has a column of that name. */
bool distrust_has_column(struct sqlite3 *db, const char *table, const char *name);

#endif
