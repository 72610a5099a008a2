/* SPDX-License-Identifier: BSD-2-Clause */
/* The audit's log, as the collector (audit_sink.c) hands it to audit_text.c and audit_json.c. */
#ifndef SINK_AUDIT_PRIVATE_H
#define SINK_AUDIT_PRIVATE_H

#include "core/lsm.h"
#include "core/makers.h"
#include "sink/audit/audit.h"
#include "util/buf.h"

#define OFFENCES_MAX 200
#define EXECS_KEPT   64
#define PLACES_MAX   32
#define GROUPS_MAX   1024

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
	/* the file whose code was mapped last before the loader made a stack executable, or NULL */
	const struct object *asked_by;
	struct lsm_asks asks;
	/* of the first of them */
	uint32_t pid;
	char comm[17];
	uint64_t ts_ns, start, end;
	char functions[MAKER_FUNCTIONS_MAX]; /* of its caller, see maker_functions() */
	/* all; refused by the prctl; maybe refused by the prctl; refused by the filter */
	uint64_t nr, nr_prctl, nr_unknown, nr_filter;
};

/* Kinds of offences, as many as there is room for. */
struct offence_list {
	struct offence all[OFFENCES_MAX];
	unsigned int nr, last; /* last: index of the one counted last */
	struct offence rest;   /* others, which found no room: only counts are valid */
};

/* A file system with files that are executed. */
struct code_place {
	uint32_t dev;
	const struct object *first;
	uint64_t nr; /* executable mappings */
};

struct audit_sums {
	uint64_t nr_calls;			  /* that were checked */
	uint64_t nr_prctl, nr_unknown, nr_filter; /* as in struct offence */
	uint64_t nr_text_changed;		  /* modules whose text somebody changed */
	struct {
		uint64_t nr, nr_maybe;
	} asks[NR_LSM_ASKS];	 /* in both lists */
	bool seen;		 /* set when there was an event or a state */
	enum mdwe prctl, filter; /* verdicts; valid when the sink has finished */
};

/* A unit or a program. */
struct audit_group {
	char *name;	 /* raw bytes from outside; NULL of other_groups */
	size_t name_len; /* 0: not known */
	struct audit_sums sums;
	uint64_t nr_procs;
	struct caller caller; /* of the first call that the prctl refuses */
	bool in_doubt;	      /* set when not all of it was seen */
};

/* A process and its group. */
struct audit_life {
	struct audit_group *group; /* NULL: not known yet */
	struct audit_group before; /* what was seen of it until then: no name */
};

struct audit_log {
	struct audit_config cfg;
	/* in the cast's spaces: the file whose code was mapped last, or NULL; in its lives: audit_life */
	unsigned int slot;
	struct audit_group *groups[GROUPS_MAX]; /* with audit_config.by */
	unsigned int nr_groups;
	struct audit_group other_groups; /* those that found no room, as one */
	struct offence_list refused;	 /* by the prctl or the filter */
	struct offence_list asking;	 /* by neither; but security modules would be asked */
	struct code_place places[PLACES_MAX];
	unsigned int nr_places;
	bool places_unlisted; /* set when there are more */
	struct audit_sums sums;
	uint64_t execs[EXECS_KEPT]; /* ring: numbers of spaces whose exec was seen */
	unsigned int nr_execs;
	/* of the event at hand */
	struct audit_group *group; /* of its process, by what is known of it so far; or NULL */
	struct change change;	   /* the first of its worst changes */
	bool has_change;	   /* set when change is valid */
	enum mdwe worst;	   /* answer to its changes */
	struct lsm_asks asks;	   /* of an mprotect, by the mirror before it */
};

/* The prctl's answer to the loading of m, as far as m shows it. */
enum mdwe audit_module(const struct proc_state *s, const struct proc_module *m);
/* Count the answers to all modules of s. */
void audit_check_modules(struct audit_sums *sums, const struct proc_state *s);
/* Set the verdicts; certain: nothing that would be refused can have been missed. */
void audit_settle(struct audit_sums *s, bool certain);
/* "yes", "not certain", "no". */
const char *audit_verdict_word(enum mdwe answer);

/* Bytes of path, up to the innermost unit's name; len if there is none. */
size_t audit_unit_len(const char *path, size_t len);
/* The group that p is in now, or what stands for it until that is known; NULL: there are none. */
struct audit_group *audit_group_of(struct audit_log *log, const struct proc *p);
/* Not all was seen of l. */
void audit_group_doubt(struct audit_log *log, const struct life *l);
void audit_group_over(struct audit_log *log, struct life *l);
/* Set their verdicts, and sort them by these. */
void audit_groups_finish(struct audit_log *log, bool certain);
void audit_groups_text(struct buf *b, const struct audit_log *log);
void audit_groups_json(struct buf *b, const struct audit_log *log);
void audit_groups_free(struct audit_log *log);

/* The entry in which o is counted. */
struct offence *offence_fold(struct offence_list *l, const struct offence *o);

/* Keep in log what the call, which is about to be applied, asks for. */
void audit_asks_begin(struct audit_log *log, const struct event *ev, const struct mm *mm);
/* The needs of the call, which was applied. */
struct lsm_asks audit_asks_of(const struct audit_log *log, const struct event *ev,
			      const struct mm *mm);
/* The needs of whoever mapped a; loaded: exec did. */
struct lsm_asks audit_asks_mapped(const struct attr *a, bool loaded);
/* Note where a file that is executed now lies. */
void audit_note_code(struct audit_log *log, const struct change *ch);

void audit_text_put(struct buf *b, const struct audit_log *log, const struct totals *totals);
void audit_json_put(struct buf *b, const struct audit_log *log, const struct totals *totals);

/* Put advice against o, escaped; false if none is known. */
bool audit_advice(struct buf *b, const struct offence *o);
/* True for a dynamic loader, by its name. */
bool audit_is_loader(const struct object *obj);

#endif
