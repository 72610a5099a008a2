/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch info: a recording's metadata, its gaps, and whether it is whole. */
#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/input.h"
#include "cmd/progress.h"
#include "cmd/query.h"
#include "cmd/run.h"
#include "cmd/session.h"
#include "cmd/verb.h"
#include "util/escape.h"
#include "util/fmt.h"

struct info_options {
	bool check;
};

static const struct opt info_rows[] = {
	{ 0, "check", NULL, "read all of it, and compare its parts with each other", opt_set_true,
	  offsetof(struct info_options, check), 0 },
	{ 0 },
};

static void print_text(const char *label, const char *text)
{
	struct buf b = { 0 };

	escape_again(&b, text, strlen(text));
	printf("%-11s%s\n", label, buf_str(&b));
	buf_done(&b);
}

static void print_time(const char *label, const struct replay_info *info, uint64_t ts_ns)
{
	struct buf b = { 0 };

	fmt_rfc3339(&b, ts_ns + info->boot_to_wall_ns);
	printf("%-11s%s\n", label, buf_str(&b));
	buf_done(&b);
}

static uint64_t number(struct replay *r, const char *sql)
{
	sqlite3_stmt *s = NULL;
	uint64_t v = 0;

	if (!sqlite3_prepare_v2(replay_db(r), sql, -1, &s, NULL) && sqlite3_step(s) == SQLITE_ROW)
		v = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return v;
}

static void print_info(struct replay *r)
{
	const struct replay_info *i = replay_info(r);
	uint64_t dropped = number(r, "SELECT value FROM meta WHERE key = 'forgotten'");
	struct buf b = { 0 };
	uint64_t calls;

	print_text("what", i->what);
	print_text("by", i->arguments);
	buf_printf(&b, "%s, Linux %s, %s", i->host, i->kernel, i->machine);
	if (i->page_bytes != PAGE_BYTES_MIN) {
		buf_puts(&b, ", pages of ");
		fmt_size_short(&b, i->page_bytes);
	}
	print_text("host", buf_str(&b));
	print_text("boot", i->boot_id);
	print_text("version", i->version);
	print_text("tier", i->tier);
	print_time("from", i, i->start_ns);
	print_time("to", i, i->end_ns);
	printf("%-11s%s\n", "end",
	       i->was_cut ? "cut off: the recorder did not come to its end" : "clean");
	printf("%-11s%" PRIu64 "\n", "events",
	       number(r, "SELECT sum(events) FROM block WHERE NOT key"));
	calls = number(r, "SELECT count(*) FROM change WHERE site IN (SELECT id FROM site WHERE "
			  "call < 64)");
	printf("%-11s%" PRIu64 "\n", "changes", calls);
	printf("%-11s%" PRIu64 "\n", "found", number(r, "SELECT max(id) FROM change") - calls);
	printf("%-11s%" PRIu64 "\n", "failed", number(r, "SELECT max(id) FROM failure"));
	printf("%-11s%" PRIu64 "\n", "processes", number(r, "SELECT count(*) FROM process"));
	printf("%-11s%" PRIu64 "\n", "lost", number(r, "SELECT sum(lost) FROM loss"));
	if (dropped)
		printf("%-11smay be missing: %" PRIu64
		       " changes found no room in what is remembered\n",
		       "findings", dropped);
	buf_done(&b);
}

/* Times at which records were lost, and their processes. */
static int print_gaps(struct replay *r)
{
	const struct replay_info *i = replay_info(r);
	uint64_t wall_ns = i->start_ns + i->boot_to_wall_ns;
	struct buf sql = { 0 };
	int status;

	if (!number(r, "SELECT count(*) FROM loss"))
		return EXIT_FINE;
	putchar('\n');
	fflush(stdout);
	buf_printf(
		&sql,
		"SELECT strftime('%%Y-%%m-%%dT%%H:%%M:%%S', (t + %1$" PRIu64
		") / 1000000000, 'unixepoch') || printf('.%%09dZ', (t + %1$" PRIu64
		") %% 1000000000) AS lost_at, lost, coalesce(pid, 'any') AS of_process FROM loss",
		wall_ns);
	status = query_run(r, buf_str(&sql), ROWS_TABLE, NULL, true);
	buf_done(&sql);
	return status;
}

/* ---- the check ---- */

struct check {
	struct replay *r;
	uint64_t nr_changes;
};

