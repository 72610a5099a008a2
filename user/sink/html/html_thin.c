/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All rows are read, a window of time after the other, and what is left of each is written. Within
 * a window the rows of an address space are cut into pieces: ranges whose parts always changed
 * together.
 */
#include "sink/html/html_thin.h"

#include <stdlib.h>
#include <string.h>

#include "core/aspace.h"
#include "core/span.h"
#include "util/mem.h"

#define WINDOW_ROWS (1u << 18)
#define SLICES	    65536 /* of the whole time, at first */
#define WORK	    64	  /* pieces that a row may touch, on average */

struct thin_row {
	uint64_t ts_ns;
	uint32_t order; /* among those of one time */
	uint32_t cause; /* number in the table */
	uint64_t space, start, end;
	struct attr attr;
	uint64_t cell[MPW_NR_FACTS];
};

struct piece_past {
	uint64_t start;
	uint32_t nr, first, last; /* rows that changed it; last: NULL if nr is 0 */
	uint16_t states;	  /* set of those that it had in between */
};

struct thinning {
	const struct html_rows *from;
	size_t at[NR_HTML_COLUMNS], fact_at[MPW_NR_FACTS]; /* bytes that were read of the columns */
	uint64_t nr_read, ts_ns;			   /* rows */
	struct html_rows to;
	struct thin_row *in, *out; /* of the window at hand; in may have one row of the next */
	size_t nr_in, nr_out, cap_out;
	bool has_next;
};

