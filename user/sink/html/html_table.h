/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the HTML timeline's page is made of, in columns: a row for each change, in
 * the order of time, which names its range, attributes and cause by their number in
 * tables without doubles; html_numbers.c gives the scripts what is named here. A number takes seven bits a byte, the lowest first. A table
 * that is full refuses: memory is bounded, and so is what a browser is given.
 */
#ifndef SINK_HTML_TABLE_H
#define SINK_HTML_TABLE_H

#include "core/change.h"
#include "sink/html/html_facts.h"
#include "util/buf.h"

struct html_item;

/* Things by their bytes, numbered from 0 in the order in which they came. */
struct html_table {
	struct html_item *items;
	uint32_t nr, max;
	struct buf json; /* what they are: array elements, each followed by a comma */
};

enum html_column {
	HTML_TIME,	   /* of rows: ns since the row before */
	HTML_RANGE,	   /* ... and numbers in the tables */
	HTML_ATTR,	   /* what the range is from then on */
	HTML_CAUSE,	   /* why */
	HTML_RANGE_SPACE,  /* of ranges: number of the address space */
	HTML_RANGE_START,  /* in pages; less that of the range before, zigzag */
	HTML_RANGE_LENGTH, /* in pages */
	NR_HTML_COLUMNS,
};

/* How a process ended, beside the numbers of wait(2), which are not negative. */
enum html_exit {
	HTML_EXIT_NONE = -1, /* it runs */
	HTML_EXIT_UNSEEN = -2,
};

struct html_rows {
	struct buf column[NR_HTML_COLUMNS];
	struct html_facts facts;
	struct html_table ranges, attrs, causes, objects, words;
	uint64_t nr, last_ns, last_page;
	uint64_t nr_dropped; /* rows that found no room */
	uint64_t full_ns;    /* when the first of these was; 0: none */
};

/* What happened to a range of an address space. */
struct html_row {
	uint64_t ts_ns;
	uint32_t space;
	uint64_t start, end;
	const struct attr *attr;
	const char *event;	     /* "mprotect", "fork"; static */
	uint32_t tid;		     /* 0: nobody's call */
	const struct caller *caller; /* NULL: not known */
	const struct facts *facts;   /* NULL: none */
};

void html_rows_init(struct html_rows *rows, uint64_t start_ns);
void html_rows_done(struct html_rows *rows);
void html_rows_add(struct html_rows *rows, const struct html_row *row);
/* A number as columns have it. */
void html_number_put(struct buf *b, uint64_t v);
/* One more than the number of a word, given as JSON; 0: the table is full. */
uint64_t html_table_word(struct html_table *t, const struct buf *json);
/* What happened at ts_ns found no room: nothing that follows is told. */
void html_rows_drop(struct html_rows *rows, uint64_t ts_ns);

#endif
