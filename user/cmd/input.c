/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recordings are opened here, or complained of; and shown as if they happened now: their events go
 * through the pipeline that live ones go through.
 */
#include "cmd/input.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/halt.h"
#include "cmd/moment.h"
#include "cmd/rights.h"
#include "cmd/run.h"
#include "cmd/session.h"
#include "cmd/stop.h"
#include "cmd/trace.h"
#include "cmd/until.h"
#include "cmd/verb.h"
#include "util/escape.h"
#include "util/fmt.h"

struct replay *input_open(const char *path, struct object_table *objects)
{
	struct replay_fault fault;
	struct replay *r = NULL;
	struct buf b = { 0 };
	int err = replay_open(path, objects, &r, &fault);

	if (!err)
		return r;
	if (!fault.why) {
		complain_name("cannot read the recording", path, err, fault.try);
		return NULL;
	}
	escape_text(&b, path, strlen(path));
	complain(fault.try ? "cannot read the recording '%s': %s (%s)" :
			     "cannot read the recording '%s': %s",
		 buf_str(&b), fault.why, fault.try);
	buf_done(&b);
	return NULL;
}

void input_complain(int err)
{
	if (err == -EBADMSG)
		complain("cannot read the recording further: it is damaged");
	else
		complain_errno("cannot read the recording further", err, NULL);
}

void input_put_span(struct buf *b, const struct replay_info *info)
{
	buf_puts(b, "from ");
	fmt_rfc3339(b, info->start_ns + info->boot_to_wall_ns);
	buf_puts(b, " to ");
	fmt_rfc3339(b, info->end_ns + info->boot_to_wall_ns);
}

