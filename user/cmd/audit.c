/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mprotwatch audit: may a program run under MemoryDenyWriteExecute=? A trace, or a recording,
 * with a verdict in place of lines. What /proc tells of a process that runs already goes
 * before it, and is all that --now looks at.
 */
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/run.h"
#include "cmd/session.h"
#include "cmd/trace.h"
#include "cmd/verb.h"
#include "source/procstate.h"
#include "source/scan.h"
#include "util/clock.h"
#include "util/mem.h"

#define AT(field) offsetof(struct trace_options, field)

/* What concerns lines, timelines and findings is left out. */
static const struct opt own_rows[] = {
	{ 't', "tid", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 'a', "all-processes", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 'e', "event", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 'x', "failed", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "all", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "severity", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "rules", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "fail-on", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "timeline", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "no-timeline", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "json-schema", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "time", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "color", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "no-header", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "strict", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "verify", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "max-events", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 'f', "follow", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 'i', "input", "FILE", "audit a recording", opt_set_string, AT(input), 0, NULL },
	{ 'j', "json", NULL, "write one JSON object", opt_set_true, AT(json), 0, NULL },
	{ 0, "now", NULL, "with -p: only look at what is mapped now, which needs no BPF",
	  opt_set_true, AT(now), 0, "Audit" },
	{ 0 },
};

/* The states of processes that run already. */
struct subjects {
	struct object_table *objects;
	struct proc_state *states;
	size_t nr;
};

static int subjects_read(struct subjects *s, const struct id_list *pids)
{
	int err;

	s->objects = object_table_new();
	s->states = mem_array(pids->nr + 1, sizeof(*s->states));
	for (; s->nr < pids->nr; s->nr++) {
		err = procstate_read(s->objects, pids->id[s->nr], &s->states[s->nr]);
		if (!err)
			continue;
		complain_process("cannot audit", pids->id[s->nr], err);
		return err;
	}
	return 0;
}

static void subjects_done(struct subjects *s)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		procstate_done(&s->states[i]);
	free(s->states);
	object_table_free(s->objects);
}

/* A stream of nothing but what is mapped now. */
static int audit_now(const struct trace_options *opt)
{
	struct session s;
	struct source source;
	struct totals totals = { 0 };
	struct buf what = { 0 };
	struct run run;
	int status = session_open(&s, opt), err = 0;
	size_t i;

	if (status)
		return status;
	source = scan_source(&opt->whom.pids, s.objects);
	source.ops->info(source.priv, &s.run);
	buf_puts(&what, "process");
	for (i = 0; i < opt->whom.pids.nr; i++)
		buf_printf(&what, "%s %u", i ? "," : "", opt->whom.pids.id[i]);
	s.run.what = buf_str(&what);
	run_init(&run, s.pipeline, source);
	status = session_add_sinks(&s);
	if (!status)
		err = run_go(&run);
	if (!status)
		status = session_finish(&s, err, clock_ns(CLOCK_BOOTTIME), "cannot go on looking",
					&totals);
	source.ops->close(source.priv);
	status = session_close(&s, status);
	buf_done(&what);
	return status;
}

static int audit(struct trace_options *opt)
{
	const struct id_list nobody = { 0 }; /* of a recording nobody runs now */
	struct subjects subjects = { 0 };
	struct audit audit = { 0 };
	int status = EXIT_FAILED;

	opt->audit = &audit;
	opt->whom.follow = !opt->no_follow; /* what holds for a unit holds for all of it */
	if (!subjects_read(&subjects, opt->input ? &nobody : &opt->whom.pids)) {
		audit.states = subjects.states;
		audit.nr_states = subjects.nr;
		status = opt->input ? trace_recording(opt) :
			 opt->now   ? audit_now(opt) :
				      trace_live(opt);
	}
	subjects_done(&subjects);
	return status;
}

static const char *what_is_wrong(const struct trace_options *o)
{
	if (o->now && (!o->whom.pids.nr || o->input))
		return "--now looks at processes: name them with -p";
	if (!o->whom.pids.nr && !o->input && !o->command && !o->whom.by_uid && !o->whom.by_comm &&
	    !o->whom.by_cgroup)
		return "what to audit is missing: -p PID, -c CGROUP, -i FILE or -- COMMAND";
	return NULL;
}

static int run(struct trace_options *opt, int argc, char **argv)
{
	const char *wrong = what_is_wrong(opt);

	(void)argc;
	(void)argv;
	if (!wrong)
		return audit(opt);
	complain("%s (see --help)", wrong);
	return EXIT_USAGE;
}

int cmd_audit(int argc, char **argv)
{
	static const struct verb verb = {
		.rows = own_rows,
		.usage =
			"Usage: mprotwatch audit [OPTION]... -p PID | -i FILE | -- COMMAND [ARG]...\n"
			"May it run under systemd's MemoryDenyWriteExecute=, and prctl(PR_SET_MDWE)? If\n"
			"not, what would be refused, and who asks for it.\n",
		.after =
			"\nExit status: 0 yes; 4 no; 3 nothing would be refused, but that is not certain. As\n"
			"for a trace: 1, 2, 77; with COMMAND 125, 126 and 127.",
		.run = run,
	};

	return verb_main(&verb, argc, argv);
}
