/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch record: a live trace that is kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/trace.h"
#include "cmd/verb.h"

#define AT(field) offsetof(struct trace_options, field)

static const struct opt own_rows[] = {
	{ 'i', "input", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 0, "json-schema", NULL, NULL, opt_set_true, 0, 0, NULL },
	{ 'o', "output", "FILE", "the recording, which must not exist", opt_set_string, AT(record),
	  0, NULL },
	{ 'v', "verbose", NULL, "show the lines of the live trace, too", opt_set_count, AT(verbose),
	  0, NULL },
	{ 0, "force", NULL, "replace FILE if it exists", opt_set_true, AT(force), 0, "Recording" },
	{ 0, "rotate-size", "SIZE",
	  "begin another file when FILE has this size; FILE becomes FILE.000001, …", opt_set_size,
	  AT(rotate_bytes), 0, NULL },
	{ 0, "rotate-time", "TIME", "or when it is that old", opt_set_duration, AT(rotate_ns), 0,
	  NULL },
	{ 0, "keep", "N", "keep the last N of these (all)", opt_set_u64, AT(keep), 0, NULL },
	{ 0, "compress", NULL, "compress files that are closed, with zstd", opt_set_true,
	  AT(compress), 0, NULL },
	{ 0 },
};

static void join_arguments(struct buf *b, int argc, char **argv)
{
	int i;

	buf_puts(b, "record");
	for (i = 1; i < argc; i++) {
		buf_putc(b, ' ');
		buf_puts(b, argv[i]);
	}
}

static int run(struct trace_options *opt, int argc, char **argv)
{
	struct buf arguments = { 0 };
	int status;

	if (!opt->record) {
		complain("where to record is missing: -o FILE (see --help)");
		return EXIT_USAGE;
	}
	join_arguments(&arguments, argc, argv);
	opt->arguments = buf_str(&arguments);
	status = trace_live(opt);
	buf_done(&arguments);
	return status;
}

int cmd_record(int argc, char **argv)
{
	static const struct verb verb = {
		.rows = own_rows,
		.usage =
			"Usage: mprotwatch record -o FILE [OPTION]... [-p PID]... | -- COMMAND [ARG]...\n"
			"Record who changes which memory mappings, for mprotwatch -i FILE, mprotwatch\n"
			"timeline, maps, query, info and export, and for any program that reads SQLite.\n",
		.run = run,
	};

	return verb_main(&verb, argc, argv);
}
