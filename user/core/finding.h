/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A finding: a detector's verdict on changes. Changes of one kind in one region
 * are counted in one finding, which is reported when it is made, again when it
 * gets worse, and for the last time when its process or the stream is over.
 */
#ifndef CORE_FINDING_H
#define CORE_FINDING_H

#include "core/change.h"
#include "util/buf.h"

enum severity {
	SEVERITY_INFO,	 /* worth knowing about a program; usual */
	SEVERITY_LOW,	 /* programs that make code do this, and so do attacks */
	SEVERITY_MEDIUM, /* few programs do this */
	SEVERITY_HIGH,	 /* hardly any program does this by itself */
	NR_SEVERITIES,
};

const char *severity_name(enum severity s);
/* The severity of a name, or -ENOENT. */
int severity_find(const char *name);

/* One kind of finding that a detector can raise; static. */
struct rule {
	const char *id;
	const char *technique; /* of MITRE ATT&CK; NULL: none fits */
};

enum finding_state {
	FINDING_NEW,
	FINDING_WORSE, /* more severe than when it was reported */
	FINDING_OVER,  /* reported for the last time: nr_changes is final */
};

/* The changes that become one finding. */
enum fold {
	FOLD_REGION,  /* changes of the same range, or of ranges that touch */
	FOLD_PROCESS, /* all changes of an address space */
	FOLD_NEVER,   /* none: each has a finding of its own */
};

/* The first changes of a finding are kept, as many as this. */
#define FINDING_CHANGES 4

struct finding_change {
	uint64_t ts_ns, start, end;
	struct attr before, after; /* equal for a call that failed, and a fault */
	uint64_t number;	   /* change.number; 0 for a call that failed, and a fault */
};

struct life;

struct finding {
	uint64_t id; /* counts from 1 */
	const struct rule *rule;
	enum finding_state state;
	enum severity severity;
	bool is_single; /* set for FOLD_NEVER */
	struct buf why; /* one sentence without its full stop; what a process chose is escaped */
	/* process */
	struct life *life; /* for sinks (cast.h); NULL: the life is over */
	uint32_t pid;
	uint64_t start_ns; /* of the process */
	char comm[17];
	const struct object *exe; /* NULL: not known */
	/* place: the range over all changes */
	uint64_t start, end;
	const struct object *mapping; /* NULL: nothing is mapped there */
	/*
	 * Other regions, folded into this one past FINDINGS_MAX: the last is [other_start,
	 * other_end), and nr_regions counts some twice, because only the last is recognised.
	 */
	uint64_t nr_regions, other_start, other_end;
	struct caller caller; /* of the first change */
	/* of the event at hand, while it is reported for that; NULL: none */
	const struct stack *stack;
	/* time, CLOCK_BOOTTIME */
	uint64_t first_ns, last_ns;
	/* evidence: changes, calls that failed, or faults */
	uint64_t nr_changes;
	uint64_t nr_calls;     /* events that made them: a call can change many mappings */
	uint64_t nr_elsewhere; /* further events in its region, which jit-like counts */
	uint64_t last_event;   /* the judge's number of the last event that is counted */
	struct finding_change changes[FINDING_CHANGES];
	unsigned int nr_kept;
};

#endif
