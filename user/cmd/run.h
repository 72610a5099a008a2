/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The run: one loop between a source and a pipeline, whatever the source. A source that goes on for
 * ever (core/source.h: it has a descriptor) is waited for, and its mirrors are kept in step with
 * the kernel (mirrors.h), until all that is traced is over, the time is up or a signal comes: then
 * it is drained. A source that ends by itself is read to its end; a signal interrupts it.
 */
#ifndef CMD_RUN_H
#define CMD_RUN_H

#include "cmd/child.h"
#include "cmd/places.h"
#include "cmd/progress.h"
#include "cmd/until.h"
#include "core/pipeline.h"
#include "core/source.h"
#include "core/whom.h"
#include "util/waiter.h"

/*
 * The kernel side wakes rarely, so the ring is looked into once in such a time; and a source from which
 * nothing came for as long is at rest.
 */
#define RUN_LOOK_NS 50000000ULL

struct run {
	struct pipeline *pipeline; /* these two are set by run_init(), and borrowed */
	struct source source;
	/* set by the caller, and borrowed; what is NULL or 0 is not wanted */
	const struct whom *whom;   /* the run ends when all that it names has ended */
	struct child *child;	   /* the command: let go first; the run ends with it */
	struct progress *progress; /* shown; can interrupt */
	struct places *places;	   /* snapshot_pid after each event */
	const struct until *until; /* the run ends when it is over */
	uint64_t duration_ns;
	bool verify;	      /* set to compare all mirrors at the end */
	uint64_t verify_ns;   /* between two rounds */
	uint64_t nr_restless; /* out: processes that never kept still to be verified */
	/* the loop's own */
	struct source_reader reader;
	struct waiter *waiter;
	bool has_more, is_time_up, is_verify_due;
	uint64_t nr_events, nr_events_healed; /* fed, and when mirrors were last healed */
	uint64_t noted_ns;		      /* when it was last said that a mirror was given up */
	uint64_t busy_ns;      /* CLOCK_BOOTTIME when events were last found to have come */
	uint32_t snapshot_pid; /* whose mappings are being read; 0: none */
	uint64_t warned_ns;    /* time of the event that the last warning was about */
};

/* Sets up a run with pl and source, and nothing else. */
void run_init(struct run *r, struct pipeline *pl, struct source source);
/*
 * Runs until the end. 0; -ECANCELED or another error of an output; -EINTR: a signal came before the
 * source's own end; or -errno of the source or of the command's exec.
 */
int run_go(struct run *r);

#endif
