/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Abilities of this kernel, its configuration and this user. Each is tried on a small scale:
 * nothing is concluded from a version or a uid.
 */
#ifndef SOURCE_LIVE_PROBE_H
#define SOURCE_LIVE_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "source/live.h"

/* All text is static. */
struct probe {
	const char *name;	 /* for programs: "ring_buffer" */
	const char *label;	 /* for people */
	bool needed;		 /* set if there is no tracing without it */
	const char *error;	 /* NULL: it is there; else the reason why it is not */
	const char *consequence; /* what follows from that */
};

#define LIVE_PROBES_MAX 32

struct probe_result {
	struct probe v[LIVE_PROBES_MAX];
	size_t nr;
	/* the sum of all: a live trace was opened */
	int err;		 /* 0, or -errno: tracing is impossible, because of fault */
	struct live_fault fault; /* valid if err is set */
	bool truth;		 /* set if the truth tier would run */
};

/*
 * Tries everything. Nothing is left behind. No rights are needed: a refused ability counts as
 * missing.
 */
void live_probe(struct probe_result *ret);

#endif
