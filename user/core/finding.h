/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A finding: a detector's verdict on changes. Changes of one kind in one region
 * are one finding which counts them, so it is told when it is made, again if it
 * gets worse, and for good when its process or the stream is over.
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

/* What a detector can find; static. */
struct rule {
	const char *id;
	const char *technique; /* of MITRE ATT&CK; NULL: none fits */
};

enum finding_state {
	FINDING_NEW,
	FINDING_WORSE, /* more severe than it was told */
	FINDING_OVER,  /* told for the last time: nr_changes is all there were */
};

/* The first changes of a finding are kept. */
#define FINDING_CHANGES 4

struct finding_change {
	uint64_t ts_ns, start, end;
	struct attr before, after; /* equal for a call that failed, and a fault */
	uint64_t number;	   /* the change's; 0: these made none */
};

struct life;

struct finding {
	uint64_t id; /* counts from 1 */
	const struct rule *rule;
	enum finding_state state;
	enum severity severity;
	struct buf why; /* one sentence without its full stop; what a process chose is escaped */
	/* whose */
	struct life *life; /* set for sinks (cast.h); NULL: it is over */
	uint32_t pid;
	uint64_t start_ns; /* of the process */
	char comm[17];
	const struct object *exe; /* NULL: not known */
	/* where, of all its changes */
	uint64_t start, end;
	const struct object *mapping; /* NULL: nothing is mapped there */
	/* Past a cap, others are folded into it: at most so many, for only the last is known again. */
	uint64_t nr_regions, other_start, other_end;
	struct caller caller; /* of the first */
	/* when */
	uint64_t first_ns, last_ns;
	/* what it rests on: changes, calls that failed, or faults */
	uint64_t nr_changes;
	struct finding_change changes[FINDING_CHANGES];
	unsigned int nr_kept;
};

#endif
