/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of the live trace, parsed and checked. */
#ifndef CMD_TRACE_OPTIONS_H
#define CMD_TRACE_OPTIONS_H

#include "sink/audit/audit.h"
#include "sink/sinks.h"
#include "source/live.h"
#include "util/opt.h"
#include "util/term.h"

struct trace_options {
	struct whom whom;
	uint64_t cgroup_id; /* of whom.cgroup, for a live trace */
	uint32_t cgroup_level;
	bool all_processes, no_follow;
	/* what is shown */
	struct select select;
	bool failed_only;
	uint32_t fields;       /* facts: a bit per enum mpw_fact */
	int severity;	       /* of findings at least; enum severity + 1, 0: not given */
	int timeline_severity; /* the same in the timeline */
	const char *rules;
	bool learn; /* rules are written in place of all else */
	/* how it is shown */
	bool json, timeline, no_timeline, all, no_header, utc, quiet;
	bool progress; /* of a recording that is read, also if quiet */
	int time, color;
	const char *output;
	bool only_timeline, only_report;
	const char *html, *svg, *perfetto, *chrome; /* the timeline as such a file */
	struct audit *audit;			    /* NULL; or it is the only output */
	bool now;				    /* of an audit: look, do not trace */
	struct report_config report;		    /* what of it is asked for */
	/* recordings */
	const char *input;  /* shown in place of a live trace */
	const char *record; /* made of the live trace */
	bool force, compress;
	uint64_t rotate_bytes, rotate_ns, keep;
	const char *arguments; /* the program's, for the recording */
	/* when to stop */
	uint64_t duration_ns, max_events;
	int fail_on; /* enum severity + 1; 0: never */
	/* engine */
	uint64_t ring_bytes;
	int tier;
	bool compat;
	bool stack;
	bool verify;
	uint64_t verify_ns; /* between two rounds; 0: at the end only */
	bool strict, help, version, schema;
	int verbose;
	/* set after parsing */
	char **command; /* NULL: none */
};

extern const struct opt trace_rows[];

/*
 * Rows of a verb that is much like the live trace: trace_rows with those of own in place of
 * their namesakes (one without help takes it out), and the rest of own at the end. To be freed.
 */
struct opt *trace_rows_with(const struct opt *own);

/*
 * Fills o from options as rows have them; findings_only is the preset of the findings verb. 0, or
 * -EINVAL after a sentence on stderr. What was allocated is freed by trace_options_done().
 */
int trace_options_parse(struct trace_options *o, const struct opt *rows, bool findings_only,
			int argc, char **argv);
void trace_options_done(struct trace_options *o);

/* Setter for options whose metavar is a list of words, "A|B|C": stores the word's index plus value. */
opt_set_fn trace_set_word;

/* Are there lines, live or of a recording? */
bool trace_wants_lines(const struct trace_options *o);
/* Does the run end with something that has a timeline of its own? */
bool trace_wants_timeline(const struct trace_options *o, const struct run_info *run);

#endif
