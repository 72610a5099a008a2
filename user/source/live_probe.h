/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this kernel, its configuration and this user can do, each asked for by doing
 * it on a small scale: nothing is concluded from a version or a uid.
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
	bool needed;		 /* without it there is no tracing */
	const char *error;	 /* NULL: it is there; else why it is not */
	const char *consequence; /* of that */
};

#define LIVE_PROBES_MAX 32

struct probe_result {
	struct probe v[LIVE_PROBES_MAX];
	size_t nr;
	/* A live trace that was opened, for the sum of all: */
	int err;		 /* 0, or -errno: tracing is impossible because of fault */
	struct live_fault fault; /* if err */
	bool truth;		 /* the tier that would run */
};

/* Needs no rights: what is refused is missing. Leaves nothing behind. */
void live_probe(struct probe_result *ret);

#endif
