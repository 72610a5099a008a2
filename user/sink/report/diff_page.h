/* SPDX-License-Identifier: BSD-2-Clause */
/* Two reports beside each other: rows of the same name, and by how much they differ. */
#ifndef SINK_DIFF_PAGE_H
#define SINK_DIFF_PAGE_H

#include "sink/report/report_sink.h"

struct report;

struct diff_config {
	struct out *out; /* borrowed */
	bool json;
	bool all;     /* set to show rows that do not differ, too */
	uint64_t top; /* rows of a table at most; 0: as many as a page has */
};

/*
 * A report's collector, which prints nothing: *ret is the report, valid until the sink is freed, and
 * complete when the stream has ended. run and makers are borrowed. Of what is mapped, what was made
 * after since_ns counts.
 */
struct sink diff_collector(const struct run_info *run, const struct maker_table *makers,
			   uint64_t since_ns, struct report **ret);
/* Processes of the report. */
size_t diff_nr_processes(struct report *r);
/* Formats what differs from a to b, which are called by these names, into cfg->out. */
void diff_page(const struct diff_config *cfg, struct report *const sides[2],
	       const char *const names[2]);

#endif
