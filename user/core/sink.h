/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract of an output. The pipeline calls, for each event: event, then
 * begin_event, change for every change that the event made, and end_event. All
 * that callbacks are given is borrowed. NULL callbacks are skipped. A callback
 * that fails to write returns -errno, and the run stops with that error; sinks
 * never print errors.
 */
#ifndef CORE_SINK_H
#define CORE_SINK_H

#include "core/doubt.h"
#include "core/finding.h"

/* Facts about the run that sinks may show. */
struct run_info {
	const char *what;	  /* "pid 4242", "the whole machine", the command: for titles */
	const char *tier;	  /* "truth" or "inference" */
	const char *hook;	  /* "tracepoint" or "function"; or empty: not known */
	uint64_t boot_to_wall_ns; /* with an event's ts_ns added: nanoseconds since 1970 */
	uint64_t start_ns;	  /* CLOCK_BOOTTIME when tracing began */
	uint64_t max_map_count;	  /* vm.max_map_count; 0: not known */
	uint32_t left_pid;	  /* at the end: the command, if it ran on; 0: it did not */
	bool is_named;		  /* set for processes by pid and a command; else all that match */
	char boot_id[37];
};

/* Counts over the shown events, which those of siblings are not. */
struct totals {
	uint64_t events, changes, failed, lost;
	uint64_t over_share;	      /* of the lost: more than the share of who wrote them */
	uint64_t writes;	      /* EVENT_WRITE */
	uint64_t calls[MPW_NR_CALLS]; /* also those that failed, or had no effect */
	uint64_t answered; /* calls that did not run: a seccomp filter or a tracer gave the result */
	uint64_t guards_dropped;      /* times that an address space had too many guard regions */
	uint64_t repairs;	      /* ranges that a snapshot put right */
	uint64_t compared, differing; /* mirrors that were checked, that were wrong */
	uint64_t not_compared;	      /* checked, and nothing of them was known */
	uint64_t differences;	      /* ranges that a check found wrong, and repaired */
	uint64_t nr_procs;	      /* processes seen */
	uint64_t dropped; /* changes that detectors had no room for: findings may be missing */
	struct doubts doubts;
	uint64_t end_ns; /* CLOCK_BOOTTIME when tracing ended */
};

struct life;
struct space;

struct sink {
	const struct sink_ops *ops;
	void *priv;
	unsigned int *slot; /* out: the sink's slot in lives and spaces; NULL: it needs none */
	uint64_t since_ns;  /* it is called for nothing that happened up to this; 0: for all */
};

struct sink_ops {
	const char *name;
	/* An event came, as the source gave it. Not applied if a sink returns an error. */
	int (*event)(void *priv, const struct event *ev);
	/*
	 * The event is about to be applied. proc is NULL for an EVENT_LOSS of any process, else it
	 * has its life and space (cast.h). On EVENT_FORK proc is the parent, and child the new
	 * process, its mirror already copied; child is NULL for others.
	 */
	int (*begin_event)(void *priv, const struct event *ev, const struct proc *proc,
			   const struct proc *child);
	int (*change)(void *priv, const struct change *ch);
	/* A finding is new or worse, after the change or the end_event it is about; or is over. */
	int (*finding)(void *priv, const struct finding *f);
	/*
	 * Callbacks of the cast cannot fail, and come even when a sink has failed, so that slots
	 * are cleared. A life left a space: it has another now, or is over. Called before
	 * begin_event, on an exit after end_event; ev is NULL at the end of the stream. A sink that
	 * keeps something in the space's slot must free it when no shown life is in the space
	 * (nr_shown).
	 */
	void (*life_left)(void *priv, struct life *l, struct space *sp, const struct event *ev);
	/* A life is over, and has left its space. */
	void (*life_over)(void *priv, struct life *l);
	/* Records of the space were lost. Called after begin_event, for every space of the loss. */
	void (*space_lost)(void *priv, struct space *sp, const struct event *ev);
	/* A snapshot of [ev->lo, ev->hi) of the space was applied. Called before end_event. */
	void (*space_healed)(void *priv, struct space *sp, const struct event *ev);
	/*
	 * Names that nobody holds are about to be freed: forget objects that are not held (object.h).
	 * A sink that keeps objects, and can't, has keeps_objects set instead: names are kept, too.
	 */
	void (*forget)(void *priv);
	bool keeps_objects;
	/* The event was applied, and made nr_changes changes. */
	int (*end_event)(void *priv, const struct event *ev, const struct proc *proc,
			 unsigned int nr_changes);
	/* The source has nothing more for now: write out all that is buffered. */
	int (*flush)(void *priv);
	/* The stream ended. totals are final. */
	int (*finish)(void *priv, const struct totals *totals);
	/* Adds a sentence on what the output lacks, without a full stop; after finish. */
	void (*remark)(void *priv, struct buf *b);
	void (*free)(void *priv);
};

#endif
