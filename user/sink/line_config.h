/* SPDX-License-Identifier: BSD-2-Clause */
/* Which events become lines, and how a line is written; of all outputs that write lines. */
#ifndef SINK_LINE_CONFIG_H
#define SINK_LINE_CONFIG_H

#include "core/scope.h"
#include "core/sink.h"
#include "util/out.h"

enum time_style { TIME_WALL, TIME_REL, TIME_DELTA };

/* Events that become lines: by call or lifecycle name, and failed ones alone. */
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
	struct scope scope;
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

#endif
