/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mprotwatch maps: what is mapped, and who made it, as it is or was; plainly as in /proc/<pid>/maps, and
 * the difference between two moments.
 */
#include "sink/maps_list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/halt.h"
#include "cmd/input.h"
#include "cmd/look.h"
#include "cmd/moment.h"
#include "cmd/pages.h"
#include "cmd/reading.h"
#include "cmd/rights.h"
#include "cmd/run.h"
#include "cmd/session.h"
#include "cmd/verb.h"
#include "core/cast.h"
#include "sink/space/space.h"
#include "source/reader.h"
#include "source/scan.h"
#include "util/out.h"

struct maps_options {
	const char *diff;
	uint64_t pid;
	bool plain, pages;
};

#define AT(field) offsetof(struct maps_options, field)

static const struct opt maps_rows[] = {
	{ 'p', "pid", "PID", "of this process", opt_set_u64, AT(pid), 0 },
	{ 0, "diff", "TIME", "what differs at this moment from that of --at", opt_set_string,
	  AT(diff), 0 },
	{ 0, "pages", NULL,
	  "of a process that runs: how many pages are in memory, swapped, copied, huge, on\nwhich NUMA nodes",
	  opt_set_true, AT(pages), 0 },
	{ 0, "plain", NULL, "lines as /proc/PID/maps has them, and nothing else", opt_set_true,
	  AT(plain), 0 },
	{ 0 },
};

/* A mirror at one moment, and those of processes that ended before it. */
struct moment {
	struct halt halt;
	struct space_views ended;
	uint64_t pid; /* of whom alone that is kept */
	struct session session;
};

static void keep_ended(void *priv, struct life *l, struct space *sp, const struct event *ev)
{
	struct moment *p = priv;

	if (ev && l->pid == p->pid)
		space_views_take(&p->ended, l, sp, ev);
}

static const struct sink_ops ended_ops = { .name = "ended",
					   .keeps_objects = true,
					   .life_left = keep_ended };

/* from: the last key frame before it is sought, as all before that key frame is not seen. */
static int moment_init(struct moment *p, struct replay *r, struct object_table *objects,
		       const struct replay_place *place, const struct replay_place *from,
		       uint64_t pid)
{
	struct run run;
	int err;

	*p = (struct moment){ .halt = { .r = r, .place = *place }, .pid = pid };
	space_views_init(&p->ended);
	session_open_bare(&p->session, objects);
	pipeline_add_sink(p->session.pipeline, halt_sink(&p->halt));
	pipeline_add_sink(p->session.pipeline, (struct sink){ .ops = &ended_ops, .priv = p });
	err = replay_seek(r, from, &p->halt.nr_changes);
	run_init(&run, p->session.pipeline, replay_source(r));
	if (!err)
		err = run_go(&run);
	if (err == -ECANCELED)
		err = 0;
	return !err && halt_was_missed(&p->halt) ? -ERANGE : err;
}

static void moment_done(struct moment *p)
{
	session_close(&p->session, EXIT_FINE);
	space_views_done(&p->ended);
}

/* ---- printing ---- */

static const struct aspace *find_ended(const struct moment *p, const struct request *req)
{
	const struct maps_options *o = req->own;
	const struct run_info run = { .boot_to_wall_ns = replay_info(p->halt.r)->boot_to_wall_ns };
	const struct space_config cfg = { .run = &run, .utc = req->show.utc };
	const struct space_view *v;
	struct buf b = { 0 };

	for (v = p->ended.first; v && v->pid != o->pid; v = v->next)
		;
	if (!v)
		return NULL;
	space_put_who(&b, &cfg, v);
	complain("process %s: these are its last mappings", buf_str(&b));
	buf_done(&b);
	return v->as;
}

static const struct aspace *find(const struct moment *p, const struct request *req, const char *at)
{
	const struct maps_options *o = req->own;
	const struct proc *proc = pipeline_find(p->session.pipeline, o->pid);

	if (!proc || !proc->mm)
		return find_ended(p, req);
	if (proc->mm->stale)
		complain("parts of process %llu were not known for sure at %s",
			 (unsigned long long)o->pid, at ? at : "the end");
	return proc->mm->as;
}

/* One address space, or the changes that turn it into the other. */
static int print(const struct aspace *as, const struct aspace *other)
{
	struct out out;
	int err = out_open(&out, NULL);

	if (!err && other)
		maps_diff(&out.buf, as, other, out.is_tty);
	else if (!err)
		maps_list(&out.buf, as, out.is_tty);
	if (!err)
		err = out_close(&out);
	if (err && err != -EPIPE)
		complain_errno("cannot write standard output", err, NULL);
	return err && err != -EPIPE ? EXIT_FAILED : EXIT_FINE;
}

static int complain_moment(int err, const struct moment *p)
{
	if (err == -ERANGE)
		complain("the recording has only %llu changes",
			 (unsigned long long)p->halt.nr_changes);
	else if (err)
		input_complain(err);
	return err ? EXIT_FAILED : EXIT_FINE;
}

