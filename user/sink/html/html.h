/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The collection of the HTML timeline (html_sink.c), from which its page is written (html_page.c):
 * processes, the address spaces that each had, and the changes (html_rows.h).
 */
#ifndef SINK_HTML_H
#define SINK_HTML_H

#include "core/cast.h"
#include "sink/html/html_rows.h"
#include "sink/html/html_sink.h"
#include "sink/writes.h"

/* An address space, drawn under its owner: the first life that had it. */
struct html_space {
	uint32_t nr, owner; /* owner: number of a html_proc */
	uint64_t start_ns, end_ns;
	bool was_known;	     /* set if all else was unmapped at start_ns, and not unknown */
	uint64_t nr_changes; /* by calls */
};

/* The address space that a process has from from_ns on. */
struct html_period {
	uint32_t space;
	bool by_exec;
	const struct object *exe; /* NULL: not known */
	uint64_t from_ns;
};

struct html_proc {
	struct life *life; /* held until the page is written */
	uint32_t nr;
	uint64_t nr_failed;	     /* calls */
	struct buf facts;	     /* JSON: see html_facts.h */
	struct html_period *periods; /* in the order of time */
	uint32_t nr_periods;
};

struct html_loss {
	uint64_t ts_ns, lost;
	int64_t space; /* -1: all of them */
};

struct html_finding {
	uint64_t id; /* struct finding's */
	uint64_t first_ns, last_ns, start, end, nr_changes;
	enum severity severity;
	const struct rule *rule;
	char *why; /* escaped for people */
	size_t why_len;
	uint32_t proc, space; /* numbers */
};

struct html {
	struct html_config cfg;
	unsigned int slot; /* in lives and spaces: their html_proc and html_space */
	struct html_rows rows;
	struct html_proc **procs;
	struct html_space **spaces;
	struct html_loss *losses;
	struct html_finding *findings;
	struct writes writes; /* by html_space.nr */
	size_t nr_procs, nr_spaces, nr_losses, nr_findings;
	uint64_t nr_procs_dropped, nr_spaces_dropped, nr_findings_dropped;
	uint64_t facts_bytes; /* of all processes */
};

/* Write the page to h->cfg.out; totals: of the run. 0, or -errno. */
int html_page(struct html *h, const struct totals *totals);

#endif
