/* SPDX-License-Identifier: BSD-2-Clause */
/* Each write is shown once at least: below its rows, or below the last row of its process. */
#include "sink/timeline/timeline_writes.h"

#include "sink/finding_line.h"
#include "util/escape.h"
#include "util/fmt.h"

#define INDENT 6

bool row_is_written(const struct timeline *t, const struct row *row)
{
	size_t nr;
	const struct write_mark *w = writes_of(&t->writes, row->space->nr, &nr);

	for (; nr && !write_mark_in(w, row->lane->start, row->end); nr--)
		w++;
	return nr;
}

static void sum_up(struct write_mark *sum, const struct write_mark *w)
{
	if (w->start == w->end || sum->start == sum->end) {
		sum->start = sum->end = 0;
	} else {
		sum->start = w->start < sum->start ? w->start : sum->start;
		sum->end = w->end > sum->end ? w->end : sum->end;
	}
	sum->last_ns = w->last_ns > sum->last_ns ? w->last_ns : sum->last_ns;
	sum->nr += w->nr;
}

static void take(struct row_writes *rw, const struct timeline_layout *l, struct write_mark *w)
{
	unsigned int first = layout_col(l, w->first_ns), last = layout_col(l, w->last_ns), i;

	for (i = first + 1; i < last; i++)
		if (rw->cells[i] == ' ')
			rw->cells[i] = '-';
	rw->cells[first] = rw->cells[last] = '^';
	w->is_shown = true;
	for (i = 0; i < rw->nr_by && !write_mark_by_one(&rw->by[i], w); i++)
		;
	if (i == WRITERS_SHOWN)
		rw->nr_others += w->nr;
	else if (i < rw->nr_by)
		sum_up(&rw->by[i], w);
	else
		rw->by[rw->nr_by++] = *w;
}

static void init(struct row_writes *rw)
{
	rw->nr_by = rw->nr_others = 0;
	memset(rw->cells, ' ', sizeof(rw->cells));
}

void row_writes_take(struct row_writes *rw, const struct timeline_layout *l,
		     const struct timeline *t, const struct row *row)
{
	size_t nr;
	struct write_mark *w = writes_of(&t->writes, row->space->nr, &nr);

	init(rw);
	for (; nr; w++, nr--)
		if (write_mark_in(w, row->lane->start, row->end))
			take(rw, l, w);
}

void row_writes_take_rest(struct row_writes *rw, const struct timeline_layout *l,
			  const struct timeline *t, const struct timeline_life *tl)
{
	init(rw);
	for (const struct timeline_space *ts = tl->spaces; ts; ts = ts->next) {
		size_t nr;
		struct write_mark *w = writes_of(&t->writes, ts->nr, &nr);

		for (; nr; w++, nr--)
			if (!w->is_shown)
				take(rw, l, w);
	}
}

static void put_since(struct buf *b, const struct timeline_layout *l, uint64_t ts_ns)
{
	buf_putc(b, '+');
	fmt_duration(b, ts_ns > l->t0_ns ? ts_ns - l->t0_ns : 0);
}

void row_writer_put(struct buf *b, const struct timeline_layout *l, const struct write_mark *by)
{
	struct buf raw = { 0 };

	put_since(b, l, by->first_ns);
	buf_putc(b, ' ');
	write_mark_put(&raw, by, by->nr);
	escape_text(b, raw.data, raw.len);
	buf_done(&raw);
	if (by->start < by->end) {
		buf_puts(b, by->nr > 1 ? " within " : " at ");
		buf_hex(b, by->start);
		buf_putc(b, '-');
		buf_hex(b, by->end);
	}
	if (by->last_ns > by->first_ns) {
		buf_puts(b, ", until ");
		put_since(b, l, by->last_ns);
	}
}

void row_writes_print(const struct row_writes *rw, const struct timeline_layout *l, int width)
{
	struct buf text = { 0 };

	if (!rw->nr_by)
		return;
	row_print_marks(l, "writes", rw->cells);
	for (size_t i = 0; i < rw->nr_by; i++) {
		row_writer_put(&text, l, &rw->by[i]);
		buf_fill(l->out, ' ', INDENT);
		text_wrap(l->out, text.data, text.len, INDENT, width);
		buf_putc(l->out, '\n');
		text.len = 0;
	}
	buf_done(&text);
	if (!rw->nr_others)
		return;
	buf_fill(l->out, ' ', INDENT);
	buf_puts(l->out, "... and ");
	fmt_count(l->out, rw->nr_others, "write");
	buf_puts(l->out, " by others\n");
}
