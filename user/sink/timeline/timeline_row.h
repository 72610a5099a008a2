/* SPDX-License-Identifier: BSD-2-Clause */
/* One lane as one line: what it is, and its protection in each column of time. */
#ifndef SINK_TIMELINE_ROW_H
#define SINK_TIMELINE_ROW_H

#include "sink/timeline/timeline.h"

#define CHART_COLS_MAX 512

/* Where things stand in a line; a column of 0 is not shown. */
struct timeline_layout {
	struct buf *out;
	bool color;
	unsigned int addr_cols, size_cols, label_cols, note_cols, count_cols;
	unsigned int lead_cols; /* all of these, before the chart */
	unsigned int chart_cols;
	uint64_t t0_ns, t1_ns; /* what the chart spans */
};

/* Adjacent lanes of one object which look the same. */
struct row {
	const struct timeline_space *space;
	const struct lane *lane; /* the first of them */
	uint64_t end;
	uint64_t nr_changes;
	bool is_heap;
};

void layout_init(struct timeline_layout *l, struct buf *out, unsigned int width, bool color);

/* Set of states per column (see SPAN_BIT); 0: the address space did not exist. */
void row_cells(const struct timeline_layout *l, const struct timeline_space *ts,
	       const struct lane *lane, uint16_t cells[CHART_COLS_MAX]);

/* What a lane maps, escaped, in at most max_cols columns; " +2" if that was not all. */
size_t row_label(struct buf *b, const struct lane *lane, size_t max_cols);
/* Most pages of the heap's lane in each column; *ret_least is the least that was not nothing. */
uint32_t row_sizes(const struct timeline_layout *l, const struct row *r,
		   uint32_t sizes[CHART_COLS_MAX], uint32_t *ret_least);

void row_print(const struct timeline_layout *l, const struct row *r);
/* The heap's size over time, under its row. */
void row_print_sizes(const struct timeline_layout *l, const struct row *r);
/* Column heads and the axis of time. */
void row_print_axis(const struct timeline_layout *l);

/* The smallest round step of at least min_ns, and how a multiple of one is written. */
uint64_t axis_step(uint64_t min_ns);
int axis_label(char label[32], uint64_t t_ns);

/* Text between an attribute and its end, if colours are wanted. */
void paint_begin(const struct timeline_layout *l, const char *sgr);
void paint_end(const struct timeline_layout *l);
char glyph_of(uint16_t states);
const char *glyph_sgr(char glyph);

#endif
