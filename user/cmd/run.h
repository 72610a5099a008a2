/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The run: one loop between a source and a pipeline, whatever the source. One that goes on for
 * ever (core/source.h: it has a descriptor) is waited for, and its mirrors are kept in step with the
 * kernel (mirrors.h), until what is traced is over, the time is up or a signal comes: then it is
 * drained. One that ends by itself is read to there; a signal interrupts it.
 */
#ifndef CMD_RUN_H
#define CMD_RUN_H

#include "cmd/child.h"
#include "cmd/places.h"
#include "cmd/progress.h"
#include "core/pipeline.h"
#include "core/source.h"
#include "core/whom.h"
#include "util/waiter.h"

struct run {
	struct pipeline *pipeline; /* these two are set by run_init(), and borrowed */
	struct source source;
	/* set by the caller, and borrowed; what is NULL or 0 is not wanted */
	const struct whom *whom;   /* who is traced: the end of all that it names is the end */
	struct child *child;	   /* the command: let go first, its end is the end */
	struct progress *progress; /* told of, and interrupts */
	struct places *places;	   /* asked after each event */
	uint64_t duration_ns;
	bool verify;	      /* at the end */
	uint64_t verify_ns;   /* between two rounds */
	uint64_t nr_restless; /* out: processes that never kept still to be verified */
	/* the loop's own */
	struct source_reader reader;
	struct waiter *waiter;
	bool has_more, is_time_up, is_verify_due;
	uint64_t nr_events, nr_events_healed; /* fed, and when mirrors were last healed */
	uint32_t asked;			      /* a process whose mappings are being read; 0: none */
};

/* The rest of it is zero. */
void run_init(struct run *r, struct pipeline *pl, struct source source);
/*
 * Until the end. 0; -ECANCELED or another error of an output; -EINTR: a signal came before the source's
 * own end; or -errno of the source or of the command's exec.
 */
int run_go(struct run *r);

#endif
