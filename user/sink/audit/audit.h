/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The audit: may what was seen run under MemoryDenyWriteExecute=? Collects what would be
 * refused, folded by program, call, mapping and caller, and tells it with the verdict at the end.
 */
#ifndef SINK_AUDIT_H
#define SINK_AUDIT_H

#include "core/hardening.h"
#include "core/mdwe.h"
#include "core/sink.h"
#include "sink/output.h"
#include "util/out.h"

/* What an audit starts from, and how it ended. */
struct audit {
	const struct proc_state *states; /* of running processes; borrowed */
	size_t nr_states;
	enum mdwe verdict; /* out: on prctl(PR_SET_MDWE), when the sink has finished */
};

/* Of the output: what the audit verb fills in, and reads from when the run is over. */
struct audit_options {
	struct output_choice choice;
	bool json;
	struct audit audit;
};

struct audit_config {
	struct audit *audit; /* borrowed, as the others */
	struct out *out;
	const struct run_info *run;
	bool json, utc;
};

struct sink audit_sink_new(const struct audit_config *cfg);

#endif
