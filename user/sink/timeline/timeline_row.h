/* SPDX-License-Identifier: BSD-2-Clause */
/* One lane as one line: its place and mapping, and its protection in each column of time. */
#ifndef SINK_TIMELINE_ROW_H
#define SINK_TIMELINE_ROW_H

#include "sink/timeline/timeline.h"

#define CHART_COLS_MAX 512

/* Widths of a line's parts, in columns; a part of 0 columns is not shown. */
struct timeline_layout {
	struct buf *out; /* borrowed */
	bool color;
	unsigned int addr_cols, size_cols, label_cols, note_cols, count_cols;
	unsigned int lead_cols; /* all of these with their spaces, before the chart */
	unsigned int chart_cols;
	uint64_t t0_ns, t1_ns; /* of the chart's first and last column; set for each life */
};

/* Adjacent lanes of one object that look alike. */
struct row {
	const struct timeline_space *space;
	const struct lane *lane; /* the first of them */
	uint64_t end;		 /* of the last of them */
	uint64_t nr_changes;	 /* of all of them, and of those that it stands for */
	uint64_t nr_alike;	 /* rows that are not shown: this one stands for them */
	bool is_heap;		 /* set for the lane of [heap], which has sizes */
};

/* Divides width, at least 40 columns. */
void layout_init(struct timeline_layout *l, struct buf *out, unsigned int width, bool color);

/* The column of a moment. */
unsigned int layout_col(const struct timeline_layout *l, uint64_t ts_ns);

/* Sets of states of lane, per column (see SPAN_BIT); 0: ts did not exist. */
void row_cells(const struct timeline_layout *l, const struct timeline_space *ts,
	       const struct lane *lane, uint16_t cells[CHART_COLS_MAX]);

/*
 * Name of the lane's object, escaped, in at most max_cols columns; with " +2" if two others were
 * mapped there, too. Returns the columns added.
 */
size_t row_label(struct buf *b, const struct lane *lane, size_t max_cols);
/* That, and how many rows it stands for: " ×8191". */
size_t row_title(struct buf *b, const struct row *r, size_t max_cols);
/*
 * Most pages of the heap's lane in each column. Returns the most of all; *ret_least: the least that
 * was not 0.
 */
uint32_t row_sizes(const struct timeline_layout *l, const struct row *r,
		   uint32_t sizes[CHART_COLS_MAX], uint32_t *ret_least);

void row_print(const struct timeline_layout *l, const struct row *r);
/* The heap's size over time; no line if it never changed. */
void row_print_sizes(const struct timeline_layout *l, const struct row *r);
/* A line of marks, one in each column, with their name before them. */
void row_print_marks(const struct timeline_layout *l, const char *name, const char *cells);
/* Column heads and the axis of time. */
void row_print_axis(const struct timeline_layout *l);

/* The smallest round step of at least min_ns nanoseconds. */
uint64_t axis_step(uint64_t min_ns);
/* A tick and t_ns, in the largest unit that divides it: "'20 ms". Returns its length. */
int axis_label(char label[32], uint64_t t_ns);

/* Begin and end of text in a colour, if colours are wanted. sgr: as in "\033[…m". */
void paint_begin(const struct timeline_layout *l, const char *sgr);
void paint_end(const struct timeline_layout *l);
/* One character for a set of states; a space for none. */
char glyph_of(uint16_t states);

#endif
