/* SPDX-License-Identifier: BSD-2-Clause */
/* All of SQLite's defences against hostile files, and those that it lacks. */
#include "source/distrust.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "core/recording.h"

/* Memory for what a query sorts and groups; a query without end fails here. */
#define MAX_HEAP_BYTES (2LL << 30)

void distrust(sqlite3 *db)
{
	sqlite3_hard_heap_limit64(MAX_HEAP_BYTES);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0,
			  NULL); /* Debian has it on */
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, RECORDING_BLOCK_MAX);
	sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, 1 << 20);
	sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, 100);
	sqlite3_limit(db, SQLITE_LIMIT_VDBE_OP, 100000);
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_busy_timeout(db, 2000);
	/*
	 * Sorting makes no temporary file; cells are checked as they are read; a check of the file
	 * evaluates none of the constraints in it.
	 */
	sqlite3_exec(db,
		     "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;"
		     "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;"
		     "PRAGMA ignore_check_constraints = ON",
		     NULL, NULL, NULL);
}

/* True if the pragma has rows, and the text in column i of every one of them is want. */
static bool all_rows_are(sqlite3 *db, const char *pragma, const char *name, int i, const char *want)
{
	sqlite3_stmt *s = NULL;
	const char *text;
	char sql[64];
	bool yes = false;
	int rc;

	snprintf(sql, sizeof(sql), "PRAGMA main.%s(%s)", pragma, name);
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL))
		return false;
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		text = (const char *)sqlite3_column_text(s, i);
		yes = text && !strcmp(text, want);
		if (!yes)
			break;
	}
	sqlite3_finalize(s);
	return yes && rc == SQLITE_DONE;
}

bool distrust_has_column(sqlite3 *db, const char *table, const char *name)
{
	sqlite3_stmt *s = NULL;
	bool yes;
	char sql[64];

	snprintf(sql, sizeof(sql), "SELECT %s FROM %s LIMIT 0", name, table);
	yes = !sqlite3_prepare_v2(db, sql, -1, &s, NULL);
	sqlite3_finalize(s);
	return yes;
}

/*
 * The pragmas report what the statement in the schema makes. sqlite_schema.type may lie: a view
 * that is called a table there is a view.
 */
bool distrust_has_table(sqlite3 *db, const char *name)
{
	return all_rows_are(db, "table_list", name, 2, "table") &&
	       all_rows_are(db, "table_xinfo", name, 6, "0"); /* hidden: 2 and 3 are computed */
}
