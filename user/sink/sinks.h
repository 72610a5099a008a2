/* SPDX-License-Identifier: BSD-2-Clause */
/* The outputs that exist. Each takes its out and config over by value where it says so. */
#ifndef SINK_SINKS_H
#define SINK_SINKS_H

#include "core/sink.h"
#include "util/out.h"

struct pipeline;

enum time_style { TIME_WALL, TIME_REL, TIME_DELTA };

/* What lines are shown: events by call or lifecycle name, and failed ones alone. */
struct select {
	uint64_t calls; /* bit per enum mpw_call */
	uint32_t types; /* bit per enum event_type, for others than EVENT_CALL */
	bool failed_only;
	bool findings_only; /* nothing but findings and losses */
};

/* Everything. */
void select_all(struct select *sel);
/* "mprotect,mmap", "!brk", "exec": 0, or -ENOENT with *ret_word (inside set) at the unknown name. */
int select_parse(struct select *sel, const char *set, const char **ret_word);
bool select_wants(const struct select *sel, const struct event *ev);

struct line_config {
	struct out *out;	    /* borrowed; the owner closes it after the run */
	const struct run_info *run; /* borrowed */
	struct select select;
	enum time_style time;
	bool utc;
	bool header;		    /* text: column names first */
	bool color;		    /* text */
	int width;		    /* text: columns of the terminal; 0: lines are never cut */
	enum severity min_severity; /* of findings */
	bool stack;		    /* stacks of calls, where there are any */
	uint32_t fields;	    /* facts that are asked for: a bit per enum mpw_fact */
	uint64_t max_events;	    /* stop after as many shown events with -ECANCELED; 0: never */
};

struct timeline_config {
	struct out *out;	    /* borrowed */
	const struct run_info *run; /* borrowed */
	bool all;		    /* every lane of every process */
	enum severity min_severity; /* of findings that are told */
	bool color;
	int width; /* columns, at least 40 */
	bool utc;
	bool svg; /* as a picture, not as text */
};

struct html_config {
	struct out *out;	    /* borrowed */
	const struct run_info *run; /* borrowed */
	bool utc;		    /* times of day; else those of who looks */
};

/* For trace viewers: Perfetto's format, or Chrome's JSON. */
struct tracks_config {
	struct out *out;	    /* borrowed */
	const struct run_info *run; /* borrowed */
	bool chrome;
	bool all;		    /* regions to which no call happens, too */
	enum severity min_severity; /* of findings */
};

/* The tables of a report. */
enum report_by {
	REPORT_PAGE, /* the most of each */
	REPORT_PROCESS,
	REPORT_EXE,
	REPORT_MAPPING,
	REPORT_CALLER,
	REPORT_TRANSITION,
	NR_REPORT_TABLES, /* of sums; those behind are of address spaces */
	REPORT_RIGHTS = NR_REPORT_TABLES,
	REPORT_GROWTH,
};

enum report_sort { REPORT_BY_CHANGES, REPORT_BY_FAILED, REPORT_BY_BYTES, REPORT_BY_CHURN };

struct report_config {
	struct out *out;	    /* borrowed */
	const struct run_info *run; /* borrowed */
	enum report_by by;
	enum report_sort sort;
	uint64_t top; /* rows of a table at most; 0: what fits its purpose */
	bool shared;  /* shared objects in place of the tables */
	bool json, utc;
	int width; /* columns, at least 40 */
};

struct record_config {
	const char *path;
	bool force;			 /* a file that is there is replaced */
	const char *arguments;		 /* of the program, for people */
	const struct run_info *run;	 /* borrowed */
	const struct pipeline *pipeline; /* borrowed: its mirrors go into key frames */
	/* Another file begins at this size or age (0: never); so many that are closed are kept (0: all). */
	uint64_t rotate_bytes, rotate_ns, keep;
	bool compress; /* closed ones */
};

struct sink text_sink_new(const struct line_config *cfg);
struct sink json_sink_new(const struct line_config *cfg);
/* Prints at finish. */
struct sink timeline_sink_new(const struct timeline_config *cfg);
/* Writes one self-contained page at finish. */
struct sink html_sink_new(const struct html_config *cfg);
/* Writes as it goes; whole at finish. */
struct sink tracks_sink_new(const struct tracks_config *cfg);
/* Prints at finish: who changed how much, who holds what. */
struct sink report_sink_new(const struct report_config *cfg);

/*
 * Makes the file: mode 0600, never through a symbolic link. 0, or -errno. It is whole when the
 * sink is freed, and readable before.
 */
int record_sink_new(const struct record_config *cfg, struct sink *ret);

/* The JSON Schema of one line of the JSON sink's output. */
extern const char json_sink_schema[];

#endif
