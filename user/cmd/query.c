/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch query: SQL that only reads. */
#include "cmd/query.h"

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/input.h"
#include "cmd/progress.h"
#include "cmd/rights.h"
#include "cmd/stop.h"
#include "cmd/verb.h"
#include "util/escape.h"

struct query_options {
	bool json, csv;
};

#define AT(field) offsetof(struct query_options, field)

static const struct opt query_rows[] = {
	{ 'j', "json", NULL, "one JSON object per row", opt_set_true, AT(json), 0 },
	{ 0, "csv", NULL, "comma-separated values (RFC 4180)", opt_set_true, AT(csv), 0 },
	{ 0 },
};

static void complain_sql(struct replay *r)
{
	const char *why = sqlite3_errmsg(replay_db(r));
	struct buf b = { 0 };

	escape_text(&b, why, strlen(why));
	complain("cannot query the recording: %s", buf_str(&b));
	buf_done(&b);
}

/* True if the pragma only looks at the schema. */
static bool is_harmless(const char *pragma)
{
	static const char *const names[] = { "table_info",	"table_xinfo",	  "table_list",
					     "index_list",	"index_info",	  "index_xinfo",
					     "user_version",	"application_id", "page_count",
					     "page_size",	"encoding",	  "freelist_count",
					     "integrity_check", "quick_check",	  "function_list" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!sqlite3_stricmp(pragma, names[i]))
			return true;
	return false;
}

/*
 * Rows and functions are allowed, and nothing else that SQL can do: SQLite asks for each step of a
 * statement.
 */
static int authorize(void *ctx, int action, const char *what, const char *argument,
		     const char *schema, const char *within)
{
	(void)ctx;
	(void)schema;
	(void)within;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION: /* which is off anyway */
		return sqlite3_stricmp(argument, "load_extension") ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_PRAGMA:
		return is_harmless(what) ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_UPDATE: /* SQLite 3.40 asks so when a table-valued function is declared */
		return sqlite3_stricmp(what, "sqlite_master") ? SQLITE_DENY : SQLITE_OK;
	}
	return SQLITE_DENY;
}

/* The prepared statement; NULL after a sentence. */
static sqlite3_stmt *prepare(struct replay *r, const char *sql)
{
	sqlite3_stmt *s = NULL;
	const char *rest = "";
	int rc;

	sqlite3_set_authorizer(replay_db(r), authorize, NULL);
	rc = sqlite3_prepare_v2(replay_db(r), sql, -1, &s, &rest);
	if (rc && rc != SQLITE_AUTH) {
		complain_sql(r);
		return NULL;
	}
	rest += strspn(rest, " \t\r\n;");
	if (s && !*rest && sqlite3_stmt_readonly(s))
		return s;
	complain(rc    ? "cannot query the recording: it is only read, never changed" :
		 !s    ? "cannot query the recording: there is no statement" :
		 *rest ? "cannot query the recording: one statement at a time" :
			 "cannot query the recording: it is only read, never changed");
	sqlite3_finalize(s);
	return NULL;
}

/* Writes the rows. 0, or -errno: -EINTR after a signal, which leaves what was written. */
static int write_rows(struct replay *r, sqlite3_stmt *s, enum rows_format format, struct out *out,
		      struct progress *p)
{
	int err;

	out->stop = stop_signal();
	sqlite3_progress_handler(replay_db(r), PROGRESS_SQL_STEPS, progress_tick, p);
	err = rows_write(out, s, format);
	sqlite3_progress_handler(replay_db(r), 0, NULL, NULL);
	return progress_end(p) ? -EINTR : err;
}

int query_run(struct replay *r, const char *sql, enum rows_format format, bool quiet)
{
	sqlite3_stmt *s = prepare(r, sql);
	struct progress p;
	struct out out;
	int err, close_err;

	if (!s)
		return EXIT_FAILED;
	signal(SIGPIPE, SIG_IGN);
	err = out_open(&out, NULL);
	if (err) {
		complain_file("standard output", err);
		sqlite3_finalize(s);
		return EXIT_FAILED;
	}
	progress_begin(&p, "querying the recording", !quiet && !out.is_tty);
	err = write_rows(r, s, format, &out, &p);
	close_err = out_close(&out);
	err = err ? err : close_err;
	if (err == -EBADMSG)
		complain_sql(r);
	else if (err && err != -EPIPE && err != -EINTR)
		complain_name("cannot write", "standard output", err, NULL);
	sqlite3_finalize(s);
	return progress_status(&p, err && err != -EPIPE ? EXIT_FAILED : EXIT_FINE);
}

static int ask(const struct request *req)
{
	const struct query_options *o = req->own;
	struct object_table *objects = object_table_new();
	const char *const inputs[] = { req->input, NULL };
	int status = EXIT_FAILED;
	struct replay *r;

	rights_recording(req, inputs, NULL);
	r = input_open(req->input, objects);
	if (r)
		status = query_run(r, req->operands[0],
				   o->json ? ROWS_JSON :
				   o->csv  ? ROWS_CSV :
					     ROWS_TABLE,
				   req->about.quiet);
	replay_close(r);
	object_table_free(objects);
	return status;
}

static int run(struct request *req)
{
	if (req->input && req->nr_operands == 1)
		return ask(req);
	complain("query needs a recording and one statement: -i FILE 'SELECT …' (see --help)");
	return EXIT_USAGE;
}

const struct verb query_verb = {
	.name = "query",
	.help = "ask a recording in SQL",
	.usage =
		"Usage: mprotwatch query -i FILE [OPTION]... 'SQL'\n"
		"Ask a recording in SQL. There are changes, failures, writes, findings, processes,\n"
		"lifecycle, stacks, files and loss; mprotwatch-recording(5) tells of their columns.\n",
	.groups = GROUP(INPUT) | GROUP(DROP) | GROUP(QUIET) | GROUP(ABOUT),
	.words = WORDS_OPERANDS,
	.own_heading = "How to show it",
	.own_rows = query_rows,
	.own_bytes = sizeof(struct query_options),
	.run = run,
};
