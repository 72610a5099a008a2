/* SPDX-License-Identifier: BSD-2-Clause */
/* The report as an output. */
#ifndef SINK_REPORT_SINK_H
#define SINK_REPORT_SINK_H

#include "core/scope.h"
#include "core/sink.h"
#include "util/out.h"

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
	REPORT_MAPPED,
};

enum report_sort { REPORT_BY_CHANGES, REPORT_BY_FAILED, REPORT_BY_BYTES, REPORT_BY_CHURN };

struct report_config {
	struct out *out;		  /* borrowed; NULL: nothing is printed */
	const struct run_info *run;	  /* borrowed */
	const struct maker_table *makers; /* borrowed; NULL: they are not kept, and not reported */
	uint64_t since_ns;  /* only what was made after this is listed by maker; 0: all */
	struct scope scope; /* only these changes are summed up, and mappings in this place */
	enum report_by by;
	enum report_sort sort;
	uint64_t top; /* rows of a table at most; 0: what fits its purpose */
	bool shared;  /* shared objects in place of the tables */
	bool json, utc;
	int width; /* columns, at least 40 */
};

/* Prints when the stream has ended: who changed how much, who holds what. */
struct sink report_sink_new(const struct report_config *cfg);

#endif
