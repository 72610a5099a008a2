/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines and cells of the report's tables in text. */
#ifndef SINK_REPORT_TEXT_H
#define SINK_REPORT_TEXT_H

#include "sink/paragraph.h"
#include "sink/report/report.h"

struct report_text {
	struct report *r;
	struct buf *out;
	struct paragraph para;
	size_t line; /* where the line begins in out */
};

/* True if the page has the table by. */
bool text_wants(const struct report_text *p, enum report_by by);
uint64_t text_rows_at_most(const struct report_text *p);
/* Begins a table of nr rows with its title; nothing if there are none. */
void text_table(struct report_text *p, const char *title, size_t nr);
/* "... and 12 more processes", if there are more than are shown. */
void text_rest(struct report_text *p, size_t nr, size_t nr_shown, const char *noun);

void text_line(struct report_text *p);
void text_line_end(struct report_text *p);
/* Cells at the right end of a column of that width. */
void text_count(struct report_text *p, uint64_t n, size_t width);
void text_size(struct report_text *p, uint64_t n_bytes, size_t width);
/* "4242 node /usr/bin/node" */
void text_process(struct report_text *p, uint32_t pid, const char comm[17],
		  const struct object *exe);
/* Columns that are left in the line. */
size_t text_cols_left(const struct report_text *p);

/* Tables of what is mapped, and by whom; nothing if that was not kept. */
void mapped_page(struct report_text *p);

#endif