/*
 * The mappings at a moment, which live in p. Where the process is not there any more, the recording
 * is read from its start, to find its end.
 */
static const struct aspace *go_back(struct moment *p, struct replay *r,
				    struct object_table *objects, const struct request *req,
				    const char *at, int *ret_status)
{
	const struct maps_options *o = req->own;
	const struct replay_place start = { 0 };
	const struct aspace *as = NULL;
	struct replay_place place;

	*ret_status = input_moment(r, at, req->show.utc, &place);
	if (!*ret_status)
		*ret_status =
			complain_moment(moment_init(p, r, objects, &place, &place, o->pid), p);
	if (*ret_status)
		return NULL;
	as = find(p, req, at);
	if (as)
		return as;
	moment_done(p);
	*ret_status = complain_moment(moment_init(p, r, objects, &place, &start, o->pid), p);
	if (*ret_status)
		return NULL;
	as = find(p, req, at);
	if (as)
		return as;
	complain("process %llu was not there at %s, or not recorded", (unsigned long long)o->pid,
		 at ? at : "the end");
	*ret_status = EXIT_FAILED;
	return NULL;
}

static int show(struct replay *r, struct object_table *objects, const struct request *req)
{
	const struct maps_options *o = req->own;
	struct moment at = { 0 }, other = { 0 };
	const struct aspace *p, *q = NULL;
	int status;

	p = go_back(&at, r, objects, req, req->at, &status);
	if (!status && o->diff)
		q = go_back(&other, r, objects, req, o->diff, &status);
	if (!status)
		status = print(p, q);
	moment_done(&at);
	moment_done(&other);
	return status;
}

static int show_recorded(const struct request *req, struct object_table *objects)
{
	const char *const inputs[] = { req->input, NULL };
	struct replay *r;
	int status;

	rights_recording(req, inputs, NULL);
	r = input_open(req->input, objects);
	status = r ? show(r, objects, req) : EXIT_FAILED;

	replay_close(r);
	return status;
}

/* The mappings of a process that runs. */
static int show_now(const struct request *req, uint32_t pid, struct object_table *objects)
{
	const struct id_list pids = { .id = &pid, .nr = 1 };
	const char *const nothing[] = { NULL };
	struct reading rd = { 0 };
	struct source source;
	struct session s;
	struct run run;
	int err, status = EXIT_FAILED;

	reading_begin(&rd, READER_PATIENT_NS);
	rights_scan(req, nothing, NULL);
	source = scan_source(&pids, objects, rd.reader);
	session_open_bare(&s, objects);
	run_init(&run, s.pipeline, source);
	err = run_go(&run);
	if (err)
		complain_process("cannot look at", pid, err);
	else
		status = print(pipeline_find(s.pipeline, pid)->mm->as, NULL);
	source.ops->close(source.priv);
	reading_end(&rd);
	return session_close(&s, status);
}

static int show_plain(const struct request *req)
{
	const struct maps_options *o = req->own;
	struct object_table *objects = object_table_new();
	int status = req->input ? show_recorded(req, objects) : show_now(req, o->pid, objects);

	object_table_free(objects);
	return status;
}

static int run(struct request *req)
{
	const struct output_choice *choice = request_output_options(req, "maps");
	const struct maps_options *o = req->own;

	if (!o->pid || o->pid > UINT32_MAX) {
		complain(
			"maps needs a process: -p PID, and -i FILE for one in a recording (see --help)");
		return EXIT_USAGE;
	}
	if (!req->input && o->diff) {
		complain("moments are of a recording: --at and --diff need -i FILE (see --help)");
		return EXIT_USAGE;
	}
	if (o->pages && (req->input || req->duration_ns || o->plain)) {
		complain(
			"--pages are of a process that runs: leave out -i, -d and --plain (see --help)");
		return EXIT_USAGE;
	}
	if (o->pages)
		return pages_show(req, o->pid, choice->is_json);
	if (o->plain || o->diff)
		return show_plain(req);
	id_list_add(&req->target.whom.pids, o->pid);
	return look_run(req);
}

const struct verb maps_verb = {
	.name = "maps",
	.help = "what is mapped, and who made it",
	.usage =
		"Usage: mprotwatch maps -p PID [-d TIME | --pages]\n"
		"       mprotwatch maps -p PID -i FILE [--at TIME] [--diff TIME]\n"
		"Print what a process has mapped, who made it, when, and what it was before: of a\n"
		"recording, or, with -d, of a trace for so long. Without either, what is mapped now.\n",
	.groups = GROUP(PLACE) | GROUP(STACK) | GROUP(ALL) | GROUP(INPUT) | GROUP(MOMENT) |
		  GROUP(UTC) | GROUP(FORMS) | GROUP(STOP) | GROUP(DROP) | GROUP(VERBOSE) |
		  GROUP(ABOUT),
	.kinds = 1 << OUTPUT_MAPS,
	.own_heading = "What to show",
	.own_rows = maps_rows,
	.own_bytes = sizeof(struct maps_options),
	.run = run,
};
