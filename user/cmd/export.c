/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch export: a recording in the formats of others. */
#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/trace.h"
#include "cmd/verb.h"
#include "core/fact.h"

enum export_format { EXPORT_NONE, EXPORT_JSON, EXPORT_CSV };

struct export_options {
	int format; /* enum export_format */
};

static const struct opt export_rows[] = {
	{ 0, "format", "json|csv", "json: all that mprotwatch -j shows; csv: what --csv does",
	  opt_set_word, offsetof(struct export_options, format), EXPORT_JSON },
	{ 0 },
};

/* All that the output of that name shows, with facts and stacks where it has them. */
static int export_as(struct request *req, const char *name)
{
	struct output_choice *choice = request_output_options(req, name);

	choice->is_chosen = true;
	req->progress = !req->about.quiet;
	req->about.quiet = true;
	req->show.stack = true;
	req->show.fields = FACTS_OF_EVENTS;
	req->epilogue.unwanted = true;
	return trace_recording(req);
}

static int run(struct request *req)
{
	int format = ((const struct export_options *)req->own)->format;

	if (req->input && format != EXPORT_NONE)
		return export_as(req, format == EXPORT_JSON ? "json" : "csv");
	complain("export needs a recording and a format: -i FILE --format json|csv (see --help)");
	return EXIT_USAGE;
}

const struct verb export_verb = {
	.name = "export",
	.help = "a recording as JSON or CSV",
	.usage = "Usage: mprotwatch export -i FILE --format json|csv [-o FILE]\n"
		 "Write what a recording holds in a format that other programs read.\n",
	.groups = GROUP(WHOM) | GROUP(TURNS) | GROUP(PLACE) | GROUP(INPUT) | GROUP(MOMENT) |
		  GROUP(OUTPUT) | GROUP(UTC) | GROUP(DROP) | GROUP(QUIET) | GROUP(ABOUT),
	.kinds = 1 << OUTPUT_LINES,
	.own_heading = "How to show it",
	.own_rows = export_rows,
	.own_bytes = sizeof(struct export_options),
	.run = run,
};
