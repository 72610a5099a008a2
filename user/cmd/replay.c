/* SPDX-License-Identifier: BSD-2-Clause */
/* A recording shown as if it happened now: the same events through the same pipeline. */
#include <errno.h>
#include <signal.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/recording.h"
#include "cmd/session.h"
#include "cmd/trace.h"
#include "util/escape.h"

static int on_event(void *ctx, const struct event *ev)
{
	return pipeline_feed(ctx, ev);
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

static int replay(struct session *s, struct replay *r)
{
	const struct replay_info *info = replay_info(r);
	struct totals totals = { 0 };
	int err, status;

	recording_run_info(info, &s->run);
	if (s->run.max_map_count && !s->rules.thresholds.map_count_is_set) /* not this machine's */
		s->rules.thresholds.max_map_count = s->run.max_map_count;
	if (session_add_sinks(s))
		return EXIT_FAILED;
	print_banner(s->opt, info);
	err = replay_run(r, on_event, s->pipeline);
	status = session_finish(s, err, info->end_ns, "cannot read the recording", &totals);
	if (status == EXIT_FAILED)
		return status;
	recording_tell_cut(info);
	return s->opt->strict && totals.lost ? EXIT_LOST : status;
}

int trace_recording(const struct trace_options *opt)
{
	struct session s;
	struct replay *r;
	int status;

	signal(SIGPIPE, SIG_IGN); /* an error of write(2), as in a live trace */
	status = session_open(&s, opt);
	if (status)
		return status;
	r = recording_open(opt->input, s.objects);
	status = r ? replay(&s, r) : EXIT_FAILED;
	status = session_close(&s, status);
	replay_close(r);
	return status;
}
