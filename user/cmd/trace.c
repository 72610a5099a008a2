/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The live trace: opens the source, joins pipeline and sinks, lets loop.c run,
 * and sums up.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/child.h"
#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/loop.h"
#include "cmd/rules_file.h"
#include "core/judge.h"
#include "detect/detectors.h"
#include "util/clock.h"
#include "util/escape.h"
#include "util/fmt.h"
#include "util/mem.h"

struct trace {
	struct trace_options opt;
	struct object_table *objects;
	struct pipeline *pipeline;
	struct live *live;
	struct out out;
	struct run_info run;
	struct buf what; /* run.what's text */
	struct child child;
	struct loop loop;
	struct rules rules;
	struct judge *judge; /* the pipeline's */
};

static volatile sig_atomic_t stop_signal;

static void on_signal(int sig)
{
	stop_signal = sig;
}

/* SIGHUP stays ignored under nohup(1). A second signal ends it at once. */
static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND }, old;

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	if (!sigaction(SIGHUP, NULL, &old) && old.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &sa, NULL);
}

static void describe_run(struct trace *tr)
{
	const struct trace_options *o = &tr->opt;
	const struct id_list *ids = o->pids.nr ? &o->pids : &o->tids;
	ssize_t n;
	size_t i;
	int fd;

	if (o->command) {
		for (i = 0; o->command[i]; i++) {
			if (i)
				buf_putc(&tr->what, ' ');
			escape_text(&tr->what, o->command[i], strlen(o->command[i]));
		}
	} else if (ids->nr) {
		buf_puts(&tr->what, o->pids.nr ? "process" : "thread");
		for (i = 0; i < ids->nr; i++)
			buf_printf(&tr->what, "%s %u", i ? "," : "", ids->id[i]);
	} else {
		buf_puts(&tr->what, o->user.set || o->comm.set || o->cgroup.set ?
					    "all processes that match" :
					    "the whole machine");
	}
	tr->run.what = buf_str(&tr->what);
	tr->run.start_ns = clock_ns(CLOCK_BOOTTIME);
	tr->run.boot_to_wall_ns = clock_ns(CLOCK_REALTIME) - tr->run.start_ns;
	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, tr->run.boot_id, sizeof(tr->run.boot_id) - 1);
	if (n == sizeof(tr->run.boot_id) - 1)
		tr->run.boot_id[n] = '\0';
	close(fd);
}

/* The process of a thread; 0: there is none. */
static uint32_t tgid_of(uint32_t tid)
{
	char path[64], line[256];
	unsigned int tgid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/status", tid);
	f = fopen(path, "re");
	while (f && !tgid && fgets(line, sizeof(line), f))
		if (sscanf(line, "Tgid: %u", &tgid) != 1)
			tgid = 0;
	if (f)
		fclose(f);
	return tgid;
}

/* Every thread that is named needs its process; fails if one does not exist. */
static int find_ids(struct trace_options *o)
{
	uint32_t tgid;
	size_t i;

	for (i = 0; i < o->pids.nr; i++) {
		tgid = tgid_of(o->pids.id[i]);
		if (tgid == o->pids.id[i])
			continue;
		if (tgid)
			complain(
				"cannot trace process %u: it is a thread of process %u (-t traces it)",
				o->pids.id[i], tgid);
		else
			complain("cannot trace process %u: no such process", o->pids.id[i]);
		return -ESRCH;
	}
	for (i = 0; i < o->tids.nr; i++) {
		tgid = tgid_of(o->tids.id[i]);
		if (!tgid) {
			complain("cannot trace thread %u: no such thread", o->tids.id[i]);
			return -ESRCH;
		}
		o->pids.id = mem_grow(o->pids.id, o->pids.nr + 1, sizeof(*o->pids.id));
		o->pids.id[o->pids.nr++] = tgid;
	}
	return 0;
}

static void add_sinks(struct trace *tr)
{
	const struct trace_options *o = &tr->opt;
	struct line_config line = { .out = &tr->out,
				    .run = &tr->run,
				    .select = o->select,
				    .time = o->time,
				    .utc = o->utc,
				    .header = !o->no_header,
				    .min_severity = o->severity - 1,
				    .max_events = o->max_events };
	struct timeline_config timeline = { .out = &tr->out,
					    .run = &tr->run,
					    .all = o->all,
					    .utc = o->utc,
					    .width = term_width(tr->out.fd) };

	line.color = timeline.color = term_wants_color(tr->out.fd, o->color);
	line.width = tr->out.is_tty ? timeline.width : 0;
	pipeline_add_sink(tr->pipeline, o->json ? json_sink_new(&line) : text_sink_new(&line));
	if (trace_wants_timeline(o))
		pipeline_add_sink(tr->pipeline, timeline_sink_new(&timeline));
}

static const char unseen_compat[] =
#ifdef __x86_64__
	"calls of 32-bit programs and by int 0x80 are not seen; --compat shows them";
#else
	"calls of 32-bit programs are not seen";
#endif