int input_moment(struct replay *r, const char *text, bool utc, struct replay_place *ret)
{
	const struct replay_info *info = replay_info(r);
	struct buf b = { 0 };
	int err;

	*ret = (struct replay_place){ .ts_ns = info->end_ns };
	if (!text)
		return EXIT_FINE;
	err = moment_parse(text, info, utc, ret);
	if (!err)
		return EXIT_FINE;
	if (err == -EINVAL) {
		escape_text(&b, text, strlen(text));
		complain("not a moment: '%s'; moments are " MOMENT_FORMS, buf_str(&b));
	} else {
		input_put_span(&b, info);
		complain("the recording does not hold that moment: it is %s", buf_str(&b));
	}
	buf_done(&b);
	return err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

void input_warn_skipped(const struct replay *r)
{
	struct buf b = { 0 };
	uint64_t nr_events, nr_facts;

	replay_skipped(r, &nr_events, &nr_facts);
	if (nr_events) {
		fmt_count(&b, nr_events, "event");
		complain("%s of kinds that this version does not know were skipped", buf_str(&b));
	}
	b.len = 0;
	if (nr_facts) {
		fmt_count(&b, nr_facts, "fact");
		complain("%s that this version does not know were skipped", buf_str(&b));
	}
	buf_done(&b);
}

/* Warns if the recorder was cut off, and when. */
static void warn_cut(const struct replay_info *info)
{
	struct buf b = { 0 };

	if (!info->was_cut)
		return;
	fmt_rfc3339(&b, info->end_ns + info->boot_to_wall_ns);
	complain(
		"the recording was cut off: its recorder did not come to an end; its last event is of %s",
		buf_str(&b));
	buf_done(&b);
}

static void print_banner(const struct request *req, const struct replay_info *info)
{
	struct buf b = { 0 };

	if (req->about.quiet)
		return;
	buf_puts(&b, "replaying ");
	escape_again(&b, info->what, strlen(info->what));
	buf_puts(&b, ", recorded on ");
	escape_text(&b, info->host, strlen(info->host));
	complain("%s", buf_str(&b));
	buf_done(&b);
}

/* Feeds all of r. 0, or -errno: -EINTR after a signal, which leaves what was written. */
static int feed(struct session *s, struct replay *r, struct progress *p)
{
	const struct request *req = s->req;
	bool shares_terminal = s->out.is_tty && request_wants(req, OUTPUT_LINES, &s->run);
	struct run run;
	int err;

	progress_begin(p, "reading the recording",
		       (!req->about.quiet || req->progress) && !shares_terminal);
	s->out.stop = stop_signal();
	run_init(&run, s->pipeline, replay_source(r));
	run.progress = p;
	if (whom_is_some(&req->target.whom))
		pipeline_choose(s->pipeline, &req->target.whom);
	if (req->target.whom.by_cgroup && replay_info(r)->format < 3)
		complain("the recording does not tell the cgroups of its processes: -c finds none");
	err = run_go(&run);
	return progress_end(p) ? -EINTR : err;
}

int input_since(struct replay *r, const struct request *req, uint64_t *ret_ns)
{
	struct replay_place since = { 0 };
	int status = EXIT_FINE;

	if (req->since)
		status = input_moment(r, req->since, req->show.utc, &since);
	*ret_ns = since.ts_ns;
	if (status || !since.change)
		return status;
	complain("--since wants a time, and no change's number (see --help)");
	return EXIT_USAGE;
}

/* The part of the recording that is wanted: up to --at, and what is new since --since. */
static int choose_time(struct request *req, struct replay *r, struct session *s, struct halt *h)
{
	int status = input_moment(r, req->at, req->show.utc, &h->place);

	h->r = r;
	if (!status)
		status = input_since(r, req, &req->show.since_ns);
	if (status)
		return status;
	if (req->at)
		pipeline_add_sink(s->pipeline, halt_sink(h));
	return EXIT_FINE;
}

/* True if it is an error that the process which is named was never there. */
static bool must_match(const struct request *req)
{
	return req->verb->kinds & (1 << OUTPUT_MAPS | 1 << OUTPUT_ADDR) && req->target.whom.pids.nr;
}

/* what names the processes that are wanted, if not all are. */
static int replay(struct session *s, struct request *req, struct replay *r, const char *what,
		  struct progress *p)
{
	const struct replay_info *info = replay_info(r);
	const struct source source = replay_source(r);
	struct totals totals = { 0 };
	struct halt halt = { 0 };
	struct until until = { .req = req, .r = r };
	int err, status;

	source.ops->info(source.priv, &s->run);
	if (whom_is_some(&s->req->target.whom)) {
		s->run.what = what;
		s->run.is_named = s->req->target.whom.pids.nr;
	}
	if (s->run.max_map_count && !s->rules.thresholds.map_count_is_set) /* not this machine's */
		s->rules.thresholds.max_map_count = s->run.max_map_count;
	status = choose_time(req, r, s, &halt);
	if (status)
		return status;
	if (req->until.words)
		pipeline_add_sink(s->pipeline, until_sink(&until));
	if (session_open_outputs(s))
		return EXIT_FAILED;
	print_banner(s->req, info);
	err = feed(s, r, p);
	if (err == -EINTR)
		return EXIT_FAILED;
	if (halt_was_missed(&halt) && !until.is_cut) {
		complain("the recording has only %llu changes",
			 (unsigned long long)halt.nr_changes);
		return EXIT_FAILED;
	}
	s->was_cut = info->was_cut;
	status = session_finish(s, err,
				until.is_cut ? until.end_ns :
				req->at	     ? halt_end_ns(&halt) :
					       info->end_ns,
				"cannot read the recording", &totals);
	if (status == EXIT_FAILED)
		return status;
	until_report(&until);
	if (must_match(req) && !totals.nr_procs) {
		complain("%s was not there%s%s, or not recorded", what, req->at ? " at " : "",
			 req->at ? req->at : "");
		return EXIT_FAILED;
	}
	if (!s->req->about.quiet && whom_is_some(&s->req->target.whom) && !totals.nr_procs)
		complain("no process of the recording matches");
	input_warn_skipped(r);
	warn_cut(info);
	if (status != EXIT_FINE) /* what was found stays found */
		return status;
	return s->req->check.strict && totals.lost ? EXIT_LOST : EXIT_FINE;
}

int trace_recording(struct request *req)
{
	const char *const inputs[] = { req->input, NULL };
	struct progress p = { 0 };
	struct session s;
	struct buf what = { 0 };
	struct replay *r;
	int status;

	signal(SIGPIPE, SIG_IGN); /* an error of write(2), as in a live trace */
	status = session_open(&s, req);
	if (status)
		return status;
	rights_recording(req, inputs, &s.out);
	r = input_open(req->input, s.objects);
	whom_describe(&what, &req->target.whom);
	status = r ? replay(&s, req, r, buf_str(&what), &p) : EXIT_FAILED;
	status = session_close(&s, status);
	replay_close(r);
	buf_done(&what);
	return progress_status(&p, status);
}
