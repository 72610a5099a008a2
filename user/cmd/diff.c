/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mprotwatch diff: two recordings, two processes of one, or two that run, beside each other: what each
 * has mapped, made by whom, and who changed what.
 */
#include "sink/report/diff_page.h"

#include <errno.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/halt.h"
#include "cmd/input.h"
#include "cmd/reading.h"
#include "cmd/rights.h"
#include "cmd/run.h"
#include "cmd/session.h"
#include "cmd/verb.h"
#include "source/reader.h"
#include "source/scan.h"
#include "util/clock.h"
#include "util/fmt.h"

struct diff_options {
	bool json;
	uint64_t top;
};

#define AT(field) offsetof(struct diff_options, field)

static const struct opt diff_rows[] = {
	{ 'j', "json", NULL, "write one JSON object per row", opt_set_true, AT(json), 0 },
	{ 0, "top", "N", "so many rows of each table", opt_set_u64, AT(top), 0 },
	{ 0 },
};

/* A side: a process that runs, or a recording, or a process of one. */
struct side {
	const struct request *req;
	const char *name;
	uint32_t pid;	  /* 0: all of the recording */
	const char *path; /* NULL: it runs */
	uint64_t since_ns;
	struct object_table *objects; /* borrowed, as is the reader */
	struct reader *reader;	      /* of who runs */
	struct session session;
	struct run_info run;
	struct report *report;
};

/* Reads all of the source into the report. 0, or -errno. */
static int collect(struct side *s, struct source source, const struct whom *whom,
		   struct sink *first, uint64_t end_ns)
{
	struct pipeline *pl = s->session.pipeline;
	struct run run;
	int err;

	source.ops->info(source.priv, &s->run);
	s->run.what = s->name; /* the source's own goes with it */
	pipeline_keep_makers(pl);
	if (first)
		pipeline_add_sink(pl, *first);
	pipeline_add_sink(pl,
			  diff_collector(&s->run, pipeline_makers(pl), s->since_ns, &s->report));
	if (whom->pids.nr)
		pipeline_choose(pl, whom);
	run_init(&run, pl, source);
	err = run_go(&run);
	if (!err || err == -ECANCELED)
		err = pipeline_finish(pl, end_ns, NULL);
	return err;
}

static int read_running(struct side *s, const struct whom *whom)
{
	struct source source = scan_source(&whom->pids, s->objects, s->reader);
	int err = collect(s, source, whom, NULL, clock_ns(CLOCK_BOOTTIME));
	if (err)
		complain_process("cannot look at", s->pid, err);
	source.ops->close(source.priv);
	return err ? EXIT_FAILED : EXIT_FINE;
}

static int read_recorded(struct side *s, const struct whom *whom)
{
	struct replay *r = input_open(s->path, s->objects);
	struct halt halt = { .r = r };
	struct sink stop = halt_sink(&halt);
	int err = 0, status;

	if (!r)
		return EXIT_FAILED;
	status = input_moment(r, s->req->at, s->req->show.utc, &halt.place);
	if (!status)
		status = input_since(r, s->req, &s->since_ns);
	if (!status)
		err = collect(s, replay_source(r), whom, s->req->at ? &stop : NULL,
			      s->req->at ? halt.place.ts_ns : replay_info(r)->end_ns);
	if (err)
		input_complain(err);
	replay_close(r);
	return err ? EXIT_FAILED : status;
}

/* A number is a process: of the recording that is named, or one that runs; all else is a recording. */
static int parse_side(struct side *s, const struct request *req, const char *word,
		      struct object_table *objects)
{
	uint64_t pid = 0;

	*s = (struct side){ .req = req, .name = word, .path = req->input, .objects = objects };
	if (!parse_u64(word, UINT32_MAX, &pid) && pid) {
		s->pid = pid;
		if (req->input || (!req->at && !req->since))
			return EXIT_FINE;
		complain("--at and --since are of recordings, and a process runs now (see --help)");
		return EXIT_USAGE;
	}
	if (req->input) {
		complain("with -i both are processes of the recording, by number (see --help)");
		return EXIT_USAGE;
	}
	s->path = word;
	return EXIT_FINE;
}

