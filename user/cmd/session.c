/* SPDX-License-Identifier: BSD-2-Clause */
/* Output, pipeline and sinks of one run, whatever its source. */
#include "cmd/session.h"

#include <errno.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/rules_file.h"
#include "detect/detectors.h"
#include "util/fmt.h"
#include "util/mem.h"

static const char *out_name(const struct session *s)
{
	return s->opt->output ? s->opt->output : "standard output";
}

int session_open(struct session *s, const struct trace_options *opt)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->opt = opt;
	if (rules_file_read(&s->rules, opt->rules)) {
		rules_done(&s->rules);
		return EXIT_USAGE;
	}
	err = out_open(&s->out, opt->output);
	if (err) {
		complain_name("cannot open", out_name(s), err,
			      err == -ELOOP ? "it is a symbolic link" : NULL);
		rules_done(&s->rules);
		return EXIT_FAILED;
	}
	if (opt->learn)
		s->learner = learner_new(&s->rules);
	s->objects = object_table_new();
	s->pipeline = pipeline_new(s->objects);
	s->judge = judge_new(all_detectors, &s->rules);
	pipeline_set_judge(s->pipeline, s->judge);
	return EXIT_FINE;
}

static int add_recorder(struct session *s)
{
	const struct trace_options *o = s->opt;
	struct record_config cfg = { .path = o->record,
				     .force = o->force,
				     .arguments = o->arguments,
				     .run = &s->run,
				     .pipeline = s->pipeline,
				     .rotate_bytes = o->rotate_bytes,
				     .rotate_ns = o->rotate_ns,
				     .keep = o->keep,
				     .compress = o->compress };
	struct sink sink;
	int err = record_sink_new(&cfg, &sink);

	if (err) {
		complain_name("cannot make the recording", o->record, err,
			      err == -EEXIST ? "--force replaces it" :
			      err == -ELOOP  ? "it is a symbolic link" :
					       NULL);
		return EXIT_FAILED;
	}
	pipeline_add_sink(s->pipeline, sink);
	return EXIT_FINE;
}

static void add_lines(struct session *s)
{
	const struct trace_options *o = s->opt;
	const struct line_config cfg = { .out = &s->out,
					 .run = &s->run,
					 .select = o->select,
					 .time = o->time,
					 .utc = o->utc,
					 .header = !o->no_header,
					 .stack = o->stack,
					 .fields = o->fields,
					 .color = term_wants_color(s->out.fd, o->color),
					 .width = s->out.is_tty ? term_width(s->out.fd) : 0,
					 .min_severity = o->severity - 1,
					 .max_events = o->max_events };

	pipeline_add_sink(s->pipeline, o->json ? json_sink_new(&cfg) : text_sink_new(&cfg));
}

static struct sink timeline_new(struct session *s)
{
	const struct trace_options *o = s->opt;
	const struct timeline_config cfg = { .out = &s->out,
					     .run = &s->run,
					     .all = o->all,
					     .min_severity = o->timeline_severity - 1,
					     .utc = o->utc,
					     .svg = o->svg,
					     .color = term_wants_color(s->out.fd, o->color),
					     .width = term_width(s->out.fd) };

	return timeline_sink_new(&cfg);
}

static struct sink html_new(struct session *s)
{
	const struct html_config cfg = { .out = &s->out, .run = &s->run, .utc = s->opt->utc };

	return html_sink_new(&cfg);
}

static struct sink tracks_new(struct session *s)
{
	const struct tracks_config cfg = { .out = &s->out,
					   .run = &s->run,
					   .chrome = s->opt->chrome,
					   .all = s->opt->all,
					   .min_severity = s->opt->severity - 1 };

	return tracks_sink_new(&cfg);
}

static struct sink report_new(struct session *s)
{
	struct report_config cfg = s->opt->report;

	cfg.out = &s->out;
	cfg.run = &s->run;
	cfg.json = s->opt->json;
	cfg.utc = s->opt->utc;
	cfg.width = term_width(s->out.fd);
	return report_sink_new(&cfg);
}

static struct sink audit_new(struct session *s)
{
	const struct audit_config cfg = { .audit = s->opt->audit,
					  .out = &s->out,
					  .run = &s->run,
					  .json = s->opt->json,
					  .utc = s->opt->utc };

