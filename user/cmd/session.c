/* SPDX-License-Identifier: BSD-2-Clause */
/* Output, pipeline and sinks of one run, whatever its source. */
#include "cmd/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/ending.h"
#include "cmd/rules_file.h"
#include "cmd/verb.h"
#include "core/apply.h"
#include "detect/detectors.h"
#include "util/fmt.h"
#include "util/mem.h"

static const char *out_name(const struct session *s)
{
	return s->req->output ? s->req->output : "standard output";
}

int session_open(struct session *s, const struct request *req)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->req = req;
	if (ending_check(req))
		return EXIT_USAGE;
	if (rules_file_read(&s->rules, req->judge.rules)) {
		rules_done(&s->rules);
		return EXIT_USAGE;
	}
	err = out_open(&s->out, req->output);
	if (err) {
		complain_file(out_name(s), err);
		rules_done(&s->rules);
		return EXIT_FAILED;
	}
	if (req->learn)
		s->learner = learner_new(&s->rules);
	s->objects = object_table_new();
	s->pipeline = pipeline_new(s->objects);
	s->judge = judge_new(all_detectors, &s->rules);
	pipeline_set_judge(s->pipeline, s->judge);
	return EXIT_FINE;
}

void session_open_bare(struct session *s, struct object_table *objects)
{
	*s = (struct session){ .pipeline = pipeline_new(objects) };
}

/* Complains of an output, other than the run's own data, that could not be opened. */
static int complain_output(const struct output *o, const struct output_choice *choice, int err)
{
	const char *try = err == -EEXIST ? "--force replaces it" :
			  err == -ELOOP	 ? "it is a symbolic link" :
			  err == -ENOKEY ? "ssh-keygen -Y sign does not sign with that key" :
					   NULL;

	char what[64];

	snprintf(what, sizeof(what), "cannot make the %s", o->name);
	if (choice && choice->path)
		complain_name(what, choice->path, err, try);
	else
		complain_errno(what, err, try);
	return EXIT_FAILED;
}

int session_open_outputs(struct session *s)
{
	const struct output_env env = { .out = &s->out,
					.run = &s->run,
					.pipeline = s->pipeline,
					.show = &s->req->show,
					.arguments = s->req->arguments };
	const struct output *o;
	struct sink sink;
	void *options;
	int kind, err;

	for (kind = 0; kind < NR_OUTPUT_KINDS; kind++) {
		if (!request_wants(s->req, kind, &s->run))
			continue;
		o = request_output(s->req, kind, &options);
		if (o->asks_makers)
			pipeline_keep_makers(s->pipeline);
		err = o->open(&env, options, &sink);
		if (err)
			return complain_output(o, options, err);
		sink.since_ns = o->asks_before ? 0 : s->req->show.since_ns;
		pipeline_add_sink(s->pipeline, sink);
	}
	return EXIT_FINE;
}

static void print_totals(const struct session *s, const struct totals *t)
{
	struct buf b = { 0 };

	if (s->req->about.quiet) {
		if (t->lost)
			complain("%llu lost", (unsigned long long)t->lost);
		return;
	}
	fmt_count(&b, t->nr_procs, "process");
	buf_puts(&b, ", ");
	fmt_count(&b, t->events, "event");
	buf_puts(&b, ", ");
	fmt_count(&b, t->changes, "change");
	buf_puts(&b, ", ");
	fmt_count(&b, t->failed, "failed call");
	if (t->answered) {
		buf_puts(&b, ", ");
		fmt_count(&b, t->answered, "call");
		buf_puts(&b, " answered without running");
	}
	complain("%s, %llu lost", buf_str(&b), (unsigned long long)t->lost);
	buf_done(&b);
}

/* Said even if quiet: what was asked for is not complete. */
static void print_remark(const struct session *s)
{
	struct buf b = { 0 };

	pipeline_remark(s->pipeline, &b);
	if (b.len)
		complain("%s", buf_str(&b));
	buf_done(&b);
}

static void print_dropped_names(const struct session *s)
{
	uint32_t pid;
	uint64_t nr = object_table_dropped(s->objects, &pid);
	struct buf b = { 0 };

	if (!nr)
		return;
	fmt_count(&b, nr, "name");
	buf_puts(&b, " of mappings found no room");
	if (pid)
		buf_printf(&b, ", the last of process %u", pid);
	complain("%s: they show as (too many names)", buf_str(&b));
	buf_done(&b);
}

