/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mprotwatch audit: may a program run under MemoryDenyWriteExecute=? A trace, or a recording, with
 * a verdict in place of lines. For a process that runs already, its state in /proc goes before the
 * trace, and is all that --now looks at.
 */
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/look.h"
#include "cmd/reading.h"
#include "cmd/verb.h"
#include "sink/audit/audit.h"
#include "source/procstate.h"
#include "source/reader.h"
#include "util/mem.h"

struct now_options {
	bool now; /* set to look only, and not to trace */
};

static const struct opt now_rows[] = {
	{ 0, "now", NULL, "with -p: only look at what is mapped now, which needs no BPF",
	  opt_set_true, offsetof(struct now_options, now), 0 },
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
	struct reading rd = { 0 };
	int err = 0;

	s->objects = object_table_new();
	s->states = mem_array(pids->nr + 1, sizeof(*s->states));
	if (pids->nr)
		reading_begin(&rd, READER_PATIENT_NS);
	for (; s->nr < pids->nr; s->nr++) {
		err = procstate_read(s->objects, rd.reader, pids->id[s->nr], &s->states[s->nr]);
		if (err)
			break;
	}
	reading_end(&rd);
	if (err)
		complain_process("cannot audit", pids->id[s->nr], err);
	return err;
}

static void subjects_done(struct subjects *s)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		procstate_done(&s->states[i]);
	free(s->states);
	object_table_free(s->objects);
}

static bool is_now(const struct request *req)
{
	return ((const struct now_options *)req->own)->now;
}

/* Exit status for the verdict. */
static int verdict_status(const struct audit *audit)
{
	switch (audit->verdict) {
	case MDWE_ALLOWS:
		return EXIT_FINE;
	case MDWE_UNKNOWN:
		return EXIT_LOST;
	case MDWE_REFUSES:
		return EXIT_FOUND;
	}
	return EXIT_FAILED;
}

static int audit(struct request *req)
{
	struct audit_options *options = request_output_options(req, "audit");
	const struct id_list nobody = { 0 }; /* processes of a recording do not run now */
	struct subjects subjects = { 0 };
	int status = EXIT_FAILED, verdict;

	req->target.whom.follow =
		!req->target.no_follow; /* a unit may run if all of its processes may */
	if (options->by == AUDIT_BY_UNIT)
		req->show.fields |= 1U << MPW_FACT_CGROUP; /* /proc is to be asked for it */
	if (!subjects_read(&subjects, req->input ? &nobody : &req->target.whom.pids)) {
		options->audit.states = subjects.states;
		options->audit.nr_states = subjects.nr;
		status = is_now(req) ? look_now(req) : verb_trace(req);
	}
	subjects_done(&subjects);
	verdict = verdict_status(&options->audit);
	if (status == EXIT_LOST && verdict == EXIT_FOUND) /* what was refused stays refused */
		return verdict;
	return status == EXIT_FINE ? verdict : status;
}

static const char *what_is_wrong(struct request *req)
{
	const struct audit_options *options = request_output_options(req, "audit");
	const struct whom *w = &req->target.whom;

	if (is_now(req) && (!w->pids.nr || req->input))
		return "--now looks at processes: name them with -p";
	if (is_now(req) && options->by == AUDIT_BY_UNIT)
		return "--now does not ask for units: --by exe";
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
	.groups = GROUP(WHOM) | GROUP(INPUT) | GROUP(OUTPUT) | GROUP(UTC) | GROUP(STACK) |
		  GROUP(FORMS) | GROUP(STOP) | GROUP(ENGINE) | GROUP(DROP) | GROUP(QUIET) |
		  GROUP(VERBOSE) | GROUP(ABOUT),
	.kinds = 1 << OUTPUT_AUDIT,
	.words = WORDS_COMMAND,
	.own_heading = "Audit",
	.own_rows = now_rows,
	.own_bytes = sizeof(struct now_options),
	.run = run,
};
