/* SPDX-License-Identifier: BSD-2-Clause */
/* From arguments to an exit status, alike for each verb. */
#include "cmd/verb.h"

#include <stdio.h>
#include <unistd.h>

#include "abi.h"
#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/rights.h"
#include "cmd/trace.h"
#include "sink/lines/lines.h"

static void print_help(const struct verb *v)
{
	size_t i;

	puts(v->usage);
	request_help(v);
	if (v == &trace_verb)
		puts("\nVerbs (mprotwatch VERB --help says more):");
	for (i = 0; v == &trace_verb && all_verbs[i]; i++)
		printf("  %-26s  %s\n", all_verbs[i]->name, all_verbs[i]->help);
	if (v->after)
		puts(v->after);
}

int verb_main(const struct verb *v, int argc, char **argv)
{
	struct request req;
	int status = EXIT_FINE;

	page_bytes = sysconf(_SC_PAGESIZE);
	if (request_parse(&req, v, argc, argv))
		status = EXIT_USAGE;
	else if (req.about.help)
		print_help(v);
	else if (req.about.version)
		puts("mprotwatch " MPW_VERSION);
	else if (req.about.schema)
		fputs(json_sink_schema, stdout);
	else
		status = v->run(&req);
	rights_report();
	request_done(&req);
	return stdout_status(status);
}

int verb_trace(struct request *req)
{
	return req->input ? trace_recording(req) : trace_live(req);
}