static void print_banner(const struct trace *tr)
{
	const char *const *missing = live_missing(tr->live);
	int refused = live_truth_refused(tr->live);

	if (tr->opt.quiet)
		return;
	if (refused)
		complain_errno("the kernel refuses to read mappings back; they are inferred",
			       refused, "-vv shows what it says");
	complain("tracing %s (%s tier)%s", tr->run.what, tr->run.tier,
		 tr->opt.duration_ns || tr->opt.command ? "" : "; Ctrl-C ends");
	if (live_compat(tr->live) == LIVE_COMPAT_UNSEEN)
		complain("%s", unseen_compat);
	if (!*missing || !tr->opt.verbose)
		return;
	fputs("mprotwatch: this kernel has no", stderr);
	for (; *missing; missing++)
		fprintf(stderr, " %s", *missing);
	fputc('\n', stderr);
}

static void print_totals(const struct trace *tr, const struct totals *t)
{
	struct buf b = { 0 };

	if (tr->opt.quiet) {
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

static void print_findings(const struct trace *tr)
{
	const struct verdicts *v = judge_verdicts(tr->judge);
	struct buf b = { 0 };
	int s;

	for (s = NR_SEVERITIES - 1; s >= 0; s--)
		if (v->nr[s])
			buf_printf(&b, "%s%llu %s", b.len ? ", " : "", (unsigned long long)v->nr[s],
				   severity_name(s));
	if (!tr->opt.quiet && b.len)
		complain("findings: %s", buf_str(&b));
	if (v->nr_forgotten) {
		b.len = 0;
		fmt_count(&b, v->nr_forgotten, "change");
		complain("findings may be missing: %s found no room in what is remembered",
			 buf_str(&b));
	}
	buf_done(&b);
	rules_file_report(&tr->rules, tr->opt.rules, tr->opt.quiet);
}

/* Did detectors find what --fail-on names? */
static bool found_enough(const struct trace *tr)
{
	int s;

	for (s = tr->opt.fail_on - 1; s >= 0 && s < NR_SEVERITIES; s++)
		if (judge_verdicts(tr->judge)->nr[s])
			return true;
	return false;
}

static void print_verdict(const struct trace *tr, const struct totals *t)
{
	struct buf b = { 0 };

	fmt_count(&b, t->compared, "mirror");
	buf_printf(&b, " compared, %llu equal, %llu differing, ",
		   (unsigned long long)(t->compared - t->differing),
		   (unsigned long long)t->differing);
	fmt_count(&b, t->differences, "range");
	buf_puts(&b, " repaired");
	if (tr->loop.nr_restless)
		buf_printf(&b, ", %llu never kept still", (unsigned long long)tr->loop.nr_restless);
	complain("verify: %s", buf_str(&b));
	buf_done(&b);
}

static const char *out_name(const struct trace *tr)
{
	return tr->opt.output ? tr->opt.output : "standard output";
}

static int open_source(struct trace *tr)
{
	const struct trace_options *o = &tr->opt;
	uint32_t child = tr->child.pid;
	struct live_config cfg = {
		.pids = o->command ? &child : o->pids.id,
		.nr_pids = o->command ? 1 : o->pids.nr,
		.tids = o->tids.id,
		.nr_tids = o->tids.nr,
		.by_uid = o->user.set,
		.uid = o->user.uid,
		.by_cgroup = o->cgroup.set,
		.cgroup_id = o->cgroup.id,
		.cgroup_level = o->cgroup.level,
		.by_comm = o->comm.set,
		.comm = o->comm.glob,
		.follow = o->follow,
		.ring_bytes = o->ring_bytes,
		.tier = o->tier,
		.compat = o->compat,
		.verify = o->verify,
		.verbose = o->verbose > 1,
	};
	struct live_fault fault = { .what = "cannot trace" };
	struct buf try = { 0 };
	int err = live_open(&cfg, tr->objects, &tr->live, &fault);

	if (!err)
		return 0;
	if (fault.try)
		buf_printf(&try, "%s; ", fault.try);
	buf_puts(&try, "\"mprotwatch doctor\" tells what is missing");
	complain_errno(fault.what, err, buf_str(&try));
	buf_done(&try);
	return fault.unsupported ? EXIT_UNSUPPORTED : EXIT_FAILED;
}

/* Everything is open: trace. Returns the exit status, before that of a command. */
static int trace(struct trace *tr)
{
	struct totals totals = { 0 };
	int err;

	tr->run.tier = live_is_truth(tr->live) ? "truth" : "inference";
	add_sinks(tr);
	tr->loop = (struct loop){ .opt = &tr->opt,
				  .pipeline = tr->pipeline,
				  .live = tr->live,
				  .child = &tr->child,
				  .stop = &stop_signal };
	err = loop_seed(&tr->loop);
	if (!err) {
		print_banner(tr);
		err = loop_run(&tr->loop);
	}
	if (tr->child.exec_err) /* nothing ran: pass_status_on() says so */
		return EXIT_FINE;
	if (!err || err == -ECANCELED) /* --max-events */
		err = pipeline_finish(tr->pipeline, clock_ns(CLOCK_BOOTTIME), &totals);
	if (!err)
		err = out_flush(&tr->out);
	if (err == -ESRCH) /* seed_named() has said so */
		return EXIT_FAILED;
	if (err == -EPIPE) /* the reader has seen enough */
		return EXIT_FINE;
	if (err && tr->out.err)
		complain_name("cannot write", out_name(tr), err,
			      err == -ETIMEDOUT ? "nobody reads it" : NULL);
	else if (err)
		complain_errno("cannot go on tracing", err, NULL);
	if (err)
		return EXIT_FAILED;
	print_totals(tr, &totals);
	if (object_table_dropped(tr->objects))
		complain("%llu names of mappings found no room: they show as (too many names)",
			 (unsigned long long)object_table_dropped(tr->objects));
	print_findings(tr);
	if (tr->opt.verify)
		print_verdict(tr, &totals);
	if (tr->opt.strict && (totals.lost || totals.differences))
		return EXIT_LOST;
	return found_enough(tr) ? EXIT_FOUND : EXIT_FINE;
}

/* The command's own end goes before ours, unless tracing itself went wrong. */
static int pass_status_on(struct trace *tr, int status)
{
	if (status == EXIT_FAILED || status == EXIT_UNSUPPORTED || status == EXIT_USAGE)
		return EXIT_COMMAND_OURS;
	if (!child_is_over(&tr->child))
		return status;
	if (tr->child.exec_err)
		complain_name("cannot run", tr->opt.command[0], -tr->child.exec_err, NULL);
	return status == EXIT_LOST || status == EXIT_FOUND ? status : child_exit_status(&tr->child);
}

static int open_and_trace(struct trace *tr)
{
	int err, status;

	if (find_ids(&tr->opt))
		return EXIT_FAILED;
	describe_run(tr);
	err = out_open(&tr->out, tr->opt.output);
	if (err) {
		complain_name("cannot open", out_name(tr), err,
			      err == -ELOOP ? "it is a symbolic link" : NULL);
		return EXIT_FAILED;
	}
	tr->out.stop = &stop_signal;
	catch_signals();
	if (tr->opt.command) {
		err = child_make(&tr->child, tr->opt.command);
		if (err) {
			complain_errno("cannot make a process for the command", err, NULL);
			out_close(&tr->out);
			return EXIT_FAILED;
		}
	}
	signal(SIGPIPE, SIG_IGN); /* an error of write(2) to us; not to the command */
	tr->objects = object_table_new();
	tr->pipeline = pipeline_new(tr->objects);
	tr->judge = judge_new(all_detectors, &tr->rules);
	pipeline_set_judge(tr->pipeline, tr->judge);
	status = open_source(tr);
	if (!status)
		status = trace(tr);
	live_close(tr->live);
	pipeline_free(tr->pipeline);
	object_table_free(tr->objects);
	err = out_close(&tr->out);
	if (err && err != -EPIPE && status == EXIT_FINE) {
		complain_name("cannot write", out_name(tr), err, NULL);
		status = EXIT_FAILED;
	}
	return status;
}

static void print_help(void)
{
	const struct command *c;

	puts("Usage: mprotwatch [OPTION]... [-p PID]... | -- COMMAND [ARG]...\n"
	     "       mprotwatch VERB [OPTION]...\n"
	     "Trace who changes which memory mappings, from what to what, and show each\n"
	     "process's protections over time. Without -p or COMMAND: the whole machine.\n");
	opt_help(trace_rows, stdout);
	puts("\nVerbs (mprotwatch VERB --help says more):");
	for (c = commands; c->name; c++)
		printf("  %-26s  %s\n", c->name, c->help);
	puts("\nExit status: 0 fine; 1 failed while running; 2 wrong usage; 3 events were lost\n"
	     "(--strict); 4 there were findings (--fail-on); 77 this kernel or user lacks what\n"
	     "is needed. With COMMAND: its own, or 128+signal; 125 own failure; 126 it cannot\n"
	     "be run; 127 it was not found.");
}

static int run(bool findings_only, int argc, char **argv)
{
	struct trace tr = { .child.gate = -1 };
	int status = EXIT_FINE;

	if (trace_options_parse(&tr.opt, findings_only, argc, argv)) {
		status = EXIT_USAGE;
	} else if (tr.opt.help) {
		print_help();
	} else if (tr.opt.version) {
		puts("mprotwatch " MPW_VERSION);
	} else if (tr.opt.schema) {
		fputs(json_sink_schema, stdout);
	} else if (rules_file_read(&tr.rules, tr.opt.rules)) {
		status = EXIT_USAGE;
	} else {
		status = open_and_trace(&tr);
		if (tr.opt.command)
			status = pass_status_on(&tr, status);
	}
	child_done(&tr.child);
	rules_done(&tr.rules);
	buf_done(&tr.what);
	trace_options_done(&tr.opt);
	return fflush(stdout) && status == EXIT_FINE ? EXIT_FAILED : status;
}

int cmd_trace(int argc, char **argv)
{
	return run(false, argc, argv);
}

int cmd_findings(int argc, char **argv)
{
	return run(true, argc, argv);
}
