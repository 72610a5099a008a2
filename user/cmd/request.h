/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command line of a verb that runs over a stream of events: a struct for each group of options,
 * and those of the outputs that the verb offers.
 */
#ifndef CMD_REQUEST_H
#define CMD_REQUEST_H

#include "core/whom.h"
#include "sink/output.h"
#include "source/live.h"

struct verb;

struct whom_options {
	struct whom whom;
	bool all_processes, no_follow;
	uint64_t cgroup_id; /* of whom.cgroup, in a live trace; see cgroup.h */
	uint32_t cgroup_level;
};

struct engine_options {
	uint64_t ring_bytes;
	int tier; /* enum live_tier */
	int hook; /* enum live_hook */
	bool compat;
};

struct check_options {
	bool verify, strict;
	uint64_t verify_ns; /* between two rounds; 0: at the end only */
};

struct judge_options {
	const char *rules;
	int fail_on; /* enum severity + 1; 0: never */
};

struct until_options {
	char *words; /* owned: rules, or severities, with commas between them; NULL: none */
	uint64_t more_ns;
};

/* The timeline behind the lines. */
struct epilogue_options {
	bool wanted, unwanted;
};

struct about_options {
	bool quiet, help, version, schema;
	int verbose;
};

#define REQUEST_OUTPUTS_MAX 16

struct request {
	const struct verb *verb;
	struct whom_options target;
	const char *input;	/* a recording, in place of the running kernel; NULL */
	const char *output;	/* where data goes; NULL: stdout */
	const char *at, *since; /* moments of the recording; NULL: its end, its start */
	struct show_options show;
	struct epilogue_options epilogue;
	uint64_t duration_ns;
	struct until_options until;
	struct judge_options judge;
	struct engine_options engine;
	struct check_options check;
	struct about_options about;
	bool progress; /* set to show the progress of reading a recording even if quiet */
	void *own;     /* the verb's own options */
	void *outputs[REQUEST_OUTPUTS_MAX]; /* options, in the order of all_outputs; NULL: not offered */
	bool keeps_rights;		    /* set to give up no rights (rights.h) */
	bool learn;			    /* set if rules are written in place of all else */
	char **command;			    /* NULL: none */
	char **operands;		    /* words behind the options; NULL-ended */
	int nr_operands;
	char *arguments; /* the whole command line */
};

/*
 * Fills req from the arguments of a verb. 0, or -EINVAL after a sentence on stderr. request_done()
 * frees what was allocated, in either case.
 */
int request_parse(struct request *req, const struct verb *verb, int argc, char **argv);
void request_done(struct request *req);
/* Prints the options that the verb takes, for --help. */
void request_help(const struct verb *verb);

/* The options of the output with this name, if the verb offers it; else NULL. */
void *request_output_options(const struct request *req, const char *name);
/* True if the output of this kind is to be opened. run holds what is known of the run by then. */
bool request_wants(const struct request *req, enum output_kind kind, const struct run_info *run);
/* The output of this kind that was asked for, or the first; *ret_options are its options. */
const struct output *request_output(const struct request *req, enum output_kind kind,
				    void **ret_options);

#endif