/* Key frames change nothing: they repeat how things are. */
static int count_change(void *priv, const struct change *ch)
{
	struct check *c = priv;

	if (!replay_in_key(c->r))
		c->nr_changes += change_is_counted(ch);
	return 0;
}

static const struct sink_ops check_ops = { .name = "check", .change = count_change };

static bool is_sound(struct replay *r)
{
	sqlite3_stmt *s = NULL;
	const char *text;
	bool sound = false;

	if (!sqlite3_prepare_v2(replay_db(r), "PRAGMA integrity_check(1)", -1, &s, NULL) &&
	    sqlite3_step(s) == SQLITE_ROW) {
		text = (const char *)sqlite3_column_text(s, 0);
		sound = text && !strcmp(text, "ok");
	}
	sqlite3_finalize(s);
	return sound;
}

/* Reads all of r into s. 0, or -errno: -EINTR after a signal. */
static int read_all(struct replay *r, struct session *s, struct progress *p)
{
	struct run run;
	int err;

	sqlite3_progress_handler(replay_db(r), PROGRESS_SQL_STEPS, progress_tick, p);
	err = is_sound(r) ? 0 : -EBADMSG;
	sqlite3_progress_handler(replay_db(r), 0, NULL, NULL);
	run_init(&run, s->pipeline, replay_source(r));
	run.progress = p;
	if (!err)
		err = run_go(&run);
	return progress_end(p) ? -EINTR : err;
}

/* A whole recording has a stream that makes exactly the changes in its table. */
static int check(struct replay *r, struct object_table *objects, bool quiet)
{
	struct check c = { .r = r };
	uint64_t nr_rows = number(r, "SELECT count(*) FROM change");
	struct session s;
	struct progress p;
	int err;

	fflush(stdout);
	session_open_bare(&s, objects);
	pipeline_add_sink(s.pipeline, (struct sink){ .ops = &check_ops, .priv = &c });
	progress_begin(&p, "checking the recording", !quiet);
	err = read_all(r, &s, &p);
	session_close(&s, EXIT_FINE);
	if (err == -EINTR)
		return progress_status(&p, EXIT_FAILED);
	if (!err && c.nr_changes != nr_rows) {
		printf("%-11sdamaged: its events make %" PRIu64 " changes, and it has %" PRIu64
		       "\n",
		       "check", c.nr_changes, nr_rows);
		return EXIT_FAILED;
	}
	printf("%-11s%s\n", "check", err ? "damaged" : "whole");
	return err ? EXIT_FAILED : EXIT_FINE;
}

static int ignore(void *ctx, const struct event *ev)
{
	(void)ctx;
	(void)ev;
	return 0;
}

static int read_to_end(struct replay *r)
{
	const struct source source = replay_source(r);
	const struct source_reader nobody = { .event = ignore };
	int state;

	do
		state = source.ops->feed(source.priv, &nobody);
	while (state >= 0 && state != SOURCE_ENDED);
	return state < 0 ? state : 0;
}

/* Counting what is not known means reading all of it: only where there may be something. */
static void print_skipped(struct replay *r, bool was_read)
{
	if (!replay_info(r)->is_ahead)
		return;
	if (!was_read && read_to_end(r))
		return;
	fflush(stdout);
	input_warn_skipped(r);
}

static int print(const struct request *req)
{
	struct object_table *objects = object_table_new();
	struct replay *r = input_open(req->input, objects);
	int status = r ? EXIT_FINE : EXIT_FAILED;

	if (r)
		print_info(r);
	if (r && ((const struct info_options *)req->own)->check)
		status = check(r, objects, req->about.quiet);
	if (r)
		print_skipped(r, ((const struct info_options *)req->own)->check);
	if (r && !status)
		status = print_gaps(r);
	replay_close(r);
	object_table_free(objects);
	return status;
}

static int run(struct request *req)
{
	if (req->input)
		return print(req);
	complain("info needs a recording: -i FILE (see --help)");
	return EXIT_USAGE;
}

const struct verb info_verb = {
	.name = "info",
	.help = "what a recording is of, and whether it is whole",
	.usage = "Usage: mprotwatch info -i FILE [--check]\n"
		 "Tell what a recording is of, when and where it was made, and what it lacks.\n",
	.after =
		"\nExit status: 0 fine; 1 it can't be read, or --check found it damaged; 2 wrong usage.",
	.groups = GROUP(INPUT) | GROUP(QUIET) | GROUP(ABOUT),
	.own_heading = "What to do",
	.own_rows = info_rows,
	.own_bytes = sizeof(struct info_options),
	.run = run,
};
