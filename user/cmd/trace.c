/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The live trace: opens the source, joins pipeline and sinks, seeds the mirrors,
 * runs until a signal, a limit, or the end of what is traced, and sums up.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/child.h"
#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/trace_options.h"
#include "core/pipeline.h"
#include "util/escape.h"
#include "util/fmt.h"
#include "util/mem.h"

#define POLL_MS 50

struct trace {
	struct trace_options opt;
	struct object_table *objects;
	struct pipeline *pipeline;
	struct live *live;
	struct out out;
	struct run_info run;
	struct buf what; /* run.what's text */
	struct child child;
	uint64_t nr_events, nr_events_healed; /* fed, and at the last heal() */
	uint64_t next_verify_ns, nr_restless; /* --verify: next round, processes that never kept still */
	uint64_t stop_ns; /* CLOCK_BOOTTIME; 0: never */
};

static volatile sig_atomic_t stop_signal;

static void on_signal(int sig)
{
	stop_signal = sig;
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* SIGHUP stays ignored under nohup(1). A broken pipe is an error of write(2). */
static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal }, old;

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	if (!sigaction(SIGHUP, NULL, &old) && old.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
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
					    "all processes that match" : "the whole machine");
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

/* Every thread that is named needs its process; fails if one does not exist. */
static int find_ids(struct trace_options *o)
{
	char path[64], line[256];
	unsigned int tgid;
	size_t i;
	FILE *f;

	for (i = 0; i < o->pids.nr; i++) {
		snprintf(path, sizeof(path), "/proc/%u/task/%u", o->pids.id[i], o->pids.id[i]);
		if (access(path, F_OK)) {
			complain("cannot trace process %u: no such process", o->pids.id[i]);
			return -ESRCH;
		}
	}
	for (i = 0; i < o->tids.nr; i++) {
		snprintf(path, sizeof(path), "/proc/%u/status", o->tids.id[i]);
		f = fopen(path, "re");
		tgid = 0;
		while (f && !tgid && fgets(line, sizeof(line), f))
			if (sscanf(line, "Tgid: %u", &tgid) != 1)
				tgid = 0;
		if (f)
			fclose(f);
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
	struct line_config line = { .out = &tr->out, .run = &tr->run, .select = o->select,
				    .time = o->time, .utc = o->utc, .header = !o->no_header,
				    .max_events = o->max_events };
	struct timeline_config timeline = { .out = &tr->out, .run = &tr->run, .all = o->all,
					    .utc = o->utc, .width = term_width(tr->out.fd) };

	line.color = timeline.color = term_wants_color(tr->out.fd, o->color);
	line.width = tr->out.is_tty ? timeline.width : 0;
	pipeline_add_sink(tr->pipeline, o->json ? json_sink_new(&line) : text_sink_new(&line));
	if (trace_wants_timeline(o))
		pipeline_add_sink(tr->pipeline, timeline_sink_new(&timeline));
}

static int on_event(void *ctx, const struct event *ev)
{
	struct trace *tr = ctx;

	tr->nr_events++;
	return pipeline_feed(tr->pipeline, ev);
}

/* A process that ended meanwhile, and one without memory, have nothing to be seen. */
static int seed(struct trace *tr, uint32_t pid)
{
	int err = live_snapshot(tr->live, pid, on_event, tr);

	return err == -ESRCH || err == -ENOENT || err == -EINTR ? 0 : err;
}

/* One that was named must be there. */
static int seed_named(struct trace *tr, uint32_t pid)
{
	char path[64];
	int err = live_snapshot(tr->live, pid, on_event, tr);

	if (!err || err == -EINTR || pipeline_find(tr->pipeline, pid))
		return 0;
	snprintf(path, sizeof(path), "/proc/%u", pid);
	if (access(path, F_OK))
		complain("cannot trace process %u: it ended before it could be looked at", pid);
	else if (err == -ENOENT || err == -ESRCH)
		complain("cannot trace process %u: it has no memory of its own (a kernel thread, or a zombie)",
			 pid);
	else
		return err;
	return -ESRCH;
}

static int seed_all(struct trace *tr)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	uint64_t pid;
	int err = 0;

	if (!dir)
		return -errno;
	while (!err && !stop_signal && (e = readdir(dir)))
		if (!parse_u64(e->d_name, UINT32_MAX, &pid) && pid != (uint64_t)getpid())
			err = seed(tr, pid);
	closedir(dir);
	return err;
}

static int seed_mirrors(struct trace *tr)
{
	const struct trace_options *o = &tr->opt;
	size_t i;
	int err = 0;

	if (o->command)
		return 0;
	if (!o->pids.nr)
		return seed_all(tr);
	for (i = 0; i < o->pids.nr && !err; i++)
		err = seed_named(tr, o->pids.id[i]);
	return err;
}

/* Ask for what went stale: after losses, where inference can't know, and after races. */
static int heal(struct trace *tr)
{
	bool at_rest = tr->nr_events == tr->nr_events_healed;
	uint32_t pid;
	int err = 0;

	while (!err && (pid = pipeline_next_stale(tr->pipeline)))
		err = seed(tr, pid);
	while (!err && at_rest && (pid = pipeline_next_doubted(tr->pipeline)))
		err = seed(tr, pid);
	tr->nr_events_healed = tr->nr_events;
	return err;
}

