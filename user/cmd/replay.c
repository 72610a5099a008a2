/* SPDX-License-Identifier: BSD-2-Clause */
/* A recording shown as if it happened now: the same events through the same pipeline. */
#include <errno.h>
#include <signal.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/progress.h"
#include "cmd/recording.h"
#include "cmd/session.h"
#include "cmd/trace.h"
#include "util/escape.h"

static int on_event(void *ctx, const struct event *ev)
{
	return pipeline_feed(ctx, ev);
}

static void print_banner(const struct request *req, const struct replay_info *info)
{
	struct buf b = { 0 };

	if (req->about.quiet)
		return;
	buf_puts(&b, "replaying ");
	escape_text(&b, info->what, strlen(info->what));
	buf_puts(&b, ", recorded on ");
	escape_text(&b, info->host, strlen(info->host));
	complain("%s", buf_str(&b));
	buf_done(&b);
}

/* Feed all of it. 0, or -errno: -EINTR after a signal, which leaves what was written. */
static int run(struct session *s, struct replay *r, struct progress *p)
{
	const struct request *req = s->req;
	bool shares_terminal = s->out.is_tty && request_wants(req, OUTPUT_LINES, &s->run);
	int err;

	progress_begin(p, "reading the recording",
		       (!req->about.quiet || req->progress) && !shares_terminal);
	replay_watch(r, progress_step, p);
	s->out.stop = progress_stop();
	if (whom_is_some(&req->target.whom))
		pipeline_choose(s->pipeline, &req->target.whom);
	if (req->target.whom.by_cgroup && replay_info(r)->format < 3)
		complain("the recording does not tell the cgroups of its processes: -c finds none");
	err = replay_run(r, on_event, s->pipeline);
	return progress_end(p) ? -EINTR : err;
}

/* what: those who are meant, if not all. */
static int replay(struct session *s, struct replay *r, const char *what, struct progress *p)
{
	const struct replay_info *info = replay_info(r);
	struct totals totals = { 0 };
	int err, status;

	recording_run_info(info, &s->run);
	if (whom_is_some(&s->req->target.whom)) {
		s->run.what = what;
		s->run.is_named = s->req->target.whom.pids.nr;
	}
	if (s->run.max_map_count && !s->rules.thresholds.map_count_is_set) /* not this machine's */
		s->rules.thresholds.max_map_count = s->run.max_map_count;
	if (session_add_sinks(s))
		return EXIT_FAILED;
	print_banner(s->req, info);
	err = run(s, r, p);
	if (err == -EINTR)
		return EXIT_FAILED;
	status = session_finish(s, err, info->end_ns, "cannot read the recording", &totals);
	if (status == EXIT_FAILED)
		return status;
	recording_tell_skipped(r);
	recording_tell_cut(info);
	return s->req->check.strict && totals.lost ? EXIT_LOST : status;
}

int trace_recording(struct request *req)
{
	struct progress p = { 0 };
	struct session s;
	struct buf what = { 0 };
	struct replay *r;
	int status;

	signal(SIGPIPE, SIG_IGN); /* an error of write(2), as in a live trace */
	status = session_open(&s, req);
	if (status)
		return status;
	r = recording_open(req->input, s.objects);
	whom_describe(&what, &req->target.whom);
	status = r ? replay(&s, r, buf_str(&what), &p) : EXIT_FAILED;
	status = session_close(&s, status);
	replay_close(r);
	buf_done(&what);
	return progress_status(&p, status);
}