static uint64_t take_number(const struct buf *b, size_t *at)
{
	uint64_t v = 0;
	unsigned int shift = 0;
	uint8_t byte;

	do {
		byte = b->data[(*at)++];
		v |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return v;
}

static void read_row(struct thinning *t, struct thin_row *ret)
{
	const struct html_rows *rows = t->from;
	uint64_t range, attr;
	uint32_t rest;

	t->ts_ns += take_number(&rows->column[HTML_TIME], &t->at[HTML_TIME]);
	range = take_number(&rows->column[HTML_RANGE], &t->at[HTML_RANGE]);
	attr = take_number(&rows->column[HTML_ATTR], &t->at[HTML_ATTR]);
	ret->ts_ns = t->ts_ns;
	ret->cause = take_number(&rows->column[HTML_CAUSE], &t->at[HTML_CAUSE]);
	html_rows_range(rows, range, &ret->space, &ret->start, &ret->end);
	html_rows_attr(rows, attr, &ret->attr);
	for (rest = FACTS_OF_EVENTS; rest; rest &= rest - 1) {
		int id = __builtin_ctz(rest);

		ret->cell[id] = take_number(&rows->facts.column[id], &t->fact_at[id]);
	}
	t->nr_read++;
}

/* Reads the rows of the next slice of time, or a part of them. */
static void read_window(struct thinning *t, uint64_t slice_ns)
{
	struct thin_row *in = t->in;

	t->nr_in = 0;
	if (t->has_next)
		in[t->nr_in++] = in[WINDOW_ROWS];
	t->has_next = false;
	while (t->nr_in < WINDOW_ROWS && t->nr_read < t->from->nr) {
		read_row(t, &in[t->nr_in]);
		if (in[t->nr_in].ts_ns / slice_ns != in[0].ts_ns / slice_ns) {
			in[WINDOW_ROWS] = in[t->nr_in];
			t->has_next = true;
			return;
		}
		t->nr_in++;
	}
}

static struct thin_row *put(struct thinning *t, const struct thin_row *row)
{
	if (t->nr_out == t->cap_out) {
		t->cap_out = t->cap_out ? 2 * t->cap_out : 1024;
		t->out = mem_grow(t->out, t->cap_out, sizeof(*t->out));
	}
	t->out[t->nr_out] = *row;
	t->out[t->nr_out].order = t->nr_out;
	return &t->out[t->nr_out++];
}

static bool is_several(const struct attr *a)
{
	return a->flags & HTML_SEVERAL;
}

/* Attributes of the part of the range that is n_bytes further on. */
static struct attr advance(const struct attr *a, uint64_t n_bytes)
{
	return is_several(a) ? *a : attr_advance(*a, n_bytes);
}

/* A part of a row. */
static void put_part(struct thinning *t, const struct thin_row *row, uint64_t start, uint64_t end)
{
	struct thin_row *part = put(t, row);

	part->attr = advance(&row->attr, start - row->start);
	part->start = start;
	part->end = end;
}

static uint16_t states_of(const struct attr *a)
{
	return is_several(a) ? (uint16_t)a->off : SPAN_BIT(span_state_of(a));
}

/* ---- pieces ---- */

static int compare_addresses(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Pieces between all ends of the rows' ranges, *ret_nr of them; the last has only a start. */
static struct piece_past *cut_pieces(const struct thin_row *rows, size_t nr, size_t *ret_nr)
{
	uint64_t *ends = mem_array(2 * nr, sizeof(*ends));
	struct piece_past *pieces;
	size_t i, n = 0;

	for (i = 0; i < nr; i++) {
		ends[2 * i] = rows[i].start;
		ends[2 * i + 1] = rows[i].end;
	}
	qsort(ends, 2 * nr, sizeof(*ends), compare_addresses);
	for (i = 0; i < 2 * nr; i++)
		if (!n || ends[i] != ends[n - 1])
			ends[n++] = ends[i];
	pieces = mem_array(n, sizeof(*pieces));
	for (i = 0; i < n; i++)
		pieces[i] = (struct piece_past){ .start = ends[i] };
	free(ends);
	*ret_nr = n - 1;
	return pieces;
}

static struct piece_past *piece_at(struct piece_past *pieces, size_t nr, uint64_t start)
{
	size_t lo = 0, hi = nr, mid;

	while (lo + 1 < hi) {
		mid = (lo + hi) / 2;
		if (pieces[mid].start <= start)
			lo = mid;
		else
			hi = mid;
	}
	return &pieces[lo];
}

/* The past of each piece. False if that were too much work. */
static bool trace_pieces(const struct thin_row *rows, size_t nr, struct piece_past *pieces,
			 size_t nr_pieces)
{
	size_t work = 0, i;

	for (i = 0; i < nr; i++) {
		struct piece_past *p = piece_at(pieces, nr_pieces, rows[i].start);

		for (; p->start < rows[i].end; p++, work++) {
			if (work > WORK * (nr + WORK))
				return false;
			if (p->nr++)
				p->states |= states_of(&rows[p->last].attr);
			else
				p->first = i;
			p->last = i;
		}
	}
	return true;
}

static struct attr attr_of(const struct thin_row *rows, const struct piece_past *p)
{
	return advance(&rows[p->last].attr, p->start - rows[p->last].start);
}

/* True if next, the neighbour of p, had the same changes, or ends up as p's continuation. */
static bool goes_on(const struct thin_row *rows, const struct piece_past *p,
		    const struct piece_past *next)
{
	struct attr a, b;

	if (!next->nr || (next->nr == 1) != (p->nr == 1))
		return false;
	if (next->first == p->first && next->last == p->last && next->nr == p->nr)
		return true;
	if (p->nr == 1)
		return false;
	a = attr_of(rows, p);
	a = advance(&a, next->start - p->start);
	b = attr_of(rows, next);
	return attr_equal(&a, &b);
}

/*
 * Writes the rest of neighbours, [p, end), which go on: their one change; or several states from the
 * first change to the last.
 */
static void put_run(struct thinning *t, const struct thin_row *rows, const struct piece_past *p,
		    const struct piece_past *end)
{
	const struct thin_row *last = &rows[p->last];
	struct thin_row several;
	const struct piece_past *q;
	uint32_t first = p->first, latest = p->last;
	uint16_t states = 0;

	for (q = p; q < end; q++) {
		first = q->first < first ? q->first : first;
		latest = q->last > latest ? q->last : latest;
		states |= q->states;
	}
	for (q = p; q < end; q++)
		if (q->last != latest)
			states |= states_of(&rows[q->last].attr);
	if (latest != first) {
		several = rows[first];
		several.start = p->start;
		several.end = end->start;
		several.attr = (struct attr){ .flags = VMA_UNKNOWN | HTML_SEVERAL,
					      .off = states,
					      .obj = rows[first].attr.obj ?: last->attr.obj };
		put(t, &several);
	}
	put_part(t, last, p->start, end->start);
	t->out[t->nr_out - 1].ts_ns = rows[latest].ts_ns;
}

/* Rows of one address space, in the order of time. */
static void thin_rows(struct thinning *t, const struct thin_row *rows, size_t nr)
{
	size_t nr_pieces, nr_before = t->nr_out, i = 0;
	struct piece_past *pieces = cut_pieces(rows, nr, &nr_pieces), *p = pieces, *next;
	bool is_traced = trace_pieces(rows, nr, pieces, nr_pieces);

	for (; is_traced && p < pieces + nr_pieces; p = next) {
		next = p + 1;
		while (p->nr && next < pieces + nr_pieces && goes_on(rows, next - 1, next))
			next++;
		if (p->nr)
			put_run(t, rows, p, next);
	}
	free(pieces);
	if (!is_traced && nr > WORK) {
		thin_rows(t, rows, nr / 2);
		thin_rows(t, rows + nr / 2, nr - nr / 2);
		return;
	}
	if (is_traced && t->nr_out - nr_before < nr)
		return;
	t->nr_out = nr_before; /* nothing was gained */
	for (; i < nr; i++)
		put(t, &rows[i]);
}

/* ---- windows ---- */

static int compare_spaces(const void *a, const void *b)
{
	const struct thin_row *x = a, *y = b;

	if (x->space != y->space)
		return x->space < y->space ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int compare_times(const void *a, const void *b)
{
	const struct thin_row *x = a, *y = b;

	if (x->ts_ns != y->ts_ns)
		return x->ts_ns < y->ts_ns ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void thin_window(struct thinning *t)
{
	size_t i, from = 0;

	for (i = 0; i < t->nr_in; i++)
		t->in[i].order = i;
	qsort(t->in, t->nr_in, sizeof(*t->in), compare_spaces);
	t->nr_out = 0;
	for (i = 1; i <= t->nr_in; i++) {
		if (i < t->nr_in && t->in[i].space == t->in[from].space)
			continue;
		thin_rows(t, t->in + from, i - from);
		from = i;
	}
	qsort(t->out, t->nr_out, sizeof(*t->out), compare_times);
	for (i = 0; i < t->nr_out; i++) {
		struct html_row row = { .ts_ns = t->out[i].ts_ns,
					.space = t->out[i].space,
					.start = t->out[i].start,
					.end = t->out[i].end,
					.attr = &t->out[i].attr };
		struct caller caller;

		html_rows_cause(t->from, t->out[i].cause, &row, &caller);
		html_rows_put(&t->to, &row, t->out[i].cell);
	}
}

/* Rows of from in slices of that length, as new rows. */
static struct html_rows thin_all(const struct html_rows *from, uint64_t slice_ns)
{
	struct thinning t = { .from = from, .ts_ns = from->start_ns };

	html_rows_init(&t.to, from->start_ns);
	t.to.ranges.max = from->ranges.max;
	t.in = mem_array(WINDOW_ROWS + 1, sizeof(*t.in));
	while (t.has_next || t.nr_read < from->nr) {
		read_window(&t, slice_ns);
		thin_window(&t);
	}
	free(t.in);
	free(t.out);
	return t.to;
}

/* False if the new rows have no room for what the old ones have: these stay then. */
static bool replace(struct html_rows *old, struct html_rows new)
{
	if (new.nr_dropped) {
		html_rows_done(&new);
		return false;
	}
	html_table_done(&new.words);
	new.words = old->words;
	new.nr_added = old->nr_added;
	new.nr_unnamed += old->nr_unnamed;
	old->words = (struct html_table){ 0 };
	html_rows_done(old);
	*old = new;
	return true;
}

/* True if the rows, or their ranges, have more than that many parts of four of their room. */
static bool has_more_than(const struct html_rows *rows, uint64_t max, unsigned int parts)
{
	return rows->nr > max / 4 * parts || rows->ranges.nr > rows->ranges.max / 4 * parts;
}

void html_thin(struct html_rows *rows, uint64_t max)
{
	uint64_t span_ns = rows->last_ns - rows->start_ns, slice_ns = span_ns / SLICES + 1;

	while (has_more_than(rows, max, 2) && slice_ns / 16 <= span_ns) {
		uint64_t nr = rows->nr;

		if (!replace(rows, thin_all(rows, slice_ns)))
			break;
		slice_ns *= rows->nr > nr - nr / 8 ? 16 : 4;
	}
	rows->is_dense = has_more_than(rows, max, 3);
}
