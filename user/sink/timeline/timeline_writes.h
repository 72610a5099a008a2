/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes by a process's number as marks below a row: in which columns, and by whom. */
#ifndef SINK_TIMELINE_WRITES_H
#define SINK_TIMELINE_WRITES_H

#include "sink/timeline/timeline_row.h"

#define WRITERS_SHOWN 4 /* below a row; more are only counted */

struct row_writes {
	char cells[CHART_COLS_MAX]; /* '^': a write; '-': between several of one mark; ' ': none */
	struct write_mark by[WRITERS_SHOWN]; /* summed up over the row */
	size_t nr_by;
	uint64_t nr_others; /* writes by others than these */
};

/* True if somebody wrote into the row. */
bool row_is_written(const struct timeline *t, const struct row *row);
/* Gathers the writes into the row, which are shown then. */
void row_writes_take(struct row_writes *rw, const struct timeline_layout *l,
		     const struct timeline *t, const struct row *row);
/* Gathers those into the spaces of tl that were not shown so far. */
void row_writes_take_rest(struct row_writes *rw, const struct timeline_layout *l,
			  const struct timeline *t, const struct timeline_life *tl);
/* One of rw->by as words, escaped: "+4 ms written by gdb 77 with ptrace at 400800-400808". */
void row_writer_put(struct buf *b, const struct timeline_layout *l, const struct write_mark *by);
/* Prints the marks, and a line for each writer; nothing if there are none. */
void row_writes_print(const struct row_writes *rw, const struct timeline_layout *l, int width);

#endif
