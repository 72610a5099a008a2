/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mprotwatch audit: may a program run under MemoryDenyWriteExecute=? A trace, or a recording,
 * with a verdict in place of lines. What /proc tells of a process that runs already goes
 * before it, and is all that --now looks at.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/session.h"
#include "cmd/verb.h"
#include "sink/audit/audit.h"
#include "source/procstate.h"
#include "util/clock.h"
#include "util/mem.h"
#include "wire.h"

/* The verb's own. */
struct now_options {
	bool now; /* look, do not trace */
};

static const struct opt now_rows[] = {
	{ 0, "now", NULL, "with -p: only look at what is mapped now, which needs no BPF",
	  opt_set_true, offsetof(struct now_options, now), 0 },
	{ 0 },
};

/* Processes that run already: their states, and their mappings as --now takes them. */
struct subjects {
	struct object_table *objects;
	struct proc_state *states;
	struct seen_list *maps;
	size_t nr;
};

static void complain_state(uint32_t pid, int err)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u", pid);
	if (access(path, F_OK))
		complain("cannot audit process %u: no such process", pid);
	else if (err == -ENOENT || err == -ESRCH)
		complain("cannot audit process %u: it has no memory of its own "
			 "(a kernel thread, or a zombie)",
			 pid);
	else if (err == -EACCES || err == -EPERM)
		complain("cannot audit process %u: its mappings are hidden from this user "
			 "(it belongs to another, or has capabilities that you have not)",
			 pid);
	else if (err == -EINVAL)
		complain("cannot audit process %u: /proc/%u/smaps makes no sense", pid, pid);
	else {
		snprintf(path, sizeof(path), "cannot audit process %u", pid);
		complain_errno(path, err, NULL);
	}
}

static int subjects_read(struct subjects *s, const struct id_list *pids)
{
	int err;

	s->objects = object_table_new();
	s->states = mem_array(pids->nr + 1, sizeof(*s->states));
	s->maps = mem_array(pids->nr + 1, sizeof(*s->maps));
	for (; s->nr < pids->nr; s->nr++) {
		err = procstate_read(s->objects, pids->id[s->nr], &s->states[s->nr],
				     &s->maps[s->nr]);
		if (!err)
			continue;
		complain_state(pids->id[s->nr], err);
		seen_list_done(&s->maps[s->nr]);
		return err;
	}
	return 0;
}

static void subjects_done(struct subjects *s)
{
	size_t i;

	for (i = 0; i < s->nr; i++) {
		procstate_done(&s->states[i]);
		seen_list_done(&s->maps[i]);
	}
	free(s->states);
	free(s->maps);
	object_table_free(s->objects);
}

static int feed_maps(struct session *session, uint32_t pid, const struct seen_list *maps)
{
	struct event ev = { .type = EVENT_RANGE,
			    .pid = pid,
			    .tid = pid,
			    .ts_ns = clock_ns(CLOCK_BOOTTIME),
			    .has_range = true,
			    .from_maps = true,
			    .hi = MPW_TASK_MAX,
			    .seen = maps->v,
			    .nr_seen = maps->nr };

	procmaps_identity(pid, &ev);
	return pipeline_feed(session->pipeline, &ev);
}

/* A stream of nothing but what is mapped now. */
static int audit_now(const struct request *req, const struct subjects *subjects)
{
	struct session s;
	struct totals totals = { 0 };
	struct buf what = { 0 };
	int status = session_open(&s, req), err = 0;
	size_t i;

	if (status)
		return status;
	buf_puts(&what, "process");
	for (i = 0; i < subjects->nr; i++)
		buf_printf(&what, "%s %u", i ? "," : "", subjects->states[i].pid);
	s.run.what = buf_str(&what);
	s.run.start_ns = clock_ns(CLOCK_BOOTTIME);
	s.run.boot_to_wall_ns = clock_ns(CLOCK_REALTIME) - s.run.start_ns;
	status = session_add_sinks(&s);
	for (i = 0; i < subjects->nr && !err; i++)
		err = feed_maps(&s, subjects->states[i].pid, &subjects->maps[i]);
	if (!status)
		status = session_finish(&s, err, clock_ns(CLOCK_BOOTTIME), "cannot go on looking",
					&totals);
	status = session_close(&s, status);
	buf_done(&what);
	return status;
}

static bool is_now(const struct request *req)
{
	return ((const struct now_options *)req->own)->now;
}

/* May it, or not, or is it not certain? */
static int verdict_status(const struct audit *audit)
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

static int audit(struct request *req)
{
	struct audit_options *options = request_output_options(req, "audit");
	const struct id_list nobody = { 0 }; /* of a recording nobody runs now */
	struct subjects subjects = { 0 };
	int status = EXIT_FAILED;

	req->target.whom.follow =
		!req->target.no_follow; /* what holds for a unit holds for all of it */
	if (!subjects_read(&subjects, req->input ? &nobody : &req->target.whom.pids)) {
		options->audit.states = subjects.states;
		options->audit.nr_states = subjects.nr;
		status = is_now(req) ? audit_now(req, &subjects) : verb_trace(req);
	}
	subjects_done(&subjects);
	return status == EXIT_FINE ? verdict_status(&options->audit) : status;
}

static const char *what_is_wrong(const struct request *req)
{
	const struct whom *w = &req->target.whom;

	if (is_now(req) && (!w->pids.nr || req->input))
		return "--now looks at processes: name them with -p";
	if (!whom_is_some(w) && !req->input && !req->command)
		return "what to audit is missing: -p PID, -c CGROUP, -i FILE or -- COMMAND";
	return NULL;
}

static int run(struct request *req)
{
	const char *wrong = what_is_wrong(req);

	if (!wrong)
		return audit(req);
	complain("%s (see --help)", wrong);
	return EXIT_USAGE;
}

const struct verb audit_verb = {
	.name = "audit",
	.help = "may it run under MemoryDenyWriteExecute=?",
	.usage = "Usage: mprotwatch audit [OPTION]... -p PID | -i FILE | -- COMMAND [ARG]...\n"
		 "May it run under systemd's MemoryDenyWriteExecute=, and prctl(PR_SET_MDWE)? If\n"
		 "not, what would be refused, and who asks for it.\n",
	.after =
		"\nExit status: 0 yes; 4 no; 3 nothing would be refused, but that is not certain. As\n"
		"for a trace: 1, 2, 77; with COMMAND 125, 126 and 127.",
	.groups = GROUP(WHOM) | GROUP(INPUT) | GROUP(OUTPUT) | GROUP(UTC) | GROUP(FORMS) |
		  GROUP(STOP) | GROUP(ENGINE) | GROUP(QUIET) | GROUP(VERBOSE) | GROUP(ABOUT),
	.kinds = 1 << OUTPUT_AUDIT,
	.words = WORDS_COMMAND,
	.own_heading = "Audit",
	.own_rows = now_rows,
	.own_bytes = sizeof(struct now_options),
	.run = run,
};
