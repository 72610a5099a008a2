/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch maps: /proc/<pid>/maps as it was, and what differs between two moments. */
#include "sink/maps_list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/moment.h"
#include "cmd/recording.h"
#include "cmd/verb.h"
#include "core/pipeline.h"
#include "util/escape.h"
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

/* Mirrors as they were at a place of the stream. */
struct past {
	struct replay *r;
	struct pipeline *pl;
	struct replay_place place;
	uint64_t key_changes, nr_changes;
};

static int count_change(void *priv, const struct change *ch)
{
	struct past *p = priv;

	p->nr_changes += change_is_news(ch);
	return 0;
}

static const struct sink_ops count_ops = { .name = "count", .change = count_change };

/* -ECANCELED where the place is. */
static int on_event(void *ctx, const struct event *ev)
{
	struct past *p = ctx;
	int err;

	if (replay_in_key(p->r)) {
		err = pipeline_feed(p->pl, ev);
		p->nr_changes = p->key_changes;
		return err;
	}
	if (p->place.change ? p->nr_changes >= p->place.change : ev->ts_ns > p->place.ts_ns)
		return -ECANCELED;
	return pipeline_feed(p->pl, ev);
}

static int past_init(struct past *p, struct replay *r, struct object_table *objects,
		     const struct replay_place *place)
{
	int err;

	*p = (struct past){ .r = r, .place = *place };
	p->pl = pipeline_new(objects);
	pipeline_add_sink(p->pl, (struct sink){ .ops = &count_ops, .priv = p });
	err = replay_run_to(r, place, on_event, p, &p->key_changes);
	if (err == -ECANCELED)
		err = 0;
	return !err && p->nr_changes < place->change ? -ERANGE : err;
}

static void past_done(struct past *p)
{
	pipeline_free(p->pl);
}

/* ---- what is shown ---- */

static const struct proc *find(const struct past *p, const struct maps_options *o, const char *at)
{
	const struct proc *proc = pipeline_find(p->pl, o->pid);

	if (!proc || !proc->mm) {
		complain("process %llu was not there at %s, or not recorded",
			 (unsigned long long)o->pid, at ? at : "the end");
		return NULL;
	}
	if (proc->mm->unsure)
		complain("parts of process %llu were not known for sure at %s",
			 (unsigned long long)o->pid, at ? at : "the end");
	return proc;
}

static int print(const struct maps_options *o, const struct past *at, const struct past *other)
{
	const struct proc *p = find(at, o, o->at), *q = NULL;
	struct out out;
	int err;

	if (p && other)
		q = find(other, o, o->diff);
	if (!p || (other && !q))
		return EXIT_FAILED;
	err = out_open(&out, NULL);
	if (!err && other)
		maps_diff(&out.buf, p->mm->as, q->mm->as, out.is_tty);
	else if (!err)
		maps_list(&out.buf, p->mm->as, out.is_tty);
	if (!err)
		err = out_close(&out);
	if (err && err != -EPIPE)
		complain_errno("cannot write standard output", err, NULL);
	return err && err != -EPIPE ? EXIT_FAILED : EXIT_FINE;
}

/* A moment that was not given is the end. */
static int parse_moment(struct replay *r, const struct request *req, const char *text,
			struct replay_place *ret)
{
	const struct replay_info *info = replay_info(r);
	struct buf b = { 0 };
	int err;

	*ret = (struct replay_place){ .ts_ns = info->end_ns };
	if (!text)
		return EXIT_FINE;
	err = moment_parse(text, info, req->show.utc, ret);
	if (!err)
		return EXIT_FINE;
	if (err == -EINVAL) {
		escape_text(&b, text, strlen(text));
		complain("not a moment: '%s'; moments are " MOMENT_FORMS, buf_str(&b));
	} else {
		recording_put_span(&b, info);
		complain("the recording does not hold that moment: it is %s", buf_str(&b));
	}
	buf_done(&b);
	return err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

static int go_back(struct past *p, struct replay *r, struct object_table *objects,
		   const struct replay_place *place)
{
	int err = past_init(p, r, objects, place);

	if (err == -ERANGE)
		complain("the recording has only %llu changes", (unsigned long long)p->nr_changes);
	else if (err)
		recording_complain(err);
	return err ? EXIT_FAILED : EXIT_FINE;
}

static int show(struct replay *r, struct object_table *objects, const struct request *req)
{
	const struct maps_options *o = req->own;
	struct past at = { 0 }, other = { 0 };
	struct replay_place place[2];
	int status = parse_moment(r, req, o->at, &place[0]);

	if (!status && o->diff)
		status = parse_moment(r, req, o->diff, &place[1]);
	if (!status)
		status = go_back(&at, r, objects, &place[0]);
	if (!status && o->diff)
		status = go_back(&other, r, objects, &place[1]);
	if (!status)
		status = print(o, &at, o->diff ? &other : NULL);
	past_done(&at);
	past_done(&other);
	return status;
}

static int run(struct request *req)
{
	const struct maps_options *o = req->own;
	struct object_table *objects;
	struct replay *r;
	int status = EXIT_FAILED;

	if (!req->input || !o->pid || o->pid > UINT32_MAX) {
		complain("maps needs a recording and a process: -i FILE -p PID (see --help)");
		return EXIT_USAGE;
	}
	objects = object_table_new();
	r = recording_open(req->input, objects);
	if (r)
		status = show(r, objects, req);
	replay_close(r);
	object_table_free(objects);
	return status;
}

const struct verb maps_verb = {
	.name = "maps",
	.help = "/proc/PID/maps of a recording at any moment",
	.usage = "Usage: mprotwatch maps -i FILE -p PID [--at TIME] [--diff TIME]\n"
		 "Print /proc/PID/maps as it was when the recording was made, in the same format;\n"
		 "or what differs between two moments.\n",
	.groups = GROUP(INPUT) | GROUP(UTC) | GROUP(ABOUT),
	.own_heading = "What to show",
	.own_rows = maps_rows,
	.own_bytes = sizeof(struct maps_options),
	.run = run,
};
