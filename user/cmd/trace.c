/* SPDX-License-Identifier: BSD-2-Clause */
/* The live trace: opens the source, lets it run into a session, and sums up. */
#include "cmd/trace.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "cmd/child.h"
#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/mirrors.h"
#include "cmd/moment.h"
#include "cmd/reading.h"
#include "cmd/rights.h"
#include "cmd/run.h"
#include "cmd/session.h"
#include "cmd/stop.h"
#include "cmd/verb.h"
#include "source/live_rights.h"
#include "source/reader.h"
#include "util/clock.h"
#include "util/escape.h"
#include "util/fmt.h"
#include "util/mem.h"

#define TRACE_NICE (-10)

struct trace {
	struct request *req;
	struct session session;
	struct live *live;
	struct source source; /* live, as the run sees it */
	struct buf what;      /* session.run.what's text */
	struct child child;
	struct reading reading;
	struct whom shown; /* of what the kernel side sends; no condition: all */
	struct until until;
	struct run run;
};

static void describe_run(struct trace *tr)
{
	const struct request *req = tr->req;
	struct run_info *info = &tr->session.run;
	size_t i;

	tr->source.ops->info(tr->source.priv, info);
	if (req->command) {
		for (i = 0; req->command[i]; i++) {
			if (i)
				buf_putc(&tr->what, ' ');
			escape_text(&tr->what, req->command[i], strlen(req->command[i]));
		}
	} else {
		whom_describe(&tr->what,
			      whom_is_some(&req->target.whom) ? &req->target.whom : &tr->shown);
	}
	info->what = buf_str(&tr->what);
	info->is_named = req->command || req->target.whom.pids.nr || req->target.whom.tids.nr;
	info->max_map_count = tr->session.rules.thresholds.max_map_count;
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

/* True if pid can be traced; else complains. */
static bool is_process(uint32_t pid)
{
	uint32_t tgid = tgid_of(pid);

	if (tgid && tgid != pid)
		complain("cannot trace process %u: it is a thread of process %u (-t traces it)",
			 pid, tgid);
	else if (!tgid)
		complain("cannot trace process %u: no such process", pid);
	return tgid == pid;
}

/*
 * Adds the processes of named threads to those named, and leaves out, after a sentence, those of
 * either that do not exist. -ESRCH if none is left.
 */
static int find_ids(struct whom *w)
{
	bool is_named = w->pids.nr || w->tids.nr;
	size_t i, nr = 0;
	uint32_t tgid;

	for (i = 0; i < w->pids.nr; i++)
		if (is_process(w->pids.id[i]))
			w->pids.id[nr++] = w->pids.id[i];
	w->pids.nr = nr;
	for (i = nr = 0; i < w->tids.nr; i++) {
		tgid = tgid_of(w->tids.id[i]);
		if (!tgid) {
			complain("cannot trace thread %u: no such thread", w->tids.id[i]);
			continue;
		}
		w->tids.id[nr++] = w->tids.id[i];
		id_list_add(&w->pids, tgid);
	}
	w->tids.nr = nr;
	return is_named && !w->pids.nr ? -ESRCH : 0;
}

static const char unseen_compat[] =
#ifdef __x86_64__
	"calls of 32-bit programs and by int 0x80 are not seen; --compat shows them";
#else
	"calls of 32-bit programs are not seen; --compat shows them";
#endif

static void print_banner(const struct trace *tr)
{
	const char *const *missing = live_missing(tr->live);
	const struct live_start start = live_start(tr->live);
	int refused = live_truth_refused(tr->live);

	if (tr->req->about.quiet)
		return;
	if (refused)
		complain_errno("the kernel refuses to read mappings back; they are inferred",
			       refused, "-vv shows what it says");
	complain("tracing %s (%s tier)%s", tr->session.run.what, tr->session.run.tier,
		 tr->req->duration_ns || tr->req->command ? "" : "; Ctrl-C ends");
	if (live_compat(tr->live) == LIVE_COMPAT_UNSEEN)
		complain("%s", unseen_compat);
	if (!live_has_lanes(tr->live))
		complain(
			"all CPUs share the lock of one ring: this kernel has no lanes for records");
	if (tr->req->about.verbose)
		complain("the kernel side began in %.1f ms: a look at the kernel %.1f, programs "
			 "loaded %.1f, attached %.1f",
			 (start.look_ns + start.load_ns + start.attach_ns) / 1e6,
			 start.look_ns / 1e6, start.load_ns / 1e6, start.attach_ns / 1e6);
	if (!*missing || !tr->req->about.verbose)
		return;
	fputs("mprotwatch: this kernel has no", stderr);
	for (; *missing; missing++)
		fprintf(stderr, " %s", *missing);
	fputc('\n', stderr);
}

/* A name with a typing error matches nobody, for ever. */
static void warn_nobody(const struct trace *tr)
{
	const struct request *req = tr->req;

	if (!req->about.quiet && !req->command && whom_is_some(&req->target.whom) &&
	    !pipeline_next(tr->session.pipeline, NULL))
		complain("no process matches now; those that come and match are traced");
}

static void print_comparison(const struct trace *tr, const struct totals *t)
{
	struct buf b = { 0 };

	if (t->compared)
		fmt_count(&b, t->compared, "mirror");
	else
		buf_puts(&b, "nothing was");
	buf_printf(&b, " compared, %llu equal, %llu differing, ",
		   (unsigned long long)(t->compared - t->differing),
		   (unsigned long long)t->differing);
	fmt_count(&b, t->differences, "range");
	buf_puts(&b, " repaired");
	if (t->not_compared)
		buf_printf(&b, ", %llu not known when their process ended",
			   (unsigned long long)t->not_compared);
	if (tr->run.nr_restless)
		buf_printf(&b, ", %llu never kept still", (unsigned long long)tr->run.nr_restless);
	complain("verify: %s", buf_str(&b));
	buf_done(&b);
}

/* True if --strict has nothing against it. A comparison of nothing proves nothing. */
static bool is_exact(const struct request *req, const struct totals *t)
{
	return !t->lost && !t->differences && (!req->check.verify || t->compared);
}

static int open_source(struct trace *tr)
{
	const struct request *req = tr->req;
	struct live_config cfg = {
		.whom = &req->target.whom,
		.cgroup_id = req->target.cgroup_id,
		.cgroup_level = req->target.cgroup_level,
		.ring_bytes = req->engine.ring_bytes,
		.tier = req->engine.tier,
		.hook = req->engine.hook,
		.compat = req->engine.compat,
		.reader = tr->reading.reader,
		.stack = req->show.stack,
		.verify = req->check.verify,
		.verbose = req->about.verbose > 1,
	};
	struct live_fault fault = { .what = "cannot trace" };
	struct buf try = { 0 };
	int err = live_open(&cfg, tr->session.objects, &tr->live, &fault);

	if (!err) {
		tr->source = live_source(tr->live);
		return EXIT_FINE;
	}
	if (fault.try)
		buf_printf(&try, "%s; ", fault.try);
	buf_puts(&try, "\"mprotwatch doctor\" tells what is missing");
	complain_errno(fault.what, err, buf_str(&try));
	buf_done(&try);
	return fault.unsupported ? EXIT_UNSUPPORTED : EXIT_FAILED;
}

/* True if an output shows or keeps places and builds. */
static bool wants_places(const struct request *req, const struct run_info *run)
{
	bool ret = req->show.fields & ~(FACTS_OF_IDENTITY | FACTS_OF_EVENTS);
	void *options;
	int kind;

	for (kind = 0; kind < NR_OUTPUT_KINDS; kind++)
		if (request_wants(req, kind, run))
			ret |= request_output(req, kind, &options)->tells_places;
	return ret;
}

/*
 * Whoever wants to blind a tracer keeps all CPUs busy: among equals, it would read too late. The
 * command has been forked already, and keeps the priority that it was given.
 */
static void hurry(void)
{
	setpriority(PRIO_PROCESS, 0, TRACE_NICE);
}

static void give_up_rights(const struct trace *tr)
{
	struct live_rights needs;

	if (tr->req->keeps_rights)
		return;
	live_rights(tr->live, &needs);
	rights_live(tr->req, &needs, &tr->session.out);
}

static int seed(struct trace *tr)
{
	uint64_t start_ns = clock_ns(CLOCK_BOOTTIME);
	int err;

	if (tr->req->command)
		return 0;
	err = mirrors_seed(&tr->run);
	if (!err && tr->req->about.verbose)
		complain("all that is mapped already was read in %.1f ms",
			 (clock_ns(CLOCK_BOOTTIME) - start_ns) / 1e6);
	return err;
}

/*
 * Traces, once everything is open. Returns the exit status, in which a command's own has no part.
 */
static int trace(struct trace *tr)
{
	const struct request *req = tr->req;
	struct session *s = &tr->session;
	struct totals totals = { 0 };
	int err, status;

	describe_run(tr);
	if (whom_is_some(&tr->shown))
		pipeline_choose(s->pipeline, &tr->shown);
	tr->until.req = req;
	if (req->until.words)
		pipeline_add_sink(s->pipeline, until_sink(&tr->until));
	if (session_open_outputs(s))
		return EXIT_FAILED;
	run_init(&tr->run, s->pipeline, tr->source);
	tr->run.whom = &req->target.whom;
	tr->run.child = req->command ? &tr->child : NULL;
	tr->run.until = &tr->until;
	tr->run.duration_ns = req->duration_ns;
	tr->run.verify = req->check.verify;
	tr->run.verify_ns = req->check.verify_ns;
	tr->run.places = wants_places(req, &s->run) ? places_new(s->pipeline, tr->reading.reader) :
						      NULL;
	hurry();
	give_up_rights(tr);
	err = seed(tr);
	if (!err) {
		print_banner(tr);
		warn_nobody(tr);
		err = run_go(&tr->run);
	}
	if (tr->child.exec_err) /* nothing ran: pass_status_on() complains */
		return EXIT_FINE;
	if (err == -ESRCH) /* mirrors_seed() has complained */
		return EXIT_FAILED;
	if (req->command && !child_ends(&tr->child))
		s->run.left_pid = tr->child.pid;
	status = session_finish(s, err, clock_ns(CLOCK_BOOTTIME), "cannot go on tracing", &totals);
	if (status == EXIT_FAILED)
		return status;
	until_report(&tr->until);
	if (!req->about.quiet && tr->shown.exe && !totals.nr_procs)
		complain("no process ran such a program (--exe)");
	if (req->check.verify)
		print_comparison(tr, &totals);
	if (status != EXIT_FINE) /* what was found stays found */
		return status;
	return req->check.strict && !is_exact(req, &totals) ? EXIT_LOST : EXIT_FINE;
}

/*
 * The end of an audit's command is reported, since it may be early: the exit status is that of the
 * verdict.
 */
static void report_end(const struct child *c)
{
	int status = child_exit_status(c);

	if (status)
		complain(WIFSIGNALED(c->status) ? "the command was killed (status %d)" :
						  "the command ended with exit status %d",
			 status);
}

/*
 * Its own exit status is not known: after a signal that is no success, but it is what -d and
 * --max-events ask for.
 */
static int left_status(const struct trace *tr, int status)
{
	complain("the command runs on, as process %u: what it does from here on is not seen",
		 tr->session.run.left_pid);
	return status == EXIT_FINE && *stop_signal() ? EXIT_LOST : status;
}

/* The command's own end goes before ours, unless tracing itself went wrong. */
static int pass_status_on(struct trace *tr, int status)
{
	if (status == EXIT_FAILED || status == EXIT_UNSUPPORTED)
		return EXIT_COMMAND_OURS;
	if (tr->session.run.left_pid)
		return left_status(tr, status);
	if (tr->child.exec_err)
		complain_name("cannot run", tr->req->command[0], -tr->child.exec_err, NULL);
	if (tr->req->verb->kinds == 1 << OUTPUT_AUDIT && !tr->child.exec_err) {
		report_end(&tr->child);
		return status;
	}
	return status == EXIT_LOST || status == EXIT_FOUND ? status : child_exit_status(&tr->child);
}

/* The part of the time that is wanted, from now on. */
static int choose_time(struct request *req)
{
	uint64_t end_ns, now_ns = clock_ns(CLOCK_BOOTTIME);
	int status = moment_ahead(req->since, req->show.utc, &req->show.since_ns);

	if (status == EXIT_FINE)
		status = moment_ahead(req->at, req->show.utc, &end_ns);
	if (status == EXIT_FINE && req->at &&
	    (!req->duration_ns || end_ns - now_ns < req->duration_ns))
		req->duration_ns = end_ns - now_ns;
	return status;
}

/* The kernel side knows no paths of programs: it sends all others, too, and the pipeline chooses. */
static void choose_programs(struct trace *tr)
{
	struct whom *w = &tr->req->target.whom;

	tr->shown.exe = w->exe;
	tr->shown.follow = w->follow && !tr->req->command;
	w->exe = NULL;
}

static int open_and_trace(struct trace *tr)
{
	int err, status = choose_time(tr->req);

	if (status)
		return status;
	choose_programs(tr);

	if (find_ids(&tr->req->target.whom))
		return EXIT_FAILED;
	status = session_open(&tr->session, tr->req);
	if (status)
		return status;
	tr->session.out.stop = stop_signal();
	stop_catch(true);
	err = tr->req->command ? child_make(&tr->child, tr->req->command) : 0;
	if (err) {
		complain_errno("cannot make a process for the command", err, NULL);
		return session_close(&tr->session, EXIT_FAILED);
	}
	if (tr->child.pid)
		id_list_add(&tr->req->target.whom.pids, tr->child.pid);
	reading_begin(&tr->reading, READER_WAIT_NS);
	signal(SIGPIPE, SIG_IGN); /* an error of write(2) to us; not to the command */
	status = open_source(tr);
	if (!status)
		status = trace(tr);
	if (tr->source.ops)
		tr->source.ops->close(tr->source.priv);
	reading_end(&tr->reading);
	return session_close(&tr->session, status);
}

int trace_live(struct request *req)
{
	struct trace tr = { .req = req, .child.gate = -1 };
	int status = open_and_trace(&tr);

	if (req->command && status != EXIT_USAGE)
		status = pass_status_on(&tr, status);
	child_done(&tr.child);
	buf_done(&tr.what);
	return status;
}

const struct verb trace_verb = {
	.usage = "Usage: mprotwatch [OPTION]... [-p PID]... | -- COMMAND [ARG]...\n"
		 "       mprotwatch VERB [OPTION]...\n"
		 "Trace who changes which memory mappings, from what to what, and show each\n"
		 "process's protections over time. Without -p or COMMAND: the whole machine.\n",
	.after =
		"\nExit status: 0 fine; 1 failed while running; 2 wrong usage; 3 events were lost\n"
		"(--strict), or findings may be missing (--fail-on); 4 there were findings\n"
		"(--fail-on); 77 this kernel or user lacks what is needed. With COMMAND: its own,\n"
		"or 128+signal; 3 it runs on; 125 own failure; 126 it cannot be run; 127 it was\n"
		"not found.",
	.groups = GROUP(WHOM) | GROUP(WHOM_MORE) | GROUP(LINES) | GROUP(TURNS) | GROUP(PLACE) |
		  GROUP(STACK) | GROUP(ALL) | GROUP(SEVERITY) | GROUP(RULES) | GROUP(EPILOGUE) |
		  GROUP(INPUT) | GROUP(MOMENT) | GROUP(OUTPUT) | GROUP(SCHEMA) | GROUP(UTC) |
		  GROUP(COLOR) | GROUP(FORMS) | GROUP(STOP) | GROUP(UNTIL) | GROUP(ENGINE) |
		  GROUP(CHECK) | GROUP(DROP) | GROUP(QUIET) | GROUP(VERBOSE) | GROUP(ABOUT),
	.kinds = 1 << OUTPUT_LINES,
	.words = WORDS_COMMAND,
	.run = verb_trace,
};