static uint64_t stamp_of(void *ctx, uint32_t pid)
{
	const struct proc *p = pipeline_find(((struct trace *)ctx)->pipeline, pid);

	return p ? p->mm->nr_events : 0;
}

/* Compare every mirror with the kernel. The list is taken first: checks feed events. */
static int verify(struct trace *tr)
{
	const struct proc *p;
	uint32_t *pids = NULL;
	size_t nr = 0, i;
	int err = 0;

	for (p = pipeline_next(tr->pipeline, NULL); p; p = pipeline_next(tr->pipeline, p)) {
		pids = mem_grow(pids, nr + 1, sizeof(*pids));
		pids[nr++] = p->pid;
	}
	for (i = 0; i < nr && !err; i++) {
		if (!pipeline_find(tr->pipeline, pids[i]))
			continue;
		err = live_check(tr->live, pids[i], stamp_of, on_event, tr);
		if (err == -EAGAIN) {
			tr->nr_restless++;
			err = 0;
		}
		if (err == -ESRCH || err == -ENOENT || err == -EINTR)
			err = 0;
	}
	free(pids);
	return err;
}

/* Is it time for a round of --verify=TIME? */
static int verify_now_and_then(struct trace *tr)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME);

	if (!tr->opt.verify_ns || now < tr->next_verify_ns)
		return 0;
	tr->next_verify_ns = now + tr->opt.verify_ns;
	return verify(tr);
}

/* Has everything that was named ended? */
static bool nothing_left(struct trace *tr)
{
	const struct trace_options *o = &tr->opt;
	size_t i;

	if (o->command)
		return child_is_over(&tr->child);
	for (i = 0; i < o->pids.nr; i++)
		if (pipeline_find(tr->pipeline, o->pids.id[i]))
			return false;
	return o->pids.nr && (!o->follow || !pipeline_next(tr->pipeline, NULL));
}

/* Everything that the kernel has sent so far. */
static int drain(struct trace *tr)
{
	int err;

	do {
		err = live_poll(tr->live, 0, on_event, tr);
	} while (err > 0 || err == -EINTR);
	return err ? err : heal(tr);
}

static int run(struct trace *tr)
{
	bool last = false;
	int err;

	while (!last) {
		/* What ended has sent all it had: one more round takes that in. */
		last = stop_signal || nothing_left(tr) ||
		       (tr->stop_ns && clock_ns(CLOCK_BOOTTIME) >= tr->stop_ns);
		err = last ? drain(tr) : live_poll(tr->live, POLL_MS, on_event, tr);
		if (err == -EINTR)
			continue;
		if (err >= 0 && !last)
			err = heal(tr);
		if (err >= 0)
			err = last && tr->opt.verify ? verify(tr) : verify_now_and_then(tr);
		if (err < 0)
			return err;
		err = pipeline_flush(tr->pipeline);
		if (err)
			return err;
	}
	return 0;
}

static void print_banner(const struct trace *tr)
{
	const char *const *missing = live_missing(tr->live);

	if (tr->opt.quiet)
		return;
	fprintf(stderr, "mprotwatch: tracing %s (%s tier)%s\n", tr->run.what, tr->run.tier,
		tr->opt.duration_ns || tr->opt.command ? "" : "; Ctrl-C ends");
	if (!*missing || !tr->opt.verbose)
		return;
	fputs("mprotwatch: this kernel has no", stderr);
	for (; *missing; missing++)
		fprintf(stderr, " %s", *missing);
	fputc('\n', stderr);
}

static void print_totals(const struct trace *tr, const struct totals *t)
{
	if (!tr->opt.quiet)
		fprintf(stderr,
			"mprotwatch: %llu events, %llu changes, %llu failed calls, %llu processes, %llu lost\n",
			(unsigned long long)t->events, (unsigned long long)t->changes,
			(unsigned long long)t->failed, (unsigned long long)t->nr_procs,
			(unsigned long long)t->lost);
	else if (t->lost)
		complain("%llu events were lost", (unsigned long long)t->lost);
}

static void print_verdict(const struct trace *tr, const struct totals *t)
{
	fprintf(stderr, "mprotwatch: verify: %llu mirrors compared, %llu ranges differed and were repaired",
		(unsigned long long)t->compared, (unsigned long long)t->differing);
	if (tr->nr_restless)
		fprintf(stderr, ", %llu never kept still", (unsigned long long)tr->nr_restless);
	fputc('\n', stderr);
}

