/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch export: a recording in the formats of others. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/query.h"
#include "cmd/recording.h"
#include "cmd/trace.h"

enum export_format { EXPORT_NONE, EXPORT_JSON, EXPORT_CSV };

struct export_options {
	const char *input, *output;
	int format;
	bool quiet, help;
};

#define AT(field) offsetof(struct export_options, field)

static int set_format(const struct opt *o, void *field, const char *arg, const char **why)
{
	(void)o;
	*why = "the formats are json and csv";
	if (!strcmp(arg, "json"))
		*(int *)field = EXPORT_JSON;
	else if (!strcmp(arg, "csv"))
		*(int *)field = EXPORT_CSV;
	else
		return -EINVAL;
	return 0;
}

static const struct opt rows[] = {
	{ 'i', "input", "FILE", "the recording", opt_set_string, AT(input), 0, NULL },
	{ 0, "format", "json|csv", "json: all that mprotwatch -j shows; csv: the changes",
	  set_format, AT(format), 0, NULL },
	{ 'o', "output", "FILE", "write to FILE", opt_set_string, AT(output), 0, NULL },
	{ 'q', "quiet", NULL, "do not show on a terminal how far it is", opt_set_true, AT(quiet), 0,
	  NULL },
	{ 'h', "help", NULL, "print this, and leave", opt_set_true, AT(help), 0, NULL },
	{ 0 },
};

static int export_json(const struct export_options *o)
{
	struct trace_options t = { .input = o->input,
				   .output = o->output,
				   .json = true,
				   .quiet = true,
				   .progress = !o->quiet,
				   .severity = 1 + SEVERITY_MEDIUM };

	select_all(&t.select);
	return trace_recording(&t);
}

static int export_csv(const struct export_options *o)
{
	struct object_table *objects = object_table_new();
	struct replay *r = recording_open(o->input, objects);
	int status = EXIT_FAILED;

	if (r)
		status = query_run(r, "SELECT * FROM changes ORDER BY id", ROWS_CSV, o->output,
				   o->quiet);
	replay_close(r);
	object_table_free(objects);
	return status;
}

int cmd_export(int argc, char **argv)
{
	struct export_options o = { 0 };
	int first = opt_parse(rows, &o, argc, argv);

	if (first < 0)
		return EXIT_USAGE;
	if (o.help) {
		puts("Usage: mprotwatch export -i FILE --format json|csv [-o FILE]\n"
		     "Write what a recording holds in a format that other programs read.\n");
		opt_help(rows, stdout);
		return stdout_status(EXIT_FINE);
	}
	if (!o.input || o.format == EXPORT_NONE || first < argc) {
		complain(
			"export needs a recording and a format: -i FILE --format json|csv (see --help)");
		return EXIT_USAGE;
	}
	return o.format == EXPORT_JSON ? export_json(&o) : export_csv(&o);
}
