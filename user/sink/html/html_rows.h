/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The data of the HTML timeline's page, in columns: a row for each change, in the order of time,
 * names its range, attributes and cause by number (html_table.h). html_numbers.c gives the page's
 * scripts the names of columns.
 */
#ifndef SINK_HTML_ROWS_H
#define SINK_HTML_ROWS_H

#include "core/change.h"
#include "sink/html/html_facts.h"
#include "sink/html/html_table.h"

enum html_column {
	HTML_TIME,	   /* of rows: ns since the row before */
	HTML_RANGE,	   /* of rows: number of the range */
	HTML_ATTR,	   /* of rows: number of the attributes that the range has from then on */
	HTML_CAUSE,	   /* of rows: number of the event with its caller */
	HTML_RANGE_SPACE,  /* of ranges: number of the address space */
	HTML_RANGE_START,  /* in pages, from the start of the range before; zigzag */
	HTML_RANGE_LENGTH, /* in pages */
	NR_HTML_COLUMNS,
};

/* Ends of a process that are no status of wait(2); a status is not negative. */
enum html_exit {
	HTML_EXIT_NONE = -1,   /* it still ran when the run ended */
	HTML_EXIT_UNSEEN = -2, /* the record of its exit was lost */
};

struct html_rows {
	struct buf column[NR_HTML_COLUMNS];
	struct html_facts facts;
	struct html_table ranges, attrs, causes, objects, words;
	uint64_t nr, start_ns, last_ns, last_page;
	uint64_t nr_added;   /* with those that thinning took away (html_thin.h) */
	bool is_dense;	     /* set when thinning gained too little to be tried again */
	uint64_t nr_dropped; /* rows that found no room, and all behind the first of them */
	uint64_t full_ns;    /* time of the first of them; 0: none */
	uint64_t nr_unnamed; /* rows that keep their rights, but not what is mapped */
};

/*
 * In the flags of attributes that stand for several states, one after the other, until the range
 * changes again; off is their set, as in span.h.
 */
#define HTML_SEVERAL (1 << 15)

/* A change of a range of an address space. */
struct html_row {
	uint64_t ts_ns;
	uint32_t space;
	uint64_t start, end;
	const struct attr *attr;
	const char *event;	     /* "mprotect", "fork"; static */
	uint32_t tid;		     /* 0: not made by a call */
	const struct caller *caller; /* NULL: not known */
	const struct facts *facts;   /* NULL: none */
};

void html_rows_init(struct html_rows *rows, uint64_t start_ns);
void html_rows_done(struct html_rows *rows);
void html_rows_add(struct html_rows *rows, const struct html_row *row);
/* As html_rows_add(), with cells of facts that were read from columns, and without thinning. */
void html_rows_put(struct html_rows *rows, const struct html_row *row, const uint64_t *cells);
/* Things by number. A row's cause is its event, tid and caller, for which caller has the room. */
void html_rows_range(const struct html_rows *rows, uint32_t nr, uint64_t *ret_space,
		     uint64_t *ret_start, uint64_t *ret_end);
void html_rows_attr(const struct html_rows *rows, uint32_t nr, struct attr *ret);
void html_rows_cause(const struct html_rows *rows, uint32_t nr, struct html_row *ret,
		     struct caller *caller);

#endif