	return audit_sink_new(&cfg);
}

int session_add_sinks(struct session *s)
{
	const struct trace_options *o = s->opt;

	if (o->record && add_recorder(s))
		return EXIT_FAILED;
	if (trace_wants_lines(o))
		add_lines(s);
	if (o->audit)
		pipeline_add_sink(s->pipeline, audit_new(s));
	else if (o->only_report)
		pipeline_add_sink(s->pipeline, report_new(s));
	else if (o->html)
		pipeline_add_sink(s->pipeline, html_new(s));
	else if (o->perfetto || o->chrome)
		pipeline_add_sink(s->pipeline, tracks_new(s));
	else if (trace_wants_timeline(o, &s->run))
		pipeline_add_sink(s->pipeline, timeline_new(s));
	return EXIT_FINE;
}

static void print_totals(const struct session *s, const struct totals *t)
{
	struct buf b = { 0 };

	if (s->opt->quiet) {
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
	complain("%s, %llu lost", buf_str(&b), (unsigned long long)t->lost);
	buf_done(&b);
}

static void print_findings(const struct session *s)
{
	const struct verdicts *v = judge_verdicts(s->judge);
	struct buf b = { 0 };
	int i;

	for (i = NR_SEVERITIES - 1; i >= 0; i--)
		if (v->nr[i])
			buf_printf(&b, "%s%llu %s", b.len ? ", " : "", (unsigned long long)v->nr[i],
				   severity_name(i));
	if (!s->opt->quiet && b.len)
		complain("findings: %s", buf_str(&b));
	if (v->nr_forgotten) {
		b.len = 0;
		fmt_count(&b, v->nr_forgotten, "change");
		complain("findings may be missing: %s found no room in what is remembered",
			 buf_str(&b));
	}
	buf_done(&b);
	rules_file_report(&s->rules, s->opt->rules, s->opt->quiet);
}

/* Did detectors find what --fail-on names? */
static bool found_enough(const struct session *s)
{
	int i;

	for (i = s->opt->fail_on - 1; i >= 0 && i < NR_SEVERITIES; i++)
		if (judge_verdicts(s->judge)->nr[i])
			return true;
	return false;
}

/* Of an audit: may it, or not, or is it not certain? */
static int audit_status(const struct audit *audit)
{
	switch (audit->verdict) {
	case MDWE_ALLOWS:
		return EXIT_FINE;
	case MDWE_UNSURE:
		return EXIT_LOST;
	case MDWE_REFUSES:
		return EXIT_FOUND;
	}
	return EXIT_FAILED;
}

int session_finish(struct session *s, int err, uint64_t end_ns, const char *source_verb,
		   struct totals *ret_totals)
{
	if (!err || err == -ECANCELED || err == -EPIPE) /* --max-events, or head(1) */
		err = pipeline_finish(s->pipeline, end_ns, ret_totals);
	if (!err && s->learner)
		learner_write(s->learner, &s->out.buf, s->opt->input ? s->opt->input : s->run.what,
			      &s->run);
	if (!err)
		err = out_flush(&s->out);
	if (err == -EPIPE) /* the reader has seen enough */
		return s->opt->audit ? audit_status(s->opt->audit) : EXIT_FINE;
	if (err && s->out.err)
		complain_name("cannot write", out_name(s), err,
			      err == -ETIMEDOUT ? "nobody reads it" : NULL);
	else if (err && s->opt->record)
		complain_name("cannot go on recording to", s->opt->record, err, NULL);
	else if (err == -EBADMSG)
		complain("%s: it is damaged", source_verb);
	else if (err)
		complain_errno(source_verb, err, err == -ENOMEM ? TOO_MANY_MAPPINGS : NULL);
	if (err)
		return EXIT_FAILED;
	print_totals(s, ret_totals);
	if (object_table_dropped(s->objects))
		complain("%llu names of mappings found no room: they show as (too many names)",
			 (unsigned long long)object_table_dropped(s->objects));
	if (s->opt->audit)
		return audit_status(s->opt->audit);
	print_findings(s);
	if (s->learner)
		learner_report(s->learner, s->opt->quiet);
	return found_enough(s) ? EXIT_FOUND : EXIT_FINE;
}

int session_close(struct session *s, int status)
{
	int err;

	pipeline_free(s->pipeline);
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
