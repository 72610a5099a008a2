/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch export: a recording in the formats of others. */
#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/input.h"
#include "cmd/query.h"
#include "cmd/trace.h"
#include "cmd/verb.h"

enum export_format { EXPORT_NONE, EXPORT_JSON, EXPORT_CSV };

struct export_options {
	int format; /* enum export_format */
};

static const struct opt export_rows[] = {
	{ 0, "format", "json|csv", "json: all that mprotwatch -j shows; csv: the changes",
	  opt_set_word, offsetof(struct export_options, format), EXPORT_JSON },
	{ 0 },
};

static int export_json(struct request *req)
{
	struct output_choice *json = request_output_options(req, "json");

	json->is_chosen = true;
	req->progress = !req->about.quiet;
	req->about.quiet = true;
	req->show.stack = true; /* all that there is */
	req->epilogue.unwanted = true;
	return trace_recording(req);
}

static int export_csv(const struct request *req)
{
	struct object_table *objects = object_table_new();
	struct replay *r = input_open(req->input, objects);
	int status = EXIT_FAILED;

	if (r)
		status = query_run(r, "SELECT * FROM changes ORDER BY id", ROWS_CSV, req->output,
				   req->about.quiet);
	replay_close(r);
	object_table_free(objects);
	return status;
}

static int run(struct request *req)
{
	int format = ((const struct export_options *)req->own)->format;

	if (req->input && format != EXPORT_NONE)
		return format == EXPORT_JSON ? export_json(req) : export_csv(req);
	complain("export needs a recording and a format: -i FILE --format json|csv (see --help)");
	return EXIT_USAGE;
}

const struct verb export_verb = {
	.name = "export",
	.help = "a recording as JSON or CSV",
	.usage = "Usage: mprotwatch export -i FILE --format json|csv [-o FILE]\n"
		 "Write what a recording holds in a format that other programs read.\n",
	.groups = GROUP(INPUT) | GROUP(OUTPUT) | GROUP(QUIET) | GROUP(ABOUT),
	.kinds = 1 << OUTPUT_LINES,
	.own_heading = "How to show it",
	.own_rows = export_rows,
	.own_bytes = sizeof(struct export_options),
	.run = run,
};