static int read_side(struct side *s)
{
	struct whom whom = { 0 };
	int status;

	session_open_bare(&s->session, s->objects);
	if (s->pid)
		id_list_add(&whom.pids, s->pid);
	status = s->path ? read_recorded(s, &whom) : read_running(s, &whom);
	if (!status && s->pid && !diff_nr_processes(s->report)) {
		complain("process %u was not there, or not recorded", s->pid);
		status = EXIT_FAILED;
	}
	whom_done(&whom);
	return status;
}

static void print_diff(const struct request *req, const struct side sides[2], struct out *out)
{
	const struct diff_options *o = req->own;
	struct report *const reports[2] = { sides[0].report, sides[1].report };
	const char *const names[2] = { sides[0].name, sides[1].name };
	struct diff_config cfg = { .out = out,
				   .json = o->json,
				   .all = req->show.all,
				   .top = o->top };

	diff_page(&cfg, reports, names);
}

/* Begins to read those that run, and gives up all other rights. */
static void begin(const struct request *req, struct side sides[2], struct reading *rd,
		  const struct out *out)
{
	const char *inputs[3] = { NULL };
	size_t nr = 0;
	int i;

	for (i = 0; i < 2; i++)
		if (sides[i].path)
			inputs[nr++] = sides[i].path;
	if (nr == 2) {
		rights_recording(req, inputs, out);
		return;
	}
	reading_begin(rd, READER_PATIENT_NS);
	sides[0].reader = sides[1].reader = rd->reader;
	rights_scan(req, inputs, out);
}

static int diff(const struct request *req, struct side sides[2])
{
	const char *name = req->output ? req->output : "standard output";
	struct reading rd = { 0 };
	struct out out;
	int err = out_open(&out, req->output), status = EXIT_FINE, i;

	if (err) {
		complain_file(name, err);
		return EXIT_FAILED;
	}
	begin(req, sides, &rd, &out);
	for (i = 0; i < 2 && !status; i++)
		status = read_side(&sides[i]);
	if (!status)
		print_diff(req, sides, &out);
	err = out_close(&out);
	reading_end(&rd);
	if (status || !err || err == -EPIPE)
		return status;
	complain_name("cannot write", name, err, NULL);
	return EXIT_FAILED;
}

static int run(struct request *req)
{
	struct object_table *objects;
	struct side sides[2] = { 0 };
	int status;

	if (req->nr_operands != 2) {
		complain("diff needs two recordings, or two processes (see --help)");
		return EXIT_USAGE;
	}
	objects = object_table_new();
	status = parse_side(&sides[0], req, req->operands[0], objects);
	if (!status)
		status = parse_side(&sides[1], req, req->operands[1], objects);
	if (!status)
		status = diff(req, sides);
	for (int i = 0; i < 2; i++)
		session_close(&sides[i].session, EXIT_FINE);
	object_table_free(objects);
	return status;
}

const struct verb diff_verb = {
	.name = "diff",
	.help = "two recordings or processes beside each other",
	.usage =
		"Usage: mprotwatch diff [OPTION]... FILE FILE\n"
		"       mprotwatch diff [OPTION]... -i FILE PID PID\n"
		"       mprotwatch diff [OPTION]... PID PID\n"
		"Print how two recordings, two processes of one, or two that run differ: by program,\n"
		"name of what is mapped, who made it, transition, and caller.\n",
	.groups = GROUP(ALL) | GROUP(INPUT) | GROUP(OUTPUT) | GROUP(MOMENT) | GROUP(UTC) |
		  GROUP(DROP) | GROUP(ABOUT),
	.words = WORDS_OPERANDS,
	.own_heading = "What to show",
	.own_rows = diff_rows,
	.own_bytes = sizeof(struct diff_options),
	.run = run,
};
