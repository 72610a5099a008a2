/* SPDX-License-Identifier: BSD-2-Clause */
/* From arguments to an exit status, the same way for each such verb. */
#include "cmd/verb.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/trace.h"

static void print_help(const struct verb *v, const struct opt *rows)
{
	puts(v->usage);
	opt_help(rows, stdout);
	if (v->after)
		puts(v->after);
}

int verb_main(const struct verb *v, int argc, char **argv)
{
	struct opt *rows = trace_rows_with(v->rows);
	struct trace_options opt;
	int status = EXIT_FINE;

	if (trace_options_parse(&opt, rows, v->findings_only, argc, argv))
		status = EXIT_USAGE;
	else if (opt.help)
		print_help(v, rows);
	else if (opt.version)
		puts("mprotwatch " MPW_VERSION);
	else if (opt.schema)
		fputs(json_sink_schema, stdout);
	else
		status = v->run(&opt, argc, argv);
	trace_options_done(&opt);
	free(rows);
	return stdout_status(status);
}

int verb_trace(struct trace_options *opt, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return opt->input ? trace_recording(opt) : trace_live(opt);
}
