/* SPDX-License-Identifier: BSD-2-Clause */
/* A verb: what it is called, the options that it takes, and what it does with them. */
#ifndef CMD_VERB_H
#define CMD_VERB_H

#include "cmd/groups.h"
#include "cmd/request.h"

/* Words behind the options, on the command line. */
enum verb_words {
	WORDS_NONE,
	WORDS_COMMAND, /* behind "--": run and traced */
	WORDS_OPERANDS,
};

struct verb {
	const char *name;    /* NULL: the verb where none is named */
	const char *help;    /* a line for the list of verbs */
	const char *usage;   /* stands before the options in --help */
	const char *after;   /* stands behind them; NULL: nothing */
	unsigned int groups; /* GROUP()s, added up */
	unsigned int kinds;  /* of the outputs that it offers: bits by enum output_kind */
	bool findings_only;  /* set if lines are of findings and losses only */
	enum verb_words words;
	/* GROUP_OWN */
	const char *own_heading;
	const struct opt *own_rows;
	size_t own_bytes;
	/* Returns the exit status, after a sentence on stderr if it is no success. */
	int (*run)(struct request *req);
};

/* Verbs by name, from main.c; ends with NULL. */
extern const struct verb *const all_verbs[];
/* The verb where none is named. */
extern const struct verb trace_verb;

/* From main's arguments to its exit status. */
int verb_main(const struct verb *v, int argc, char **argv);
/* The run of most verbs: over the recording that is named, or else the running kernel. */
int verb_trace(struct request *req);

#endif
