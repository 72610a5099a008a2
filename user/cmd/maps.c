/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch maps: /proc/<pid>/maps as it is or was, and the difference between two moments. */
#include "sink/maps_list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/halt.h"
#include "cmd/input.h"
#include "cmd/moment.h"
#include "cmd/reading.h"
#include "cmd/run.h"
#include "cmd/session.h"
#include "cmd/verb.h"
#include "source/reader.h"
#include "source/scan.h"
#include "util/out.h"

struct maps_options {
	const char *at, *diff;
	uint64_t pid;
};

#define AT(field) offsetof(struct maps_options, field)

static const struct opt maps_rows[] = {
	{ 'p', "pid", "PID", "of this process", opt_set_u64, AT(pid), 0 },
	{ 0, "at", "TIME", "at this moment, not at the end: " MOMENT_FORMS, opt_set_string, AT(at),
	  0 },
	{ 0, "diff", "TIME", "what differs at this moment from that of --at", opt_set_string,
	  AT(diff), 0 },
	{ 0 },
};

/* A mirror at one moment. */
struct moment {
	struct halt halt;
	struct session session;
};

static int moment_init(struct moment *p, struct replay *r, struct object_table *objects,
		       const struct replay_place *place)
{
	struct run run;
	int err;

	*p = (struct moment){ .halt = { .r = r, .place = *place } };
	session_open_bare(&p->session, objects);
	pipeline_add_sink(p->session.pipeline, halt_sink(&p->halt));
	err = replay_seek(r, place, &p->halt.nr_changes);
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
}

/* ---- printing ---- */

static const struct proc *find(const struct moment *p, const struct maps_options *o, const char *at)
{
	const struct proc *proc = pipeline_find(p->session.pipeline, o->pid);

	if (!proc || !proc->mm) {
		complain("process %llu was not there at %s, or not recorded",
			 (unsigned long long)o->pid, at ? at : "the end");
		return NULL;
	}
	if (proc->mm->stale)
		complain("parts of process %llu were not known for sure at %s",
			 (unsigned long long)o->pid, at ? at : "the end");
	return proc;
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

static int print_past(const struct maps_options *o, const struct moment *at,
		      const struct moment *other)
{
	const struct proc *p = find(at, o, o->at), *q = NULL;

	if (p && other)
		q = find(other, o, o->diff);
	if (!p || (other && !q))
		return EXIT_FAILED;
	return print(p->mm->as, q ? q->mm->as : NULL);
}

static int go_back(struct moment *p, struct replay *r, struct object_table *objects,
		   const struct replay_place *place)
{
	int err = moment_init(p, r, objects, place);

	if (err == -ERANGE)
		complain("the recording has only %llu changes",
			 (unsigned long long)p->halt.nr_changes);
	else if (err)
		input_complain(err);
	return err ? EXIT_FAILED : EXIT_FINE;
}

static int show(struct replay *r, struct object_table *objects, const struct request *req)
{
	const struct maps_options *o = req->own;
	struct moment at = { 0 }, other = { 0 };
	struct replay_place place[2];
	int status = input_moment(r, o->at, req->show.utc, &place[0]);

	if (!status && o->diff)
		status = input_moment(r, o->diff, req->show.utc, &place[1]);
	if (!status)
		status = go_back(&at, r, objects, &place[0]);
	if (!status && o->diff)
		status = go_back(&other, r, objects, &place[1]);
	if (!status)
		status = print_past(o, &at, o->diff ? &other : NULL);
	moment_done(&at);
	moment_done(&other);
	return status;
}

static int show_recorded(const struct request *req, struct object_table *objects)
{
	struct replay *r = input_open(req->input, objects);
	int status = r ? show(r, objects, req) : EXIT_FAILED;

	replay_close(r);
	return status;
}

/* The mappings of a process that runs. */
static int show_now(uint32_t pid, struct object_table *objects)
{
	const struct id_list pids = { .id = &pid, .nr = 1 };
	struct reading rd = { 0 };
	struct source source;
	struct session s;
	struct run run;
	int err, status = EXIT_FAILED;

	reading_begin(&rd, READER_PATIENT_NS);
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

static int run(struct request *req)
{
	const struct maps_options *o = req->own;
	struct object_table *objects;
	int status;

	if (!o->pid || o->pid > UINT32_MAX) {
		complain(
			"maps needs a process: -p PID, and -i FILE for one in a recording (see --help)");
		return EXIT_USAGE;
	}
	if (!req->input && (o->at || o->diff)) {
		complain("moments are of a recording: --at and --diff need -i FILE (see --help)");
		return EXIT_USAGE;
	}
	objects = object_table_new();
	status = req->input ? show_recorded(req, objects) : show_now(o->pid, objects);
	object_table_free(objects);
	return status;
}

const struct verb maps_verb = {
	.name = "maps",
	.help = "/proc/PID/maps now, or as a recording has it",
	.usage = "Usage: mprotwatch maps -p PID [-i FILE [--at TIME] [--diff TIME]]\n"
		 "Print /proc/PID/maps as it is, or as it was when the recording was made, in the\n"
		 "same format; or what differs between two moments.\n",
	.groups = GROUP(INPUT) | GROUP(UTC) | GROUP(ABOUT),
	.own_heading = "What to show",
	.own_rows = maps_rows,
	.own_bytes = sizeof(struct maps_options),
	.run = run,
};
