/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An output as the verbs see it: its name, its options, and how it is opened. The table of all is
 * all.c; what it is while it runs is a struct sink.
 */
#ifndef SINK_OUTPUT_H
#define SINK_OUTPUT_H

#include "sink/line_config.h"
#include "util/opt.h"

/* Outputs of one kind stand for each other: a run has one of them. */
enum output_kind {
	OUTPUT_RECORDING, /* first: an output that fails, or had enough, stops those behind it */
	OUTPUT_LINES,	  /* as things happen */
	OUTPUT_TIMELINE,  /* protections over time */
	OUTPUT_REPORT,
	OUTPUT_AUDIT,
	OUTPUT_MAPS, /* one address space at a moment */
	OUTPUT_ADDR, /* one address in it */
	NR_OUTPUT_KINDS,
};

/* Options that several outputs heed. */
struct show_options {
	struct select select;
	struct scope scope;
	int severity;	 /* of findings at least: enum severity + 1; 0: as the output thinks best */
	int time;	 /* enum time_style */
	int color;	 /* enum term_color */
	bool stack;	 /* of calls */
	uint32_t fields; /* facts: a bit per enum mpw_fact */
	bool all;	 /* regions and processes to which nothing happens, too */
	bool no_header, utc;
	uint64_t since_ns;   /* what came before this is of no interest; 0: all is */
	uint64_t max_events; /* stop after as many lines; 0: never */
};

/* The run, as its outputs get it. All is borrowed, and outlives them. */
struct output_env {
	struct out *out;
	const struct run_info *run;
	const struct pipeline *pipeline;
	const struct show_options *show;
	const char *arguments; /* the program's, in one line */
};

/* Begins the options of an output: was it asked for, and where is it to go? */
struct output_choice {
	bool is_chosen;
	const char *path; /* NULL: where the data of all outputs goes */
	bool is_json;	  /* set if JSON is asked for of an output that has text, too */
};

struct output {
	const char *name; /* of the option that chooses it, if there is one */
	enum output_kind kind;
	/* Its own options, and the struct that they set, which begins with a struct output_choice. */
	const char *heading;
	const struct opt *rows; /* NULL: none */
	size_t options_bytes;
	bool asks_makers;  /* who made what is mapped is to be kept (core/makers.h) */
	bool asks_before;  /* what came up to since_ns matters to it: it heeds that by itself */
	bool shows_all;	   /* what it shows can be no part: show.scope is not heeded */
	bool tells_places; /* and builds, see event.h: /proc is to be asked */
	/* Finds fault with options: a sentence without its end, or NULL. May be NULL itself. */
	const char *(*check)(const void *options);
	/* 0, or -errno. */
	int (*open)(const struct output_env *env, void *options, struct sink *ret);
};

/* Ends with NULL. Of each kind the first is what is shown if none is asked for. */
extern const struct output *const all_outputs[];

/* Setters of rows that choose the output; offset is 0. */
opt_set_fn output_choose;
opt_set_fn output_choose_file;

/* The least severity of findings that are shown; preset if none was asked for. */
enum severity output_severity(const struct show_options *show, enum severity preset);
/* The width that text written to out should have: of its terminal, or for pipes. */
int output_width(const struct out *out);
struct line_config output_line_config(const struct output_env *env);

#endif
