/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch timeline: protections over time, and nothing else. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/verb.h"

#define AT(field) offsetof(struct trace_options, field)

/* What concerns lines is left out. */
static const struct opt own_rows[] = {
	{ 'i', "input", "FILE", "of a recording", opt_set_string, AT(input), 0, NULL },
	{ 'e', "event", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 'k', "stack", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 'x', "failed", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "timeline", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "no-timeline", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 'j', "json", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "json-schema", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "time", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "no-header", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "max-events", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "html", "FILE", "as a page to explore in a browser", opt_set_string, AT(html), 0,
	  "As a file" },
	{ 0, "svg", "FILE", "as a picture for documents", opt_set_string, AT(svg), 0, NULL },
	{ 0, "perfetto", "FILE", "for the trace viewer ui.perfetto.dev, and trace_processor",
	  opt_set_string, AT(perfetto), 0, NULL },
	{ 0, "chrome", "FILE", "as JSON in Chrome's Trace Event Format", opt_set_string, AT(chrome),
	  0, NULL },
	{ 0 },
};

/* The file that is asked for is the output. */
static int take_file(struct trace_options *opt)
{
	const char *const files[] = { opt->html, opt->svg, opt->perfetto, opt->chrome };
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (!files[i])
			continue;
		if (opt->output) {
			complain("--html, --svg, --perfetto, --chrome and -o exclude each other "
				 "(see --help)");
			return -EINVAL;
		}
		opt->output = files[i];
	}
	return 0;
}

static int run(struct trace_options *opt, int argc, char **argv)
{
	if (take_file(opt))
		return EXIT_USAGE;
	opt->only_timeline = true;
	return verb_trace(opt, argc, argv);
}

int cmd_timeline(int argc, char **argv)
{
	static const struct verb verb = {
		.rows = own_rows,
		.usage =
			"Usage: mprotwatch timeline -i FILE [OPTION]...\n"
			"       mprotwatch timeline [OPTION]... [-p PID]... | -- COMMAND [ARG]...\n"
			"Show each process's protections over time: of a recording, or of what happens\n"
			"until the end.\n",
		.run = run,
	};

	return verb_main(&verb, argc, argv);
}
