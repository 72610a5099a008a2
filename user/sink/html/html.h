/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the HTML timeline's collector (html_sink.c) hands to its page (html_page.c):
 * who had which address space when, and what happened to each (html_table.h).
 */
#ifndef SINK_HTML_H
#define SINK_HTML_H

#include "core/cast.h"
#include "sink/html/html_table.h"
#include "sink/sinks.h"

/* An address space, told under the first life that had it. */
struct html_space {
	uint32_t nr, owner;
	uint64_t start_ns, end_ns;
	bool was_known;	     /* when it began: what is not mapped is unmapped, and not unknown */
	uint64_t nr_changes; /* by calls */
};

/* It has this address space from then on. */
struct html_period {
	uint32_t space;
	bool by_exec;
	const struct object *exe; /* NULL: not known */
	uint64_t from_ns;
};

struct html_proc {
	struct life *life; /* held until the page is written */
	uint32_t nr;
	uint64_t nr_failed;
	struct buf facts; /* JSON: see html_facts.h */
	struct html_period *periods;
	uint32_t nr_periods;
};

struct html_loss {
	uint64_t ts_ns, lost;
	int64_t space; /* -1: of all */
};

struct html_finding {
	uint64_t id, first_ns, last_ns, start, end, nr_changes;
	enum severity severity;
	const struct rule *rule;
	char *why;
	size_t why_len;
	uint32_t proc, space;
};

struct html {
	struct html_config cfg;
	unsigned int slot; /* in lives and spaces */
	struct html_rows rows;
	struct html_proc **procs;
	struct html_space **spaces;
	struct html_loss *losses;
	struct html_finding *findings;
	size_t nr_procs, nr_spaces, nr_losses, nr_findings;
	uint64_t nr_procs_dropped, nr_findings_dropped;
	uint64_t facts_bytes; /* of all processes */
};

/* Write the page to h->cfg.out. 0, or -errno. */
int html_page(struct html *h, const struct totals *totals);

#endif
