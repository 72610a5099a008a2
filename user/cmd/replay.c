/* SPDX-License-Identifier: BSD-2-Clause */
/* A recording shown as if it happened now: the same events through the same pipeline. */
#include <errno.h>
#include <signal.h>

#include "cmd/chosen.h"
#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/progress.h"
#include "cmd/recording.h"
#include "cmd/session.h"
#include "cmd/trace.h"
#include "util/escape.h"

struct feed {
	struct pipeline *pipeline;
	struct chosen chosen;
};

static int on_event(void *ctx, const struct event *ev)
{
	return pipeline_feed(((struct feed *)ctx)->pipeline, ev);
}

/* The mirrors see what others do, too. */
static int on_some_event(void *ctx, const struct event *ev)
{
	struct feed *f = ctx;
	struct event hidden;

	if (chosen_wants(&f->chosen, f->pipeline, ev))
		return pipeline_feed(f->pipeline, ev);
	hidden = *ev;
	hidden.sibling = true;
	return pipeline_feed(f->pipeline, &hidden);
}

static void print_banner(const struct trace_options *o, const struct replay_info *info)
{
	struct buf b = { 0 };

	if (o->quiet)
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
	const struct trace_options *o = s->opt;
	bool shares_terminal = s->out.is_tty && trace_wants_lines(o);
	struct feed f = { .pipeline = s->pipeline, .chosen = { .whom = &o->whom } };
	int err;

	progress_begin(p, "reading the recording", (!o->quiet || o->progress) && !shares_terminal);
	replay_watch(r, progress_step, p);
	s->out.stop = progress_stop();
	err = replay_run(r, whom_is_some(&o->whom) ? on_some_event : on_event, &f);
	if (o->whom.by_cgroup && !f.chosen.some_cgroup && !err)
		complain("the recording does not tell the cgroups of its processes: -c finds none "
			 "(those before version 3 do not)");
	chosen_done(&f.chosen);
	return progress_end(p) ? -EINTR : err;
}

/* what: those who are meant, if not all. */
static int replay(struct session *s, struct replay *r, const char *what, struct progress *p)
{
	const struct replay_info *info = replay_info(r);
	struct totals totals = { 0 };
	int err, status;

	recording_run_info(info, &s->run);
	if (whom_is_some(&s->opt->whom)) {
		s->run.what = what;
		s->run.is_named = s->opt->whom.pids.nr;
	}
	if (s->run.max_map_count && !s->rules.thresholds.map_count_is_set) /* not this machine's */
		s->rules.thresholds.max_map_count = s->run.max_map_count;
	if (session_add_sinks(s))
		return EXIT_FAILED;
	print_banner(s->opt, info);
	err = run(s, r, p);
	if (err == -EINTR)
		return EXIT_FAILED;
	status = session_finish(s, err, info->end_ns, "cannot read the recording", &totals);
	if (status == EXIT_FAILED)
		return status;
	recording_tell_skipped(r);
	recording_tell_cut(info);
	return s->opt->strict && totals.lost ? EXIT_LOST : status;
}

int trace_recording(const struct trace_options *opt)
{
	struct progress p = { 0 };
	struct session s;
	struct buf what = { 0 };
	struct replay *r;
	int status;

	signal(SIGPIPE, SIG_IGN); /* an error of write(2), as in a live trace */
	status = session_open(&s, opt);
	if (status)
		return status;
	r = recording_open(opt->input, s.objects);
	whom_describe(&what, &opt->whom);
	status = r ? replay(&s, r, buf_str(&what), &p) : EXIT_FAILED;
	status = session_close(&s, status);
	replay_close(r);
	buf_done(&what);
	return progress_status(&p, status);
}
