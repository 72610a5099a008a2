/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a live trace: seed the mirrors, feed the pipeline, heal and verify
 * mirrors, until a signal, a limit, or the end of what is traced.
 */
#ifndef CMD_LOOP_H
#define CMD_LOOP_H

#include <signal.h>

#include "cmd/child.h"
#include "cmd/places.h"
#include "cmd/request.h"
#include "core/pipeline.h"
#include "source/live.h"
#include "source/symbols.h"

/* The first seven are borrowed, and set by the caller; the rest starts as zero. */
struct loop {
	const struct request *req;
	struct pipeline *pipeline;
	struct live *live;
	struct symbols *symbols; /* NULL: nobody wants stacks */
	struct places *places;	 /* NULL: nobody wants to know what /proc tells beside */
	struct child *child;	 /* let go when the mirrors are seeded */
	const volatile sig_atomic_t *stop;
	uint64_t nr_events, nr_events_healed; /* fed, and when mirrors were last healed */
	uint32_t asked; /* a traced process whose mappings are being read; 0: none */
	uint64_t next_verify_ns;
	uint64_t nr_restless; /* out: processes that never kept still for --verify */
	uint64_t stop_ns;     /* CLOCK_BOOTTIME; 0: never */
};

/* Fill the mirrors of what runs already. As loop_run(). */
int loop_seed(struct loop *lp);
/*
 * 0 at the end, -ECANCELED when a sink has enough, -ESRCH after a sentence on stderr about a
 * process that can't be traced, or another -errno.
 */
int loop_run(struct loop *lp);

#endif
