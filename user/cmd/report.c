/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch report: who changed how much, who holds what, and who shares what with whom. */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/verb.h"

#define AT(field) offsetof(struct trace_options, field)

/* What concerns lines and timelines is left out. */
static const struct opt own_rows[] = {
	{ 'i', "input", "FILE", "of a recording", opt_set_string, AT(input), 0, NULL },
	{ 'j', "json", NULL, "write one JSON object per row", opt_set_true, AT(json), 0, NULL },
	{ 'e', "event", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 'x', "failed", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "all", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "severity", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "timeline", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "no-timeline", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "json-schema", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "time", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "color", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "no-header", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "max-events", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "by", "process|exe|mapping|caller|transition|rights|growth",
	  "one table, with all its rows, in place of the most of each", trace_set_word,
	  AT(report.by), REPORT_PROCESS, "What to report" },
	{ 0, "sort", "changes|failed|bytes|churn", "what comes first (most changes)",
	  trace_set_word, AT(report.sort), REPORT_BY_CHANGES, NULL },
	{ 0, "top", "N", "so many rows of each table", opt_set_u64, AT(report.top), 0, NULL },
	{ 0, "shared", NULL, "shared objects: who maps them, with which protections, since when",
	  opt_set_true, AT(report.shared), 0, NULL },
	{ 0 },
};

static int run(struct trace_options *opt, int argc, char **argv)
{
	if (opt->report.shared && opt->report.by) {
		complain("--shared has no tables: leave out --by (see --help)");
		return EXIT_USAGE;
	}
	opt->only_report = true;
	return verb_trace(opt, argc, argv);
}

int cmd_report(int argc, char **argv)
{
	static const struct verb verb = {
		.rows = own_rows,
		.usage =
			"Usage: mprotwatch report -i FILE [OPTION]...\n"
			"       mprotwatch report [OPTION]... [-p PID]... | -- COMMAND [ARG]...\n"
			"Sum up who changed how much memory, what is writable and executable, and what\n"
			"grew: of a recording, or of what happens until the end.\n",
		.run = run,
	};

	return verb_main(&verb, argc, argv);
}
