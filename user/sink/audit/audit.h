/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The audit: would a program run under systemd's MemoryDenyWriteExecute=? Calls and mappings that
 * would be refused are folded by program, call, mapping and caller, and reported with the verdict
 * when the run ends.
 */
#ifndef SINK_AUDIT_H
#define SINK_AUDIT_H

#include "core/hardening.h"
#include "core/mdwe.h"
#include "core/sink.h"
#include "sink/output.h"
#include "util/out.h"

struct audit {
	const struct proc_state *states; /* of processes that run already; borrowed */
	size_t nr_states;
	enum mdwe verdict; /* on prctl(PR_SET_MDWE); valid when the sink has finished */
};

enum audit_by { AUDIT_BY_NOTHING, AUDIT_BY_UNIT, AUDIT_BY_EXE };

/* Options of the output. The audit verb fills in audit.states, and reads the verdict in the end. */
struct audit_options {
	struct output_choice choice;
	struct audit audit;
	int by; /* enum audit_by */
};

struct audit_config {
	struct audit *audit;	    /* borrowed */
	struct out *out;	    /* borrowed */
	const struct run_info *run; /* borrowed */
	enum audit_by by;	    /* what has lines of its own */
	bool json, utc;
};

struct sink audit_sink_new(const struct audit_config *cfg);

#endif