/* True if the exit status is to say whether there were findings. */
static bool asks_for_findings(const struct request *req)
{
	return req->judge.fail_on || req->verb->findings_only;
}

static void print_findings(const struct session *s, const struct totals *t)
{
	const struct verdicts *v = judge_verdicts(s->judge);
	struct buf b = { 0 };
	int i;

	for (i = NR_SEVERITIES - 1; i >= 0; i--)
		if (v->nr[i])
			buf_printf(&b, "%s%llu %s", b.len ? ", " : "", (unsigned long long)v->nr[i],
				   severity_name(i));
	if (!s->req->about.quiet && b.len)
		complain("findings: %s", buf_str(&b));
	b.len = 0;
	totals_put_dropped(&b, t);
	if (b.len)
		complain("findings may be missing: %s", buf_str(&b));
	b.len = 0;
	totals_put_doubts(&b, t);
	if (b.len && (asks_for_findings(s->req) || !s->req->about.quiet))
		complain("findings may be missing: %s", buf_str(&b));
	buf_done(&b);
	rules_file_report(&s->rules, s->req->judge.rules, s->req->about.quiet);
}

/* True if detectors found what --fail-on names. */
static bool found_enough(const struct session *s)
{
	int i;

	for (i = s->req->judge.fail_on - 1; i >= 0 && i < NR_SEVERITIES; i++)
		if (judge_verdicts(s->judge)->nr[i])
			return true;
	return false;
}

static bool is_audit(const struct session *s)
{
	return s->req->verb->kinds >> OUTPUT_AUDIT & 1; /* which asks for no findings */
}

static int verdict_of(const struct session *s, const struct totals *totals)
{
	if (is_audit(s))
		return EXIT_FINE;
	if (found_enough(s))
		return EXIT_FOUND;
	if (!asks_for_findings(s->req) || (totals_are_certain(totals) && !s->was_cut))
		return EXIT_FINE;
	return EXIT_LOST;
}

int session_finish(struct session *s, int err, uint64_t end_ns, const char *source_verb,
		   struct totals *ret_totals)
{
	const struct output_choice *c = request_output_options(s->req, "recording");
	const char *recording = c ? c->path : NULL;

	if (!err || err == -ECANCELED || err == -EPIPE) /* --max-events, or head(1) */
		err = pipeline_finish(s->pipeline, end_ns, ret_totals);
	if (!err && s->learner)
		learner_write(s->learner, &s->out.buf, s->req->input ? s->req->input : s->run.what,
			      &s->run);
	if (!err)
		err = out_flush(&s->out);
	if (err == -EPIPE) /* the reader has seen enough: what was found stays found */
		return verdict_of(s, ret_totals);
	if (err && s->out.err)
		complain_name("cannot write", out_name(s), err,
			      err == -ETIMEDOUT ? "nobody reads it" : NULL);
	else if (err && recording)
		complain_name("cannot go on recording to", recording, err, NULL);
	else if (err == -EBADMSG)
		complain("%s: it is damaged", source_verb);
	else if (err)
		complain_errno(source_verb, err, NULL);
	if (err)
		return EXIT_FAILED;
	print_totals(s, ret_totals);
	print_remark(s);
	print_dropped_names(s);
	if (ret_totals->guards_dropped)
		complain("a process has more than %d guard regions: not all of them are known",
			 APPLY_GUARDS_MAX);
	if (!is_audit(s))
		print_findings(s, ret_totals);
	if (!is_audit(s) && s->learner)
		learner_report(s->learner, s->req->about.quiet);
	return verdict_of(s, ret_totals);
}

int session_close(struct session *s, int status)
{
	int err;

	pipeline_free(s->pipeline);
	if (!s->req)
		return status;
	object_table_free(s->objects);
	learner_free(s->learner);
	rules_done(&s->rules);
	err = out_close(&s->out);
	if (err && err != -EPIPE && status == EXIT_FINE) {
		complain_name("cannot write", out_name(s), err, NULL);
		status = EXIT_FAILED;
	}
	return status;
}