static int open_source(struct trace *tr)
{
	const struct trace_options *o = &tr->opt;
	uint32_t child = tr->child.pid;
	struct live_config cfg = {
		.pids = o->command ? &child : o->pids.id,
		.nr_pids = o->command ? 1 : o->pids.nr,
		.tids = o->tids.id, .nr_tids = o->tids.nr,
		.by_uid = o->user.set, .uid = o->user.uid,
		.by_cgroup = o->cgroup.set, .cgroup_id = o->cgroup.id,
		.cgroup_level = o->cgroup.level,
		.by_comm = o->comm.set, .comm = o->comm.glob,
		.follow = o->follow, .ring_bytes = o->ring_bytes, .tier = o->tier,
		.verify = o->verify, .verbose = o->verbose > 1,
	};
	struct live_fault fault = { .what = "cannot trace" };
	int err = live_open(&cfg, tr->objects, &tr->live, &fault);

	if (!err)
		return 0;
	complain_errno(fault.what, err, fault.try);
	return fault.unsupported ? EXIT_UNSUPPORTED : EXIT_FAILED;
}

/* Everything is open: trace. Returns the exit status, before that of a command. */
static int trace(struct trace *tr)
{
	struct totals totals = { 0 };
	int err;

	tr->run.tier = live_is_truth(tr->live) ? "truth" : "inference";
	add_sinks(tr);
	print_banner(tr);
	if (tr->opt.duration_ns)
		tr->stop_ns = clock_ns(CLOCK_BOOTTIME) + tr->opt.duration_ns;
	err = seed_mirrors(tr);
	if (tr->child.pid)
		child_go(&tr->child);
	if (!err)
		err = run(tr);
	if (!err || err == -ECANCELED) /* --max-events */
		err = pipeline_finish(tr->pipeline, clock_ns(CLOCK_BOOTTIME), &totals);
	if (!err)
		err = out_flush(&tr->out);
	if (err == -ESRCH) /* seed_named() has said so */
		return EXIT_FAILED;
	if (err == -EPIPE) /* the reader has seen enough */
		return EXIT_FINE;
	if (err) {
		complain_errno(tr->out.err ? "cannot write" : "cannot go on tracing", err, NULL);
		return EXIT_FAILED;
	}
	print_totals(tr, &totals);
	if (tr->opt.verify)
		print_verdict(tr, &totals);
	return tr->opt.strict && (totals.lost || totals.differing) ? EXIT_LOST : EXIT_FINE;
}

/* The command's own end goes before ours, unless tracing itself went wrong. */
static int pass_status_on(struct trace *tr, int status)
{
	if (status == EXIT_FAILED || status == EXIT_UNSUPPORTED || status == EXIT_USAGE)
		return EXIT_COMMAND_OURS;
	if (!child_is_over(&tr->child))
		return status;
	if (tr->child.exec_err)
		complain_errno("cannot run the command", -tr->child.exec_err, NULL);
	return status == EXIT_LOST ? status : child_exit_status(&tr->child);
}

static int open_and_trace(struct trace *tr)
{
	int err, status;

	if (find_ids(&tr->opt))
		return EXIT_FAILED;
	describe_run(tr);
	err = out_open(&tr->out, tr->opt.output);
	if (err) {
		complain_errno("cannot open the output file", err,
			       err == -ELOOP ? "it is a symbolic link" : NULL);
		return EXIT_FAILED;
	}
	catch_signals();
	if (tr->opt.command) {
		err = child_make(&tr->child, tr->opt.command);
		if (err) {
			complain_errno("cannot make a process for the command", err, NULL);
			out_close(&tr->out);
			return EXIT_FAILED;
		}
	}
	tr->objects = object_table_new();
	tr->pipeline = pipeline_new(tr->objects);
	status = open_source(tr);
	if (!status)
		status = trace(tr);
	live_close(tr->live);
	pipeline_free(tr->pipeline);
	object_table_free(tr->objects);
	err = out_close(&tr->out);
	if (err && err != -EPIPE && status == EXIT_FINE) {
		complain_errno("cannot write", err, NULL);
		status = EXIT_FAILED;
	}
	return status;
}

static void print_help(void)
{
	puts("Usage: mprotwatch [OPTION]... [-p PID]... | -- COMMAND [ARG]...\n"
	     "Trace who changes which memory mappings, from what to what, and show each\n"
	     "process's protections over time. Without -p or COMMAND: the whole machine.\n");
	opt_help(trace_rows, stdout);
	puts("\nExit status: 0 fine; 1 failed while running; 2 wrong usage; 3 events were lost\n"
	     "(--strict); 77 this kernel or user lacks what is needed. With COMMAND: its own,\n"
	     "or 128+signal; 125 own failure; 126 it cannot be run; 127 it was not found.");
}

int cmd_trace(int argc, char **argv)
{
	struct trace tr = { .child.gate = -1 };
	int status = EXIT_FINE;

	if (trace_options_parse(&tr.opt, argc, argv)) {
		status = EXIT_USAGE;
	} else if (tr.opt.help) {
		print_help();
	} else if (tr.opt.version) {
		puts("mprotwatch " MPW_VERSION);
	} else if (tr.opt.schema) {
		puts(json_sink_schema);
	} else {
		status = open_and_trace(&tr);
		if (tr.opt.command)
			status = pass_status_on(&tr, status);
	}
	child_done(&tr.child);
	buf_done(&tr.what);
	trace_options_done(&tr.opt);
	return fflush(stdout) && status == EXIT_FINE ? EXIT_FAILED : status;
}
