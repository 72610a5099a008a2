/* SPDX-License-Identifier: BSD-2-Clause */
/* The audit's log, as the collector (audit_sink.c) hands it to audit_text.c and audit_json.c. */
#ifndef SINK_AUDIT_PRIVATE_H
#define SINK_AUDIT_PRIVATE_H

#include "core/makers.h"
#include "sink/audit/audit.h"
#include "util/buf.h"

#define OFFENCES_MAX 200
#define EXECS_KEPT   64

enum offence_kind {
	OFFENCE_CALL,
	OFFENCE_LOADED, /* a mapping that an exec made */
	OFFENCE_FOUND,	/* a mapping that was there when its process was first seen */
};

/* Calls or mappings of one kind that the prctl or the filter would refuse. */
struct offence {
	/* alike in all of them */
	enum offence_kind kind;
	enum mpw_call call;
	const struct object *exe;     /* NULL: not known */
	const struct object *mapping; /* NULL: nothing, or not known */
	struct caller caller;
	struct attr before, after; /* after: as asked for */
	int error;		   /* of the call as it was; 0: none */
	/* the file that the loader mapped last before it made a stack executable; NULL: none */
	const struct object *asked_by;
	/* of the first of them */
	uint32_t pid;
	char comm[17];
	uint64_t ts_ns, start, end;
	char functions[MAKER_FUNCTIONS_MAX]; /* of its caller, see maker_functions() */
	/* all; refused by the prctl; maybe refused by the prctl; refused by the filter */
	uint64_t nr, nr_prctl, nr_unknown, nr_filter;
};

struct audit_sums {
	uint64_t nr_calls;			  /* that were checked */
	uint64_t nr_prctl, nr_unknown, nr_filter; /* as in struct offence */
	uint64_t nr_text_changed;		  /* modules whose text somebody changed */
	bool seen;				  /* set when there was an event or a state */
	enum mdwe prctl, filter;		  /* verdicts; valid when the sink has finished */
};

struct audit_log {
	struct audit_config cfg;
	unsigned int slot; /* in the cast's spaces: the file that was mapped last, or NULL */
	struct offence offences[OFFENCES_MAX];
	unsigned int nr_offences, last; /* last: index of the one counted last */
	struct offence rest;		/* others, which found no room: only counts are valid */
	struct audit_sums sums;
	uint64_t execs[EXECS_KEPT]; /* ring: numbers of spaces whose exec was seen */
	unsigned int nr_execs;
	/* of the event at hand */
	struct change change; /* the first of its worst changes */
	bool has_change;      /* set when change is valid */
	enum mdwe worst;      /* answer to its changes */
};

/* The prctl's answer to the loading of m, as far as m shows it. */
enum mdwe audit_module(const struct proc_state *s, const struct proc_module *m);
/* Count the answers to all modules of s. */
void audit_check_modules(struct audit_log *log, const struct proc_state *s);

void audit_text_put(struct buf *b, const struct audit_log *log, const struct totals *totals);
void audit_json_put(struct buf *b, const struct audit_log *log, const struct totals *totals);

/* Put advice against o, escaped; false if none is known. */
bool audit_advice(struct buf *b, const struct offence *o);
/* True for a dynamic loader, by its name. */
bool audit_is_loader(const struct object *obj);

#endif
