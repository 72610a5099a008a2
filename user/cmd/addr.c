/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotwatch addr: what is mapped at one address, by whom, since when, and what it was before. */
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/look.h"
#include "cmd/verb.h"
#include "sink/space/space.h"
#include "util/fmt.h"

struct addr_own {
	uint64_t pid;
};

static const struct opt addr_rows[] = {
	{ 'p', "pid", "PID", "of this process", opt_set_u64, offsetof(struct addr_own, pid), 0 },
	{ 0 },
};

static int run(struct request *req)
{
	struct addr_options *options = request_output_options(req, "addr");
	const struct addr_own *o = req->own;

	if (req->nr_operands != 1 ||
	    parse_addr(req->operands[0], strlen(req->operands[0]), &options->addr)) {
		complain("addr needs one address, in hexadecimal (see --help)");
		return EXIT_USAGE;
	}
	if ((!o->pid && !req->input) || o->pid > UINT32_MAX) {
		complain("addr needs a process or a recording: -p PID, -i FILE (see --help)");
		return EXIT_USAGE;
	}
	if (!req->input && (req->at || req->since)) {
		complain("moments are of a recording: --at and --since need -i FILE (see --help)");
		return EXIT_USAGE;
	}
	options->is_named = o->pid;
	if (o->pid)
		id_list_add(&req->target.whom.pids, o->pid);
	return look_run(req);
}

const struct verb addr_verb = {
	.name = "addr",
	.help = "what is at one address, by whom, since when",
	.usage =
		"Usage: mprotwatch addr -p PID [-d TIME] ADDRESS\n"
		"       mprotwatch addr -i FILE [-p PID] [--at TIME] ADDRESS\n"
		"Print what is mapped at an address (hexadecimal), who made it, and all that it was:\n"
		"of a recording, or, with -d, of a trace for so long. Without either, what it is now.\n",
	.groups = GROUP(STACK) | GROUP(INPUT) | GROUP(MOMENT) | GROUP(UTC) | GROUP(FORMS) |
		  GROUP(STOP) | GROUP(DROP) | GROUP(ABOUT),
	.kinds = 1 << OUTPUT_ADDR,
	.words = WORDS_OPERANDS,
	.own_heading = "What to show",
	.own_rows = addr_rows,
	.own_bytes = sizeof(struct addr_own),
	.run = run,
};
