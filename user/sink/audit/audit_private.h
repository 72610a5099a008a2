/* SPDX-License-Identifier: BSD-2-Clause */
/* What the audit has collected, for those who write it down. */
#ifndef SINK_AUDIT_PRIVATE_H
#define SINK_AUDIT_PRIVATE_H

#include "sink/audit/audit.h"
#include "util/buf.h"

#define OFFENCES_MAX 200
#define EXECS_KEPT   64

enum offence_kind {
	OFFENCE_CALL,
	OFFENCE_LOADED, /* a mapping that an exec made */
	OFFENCE_FOUND,	/* a mapping that was there when its process was first seen */
};

/* Things of one kind that one of the two would refuse. */
struct offence {
	/* what is alike in all */
	enum offence_kind kind;
	enum mpw_call call;
	const struct object *exe;     /* NULL: not known */
	const struct object *mapping; /* NULL: nothing, or not known */
	struct caller caller;
	struct attr before, after; /* after: what was asked for */
	int error;		   /* of the call as it was; 0: none */
	/* of the first */
	uint32_t pid;
	char comm[17];
	uint64_t ts_ns, start, end;
	/* how many */
	uint64_t nr, nr_prctl, nr_unknown, nr_filter;
};

/* Both ways of MemoryDenyWriteExecute=, summed up. */
struct audit_sums {
	uint64_t nr_calls; /* that were looked at */
	uint64_t nr_prctl, nr_unknown, nr_filter;
	uint64_t nr_text_changed; /* modules whose text was changed, by whom is not known */
	bool seen;		  /* anything at all */
	enum mdwe prctl, filter;
};

struct audit_log {
	struct audit_config cfg;
	struct offence offences[OFFENCES_MAX];
	unsigned int nr_offences, last; /* last: met before this one */
	struct offence rest;		/* what found no room there: counts only */
	struct audit_sums sums;
	uint64_t execs[EXECS_KEPT]; /* numbers of spaces whose exec was seen, the last ones */
	unsigned int nr_execs;
	/* the event at hand */
	struct change change; /* the worst of its changes, and of these the first */
	bool has_change;
	enum mdwe worst; /* that was said of its changes */
};

/* What a module of a running process says by itself: would its loading have been refused? */
enum mdwe audit_module(const struct proc_state *s, const struct proc_module *m);

void audit_text_put(struct buf *b, const struct audit_log *log, const struct totals *totals);
void audit_json_put(struct buf *b, const struct audit_log *log, const struct totals *totals);

/* "yes", "no", "unsure" */
const char *audit_word(enum mdwe answer);

/* What can be done about it: sentences; NULL if nothing is known. */
const char *audit_advice(const struct offence *o);

#endif
