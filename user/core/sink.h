/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract of an output. The pipeline calls, for each event: event, then
 * begin_event, change for every change it made, and end_event.
 * NULL callbacks are skipped. A callback that fails to write returns -errno,
 * and the run stops with that; sinks never print errors.
 */
#ifndef CORE_SINK_H
#define CORE_SINK_H

#include "core/finding.h"

/* Facts about the run that sinks may show. */
struct run_info {
	const char *what;	  /* "pid 4242", "the whole machine", the command: for titles */
	const char *tier;	  /* "truth" or "inference" */
	uint64_t boot_to_wall_ns; /* add to an event's ts_ns: nanoseconds since 1970 */
	uint64_t start_ns;	  /* CLOCK_BOOTTIME when tracing began */
	uint64_t max_map_count;	  /* vm.max_map_count; 0: not known */
	bool is_named;		  /* of processes or a command, not of all that match */
	char boot_id[37];
};

/* Of what is shown: events of siblings are none of it. */
struct totals {
	uint64_t events, changes, failed, lost;
	uint64_t calls
		[MPW_NR_CALLS]; /* all that were traced, failed ones and those without effect too */
	uint64_t repairs;	/* ranges that a snapshot put right */
	uint64_t compared, differing; /* mirrors, by checks */
	uint64_t differences;	      /* ranges that differed, and were repaired */
	uint64_t nr_procs;	      /* processes seen */
	uint64_t dropped; /* changes for which detectors had no room: findings may be missing */
	uint64_t end_ns;  /* CLOCK_BOOTTIME when tracing ended */
};

struct life;
struct space;

struct sink {
	const struct sink_ops *ops;
	void *priv;
	unsigned int *slot; /* set to its slot in lives and spaces; NULL: it needs none */
};

struct sink_ops {
	const char *name;
	/* An event came: as the source gave it. After an error nothing is made of it. */
	int (*event)(void *priv, const struct event *ev);
	/* An event is about to be applied; proc may be NULL (EVENT_LOSS of any process), else it has
	 * its life and space (cast.h). On
	 * EVENT_FORK proc is the parent and child the new process, its mirror already copied. */
	int (*begin_event)(void *priv, const struct event *ev, const struct proc *proc,
			   const struct proc *child);
	int (*change)(void *priv, const struct change *ch);
	/* A detector found something in the change before, or in the event that was applied; or
	 * a finding is over. */
	int (*finding)(void *priv, const struct finding *f);
	/*
	 * The cast's, which cannot fail, and are told even when a sink has failed: what is in slots
	 * would be left behind. A life has left a space: it has another now, or is over. Told before begin_event, but for
	 * an exit: after end_event; ev NULL: at the end of the stream. Who holds something in the
	 * space's slot lets go of it when nobody that is told of has it any more.
	 */
	void (*life_left)(void *priv, struct life *l, struct space *sp, const struct event *ev);
	/* A life is over, and has left its space. */
	void (*life_over)(void *priv, struct life *l);
	/* Records of the space were lost: told after begin_event, whoever the loss is of. */
	void (*space_lost)(void *priv, struct space *sp, const struct event *ev);
	/* A snapshot said what is in [ev->lo, ev->hi), whoever told it: before end_event, after
	 * the changes. */
	void (*space_healed)(void *priv, struct space *sp, const struct event *ev);
	/* It has been applied, and made nr_changes changes. */
	int (*end_event)(void *priv, const struct event *ev, const struct proc *proc,
			 unsigned int nr_changes);
	/* The source is drained for now: show what is waiting. */
	int (*flush)(void *priv);
	/* The stream ended. */
	int (*finish)(void *priv, const struct totals *totals);
	void (*free)(void *priv);
};

#endif
