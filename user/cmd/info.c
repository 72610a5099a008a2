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
#include "cmd/rights.h"
#include "cmd/run.h"
#include "cmd/seals.h"
#include "cmd/session.h"
#include "cmd/signer.h"
#include "cmd/verb.h"
#include "core/seal.h"
#include "sink/record/record_private.h"
#include "util/errand.h"
#include "util/escape.h"
#include "util/fmt.h"

struct info_options {
	bool check;
	const char *signer;
};

static const struct opt info_rows[] = {
	{ 0, "check", NULL, "read all of it, and compare its parts with each other", opt_set_true,
	  offsetof(struct info_options, check), 0 },
	{ 0, "signer", "FILE",
	  "and its signature with these allowed signers (ssh-keygen -Y verify)", opt_set_string,
	  offsetof(struct info_options, signer), 0 },
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

/* The hash, for who keeps it elsewhere; and the one of the piece before. */
static void print_seal(struct replay *r)
{
	char hex[SEAL_HEX];

	seals_follows(r, hex);
	if (*hex)
		print_text("follows", hex);
	seals_last(r, hex);
	if (*hex)
		print_text("hash", hex);
	else
		print_text("hash", replay_info(r)->format < 4 ?
					   "none: it was made before recordings had one" :
					   "none, though recordings of this format have one");
}

static void print_info(struct replay *r)
{
	const struct replay_info *i = replay_info(r);
	uint64_t dropped = number(r, "SELECT value FROM meta WHERE key = 'forgotten'");
	struct buf b = { 0 };
	uint64_t calls, left;

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
	if (*i->hook)
		print_text("hook", i->hook);
	print_time("from", i, i->start_ns);
	print_time("to", i, i->end_ns);
	left = number(r, "SELECT value FROM meta WHERE key = 'left'");
	printf("%-11s%s", "end",
	       i->was_cut ? "cut off: the recorder did not come to its end" : "clean");
	if (left)
		printf(", but it left while the command ran on, as process %" PRIu64, left);
	putchar('\n');
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
	print_seal(r);
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
	status = query_run(r, buf_str(&sql), ROWS_TABLE, true);
	buf_done(&sql);
	return status;
}

/* ---- the check ---- */

struct check {
	struct replay *r;
	sqlite3_stmt *rows; /* changes in the table, as far as the stream has them by itself */
	uint64_t nr_changes, nr_wrong, first_wrong;
};

static const char stream_rows[] =
	"SELECT c.t, c.start, c.size, a.flags, s.call, h.tid FROM change c "
	"LEFT JOIN state a ON a.id = c.after LEFT JOIN site s ON s.id = c.site "
	"LEFT JOIN thread h ON h.id = c.thread ORDER BY c.id";

#define STREAM_FLAGS (VMA_PROT | VMA_SHARED | VMA_MAPPED | VMA_UNKNOWN)

/* True if the table's next row is this change. What was there before may be another segment's. */
static bool is_next_row(struct check *c, const struct change *ch)
{
	const struct event *ev = ch->ev;
	uint64_t call = ev->type == EVENT_CALL ? (uint64_t)ev->call.id :
						 RECORD_EVENT_CALL + (uint64_t)ev->type;
	const uint64_t want[] = {
		ev->ts_ns - replay_info(c->r)->start_ns, ch->start, ch->end - ch->start,
		ch->after.flags & STREAM_FLAGS,		 call,	    ev->tid
	};
	uint64_t got;
	int i;

	if (!c->rows || sqlite3_step(c->rows) != SQLITE_ROW)
		return false;
	for (i = 0; i < 6; i++) {
		got = sqlite3_column_int64(c->rows, i);
		if (want[i] != (i == 3 ? got & STREAM_FLAGS : got))
			return false;
	}
	return true;
}

/* Key frames change nothing: they repeat how things are. */
static int check_change(void *priv, const struct change *ch)
{
	struct check *c = priv;

	if (replay_in_key(c->r) || !change_is_counted(ch))
		return 0;
	c->nr_changes++;
	if (!is_next_row(c, ch) && !c->nr_wrong++)
		c->first_wrong = c->nr_changes;
	return 0;
}

static const struct sink_ops check_ops = { .name = "check", .change = check_change };

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
static int read_all(struct replay *r, struct session *s, struct progress *p, struct buf *wrong,
		    struct seals_found *found)
{
	struct run run;
	int err;

	sqlite3_progress_handler(replay_db(r), PROGRESS_SQL_STEPS, progress_tick, p);
	err = is_sound(r) ? seals_check(r, wrong, found) : -EBADMSG;
	sqlite3_progress_handler(replay_db(r), 0, NULL, NULL);
	run_init(&run, s->pipeline, replay_source(r));
	run.progress = p;
	if (!err)
		err = run_go(&run);
	return progress_end(p) ? -EINTR : err;
}

/* Lines that begin with a label. */
static void print_lines(const char *label, const char *lines)
{
	const char *end;

	for (; *lines; lines = end + 1) {
		end = strchrnul(lines, '\n');
		printf("%-11s%.*s\n", label, (int)(end - lines), lines);
		if (!*end)
			return;
	}
}

static void print_compared(const struct check *c, const struct seals_found *f)
{
	struct buf b = { 0 };

	fmt_count(&b, c->nr_changes, "change");
	buf_puts(&b, " of the events with their rows");
	if (f->has_seals) {
		buf_puts(&b, "; ");
		fmt_count(&b, f->nr_blocks, "block");
		buf_puts(&b, " and ");
		fmt_count(&b, f->nr_rows, "row");
		buf_puts(&b, " of all tables with ");
		fmt_count(&b, f->nr_seals, "seal");
	} else {
		buf_puts(&b, "; nothing else: there are no seals");
	}
	print_lines("compared", buf_str(&b));
	buf_done(&b);
}

static void add_stream_fault(struct buf *wrong, const struct check *c, uint64_t nr_rows)
{
	if (c->nr_changes != nr_rows)
		buf_printf(wrong, "its events make %" PRIu64 " changes, and it has %" PRIu64 "\n",
			   c->nr_changes, nr_rows);
	else if (c->nr_wrong)
		buf_printf(wrong, "change: row %" PRIu64 " is not what its event makes\n",
			   c->first_wrong);
}

static int print_signature(struct replay *r, struct errand *signer)
{
	struct buf b = { 0 };
	char hex[SEAL_HEX];
	int err;

	seals_last(r, hex);
	err = signer_check(r, hex, signer, &b);
	print_lines("signed", buf_str(&b));
	buf_done(&b);
	return err;
}

/* Whatever is behind the last commit of a recorder that was killed, or is cut off, leaves no trace. */
static const char *verdict_on(const struct replay *r, const struct seals_found *f)
{
	if (!f->has_seals)
		return "whole, as far as can be known without a hash";
	return replay_info(r)->was_cut ?
		       "whole up to its last commit; what was behind it is not known" :
		       "whole";
}

/*
 * A whole recording has a stream that makes exactly the changes in its table, and seals that fit
 * everything in it.
 */
/* signer: of signer_new(); NULL: who signed is not asked for. */
static int check(struct replay *r, struct object_table *objects, const struct request *req,
		 struct errand *signer)
{
	struct check c = { .r = r };
	struct seals_found found = { 0 };
	uint64_t nr_rows = number(r, "SELECT count(*) FROM change");
	struct buf wrong = { 0 };
	struct session s;
	struct progress p;
	int err;

	fflush(stdout);
	session_open_bare(&s, objects);
	pipeline_add_sink(s.pipeline, (struct sink){ .ops = &check_ops, .priv = &c });
	progress_begin(&p, "checking the recording", !req->about.quiet);
	sqlite3_prepare_v2(replay_db(r), stream_rows, -1, &c.rows, NULL);
	err = read_all(r, &s, &p, &wrong, &found);
	sqlite3_finalize(c.rows);
	session_close(&s, EXIT_FINE);
	if (err == -EINTR) {
		buf_done(&wrong);
		return progress_status(&p, EXIT_FAILED);
	}
	if (!err)
		add_stream_fault(&wrong, &c, nr_rows);
	print_compared(&c, &found);
	print_lines("wrong", buf_str(&wrong));
	err = err || wrong.len;
	if ((found.has_seals || signer) && print_signature(r, signer))
		err = -EBADMSG;
	buf_done(&wrong);
	printf("%-11s%s\n", "check", err ? "damaged" : verdict_on(r, &found));
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

/* --signer asks who signed what was recorded, and so for a check of it. */
static bool is_checked(const struct info_options *o)
{
	return o->check || o->signer;
}

static int print(const struct request *req)
{
	const char *const inputs[] = { req->input, NULL };
	const struct info_options *own = req->own;
	struct errand *signer = own->signer ? signer_new(own->signer) : NULL;
	struct object_table *objects = object_table_new();
	struct replay *r;
	int status;

	rights_recording(req, inputs, NULL);
	r = input_open(req->input, objects);
	status = r ? EXIT_FINE : EXIT_FAILED;
	if (r)
		print_info(r);
	if (r && is_checked(own))
		status = check(r, objects, req, signer);
	if (r)
		print_skipped(r, is_checked(own));
	if (r && !status)
		status = print_gaps(r);
	replay_close(r);
	object_table_free(objects);
	errand_free(signer);
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
	.usage = "Usage: mprotwatch info -i FILE [--check [--signer FILE]]\n"
		 "Tell what a recording is of, when and where it was made, and what it lacks.\n",
	.after =
		"\nExit status: 0 fine; 1 it can't be read, or --check found it damaged; 2 wrong usage.",
	.groups = GROUP(INPUT) | GROUP(DROP) | GROUP(QUIET) | GROUP(ABOUT),
	.own_heading = "What to do",
	.own_rows = info_rows,
	.own_bytes = sizeof(struct info_options),
	.run = run,
};
