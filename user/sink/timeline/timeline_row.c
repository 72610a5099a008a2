/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Columns of a lane. A column shows the state that was entered in it, or the one that lasted
 * through it; two entered are "several". Writable and executable is shown however short it was, and
 * so is the start of a gap.
 */
#include "sink/timeline/timeline_row.h"

#include <stdio.h>
#include <string.h>

#include "util/escape.h"
#include "util/fmt.h"

#define TICK_COLS 10 /* at least, from one tick to the next */

/* ---- glyphs ---- */

char glyph_of(uint16_t states)
{
	static const char by_state[NR_SPAN_STATES] = {
		[SPAN_UNMAPPED] = '.', [SPAN_UNKNOWN] = '?', [SPAN_NONE] = '-',
		[SPAN_R] = 'r',	       [SPAN_W] = 'W',	     [SPAN_RW] = 'w',
		[SPAN_X] = 'X',	       [SPAN_RX] = 'x',	     [SPAN_WX] = '#',
	};

	if (!states)
		return ' ';
	if (states & SPAN_BIT(SPAN_WX))
		return '#';
	if (states & SPAN_BIT(SPAN_UNKNOWN))
		return '?';
	if (states & (states - 1))
		return '*';
	return by_state[__builtin_ctz(states)];
}

static const char *glyph_sgr(char glyph)
{
	switch (glyph) {
	case '#':
		return "1;31";
	case 'r':
		return "32";
	case 'w':
	case 'W':
		return "34";
	case 'x':
	case 'X':
		return "33";
	case '?':
		return "35";
	case '*':
		return "36";
	default:
		return "2";
	}
}

void paint_begin(const struct timeline_layout *l, const char *sgr)
{
	if (!l->color)
		return;
	buf_puts(l->out, "\033[");
	buf_puts(l->out, sgr);
	buf_putc(l->out, 'm');
}

void paint_end(const struct timeline_layout *l)
{
	if (l->color)
		buf_puts(l->out, "\033[0m");
}

/* ---- columns of time ---- */

void layout_init(struct timeline_layout *l, struct buf *out, unsigned int width, bool color)
{
	unsigned int label = width / 5 - 2, chart;

	memset(l, 0, sizeof(*l));
	l->out = out;
	l->color = color;
	l->label_cols = label < 10 ? 10 : label > 40 ? 40 : label;
	l->count_cols = strlen("changes");
	if (width >= 64) {
		l->addr_cols = width >= 132 ? 25 : 12;
		l->size_cols = 7;
		l->note_cols = 3;
	}
	l->lead_cols = l->label_cols + 1 + l->count_cols + 1;
	if (l->addr_cols)
		l->lead_cols += l->addr_cols + l->size_cols + l->note_cols + 3;
	chart = width - l->lead_cols - 2;
	l->chart_cols = chart < CHART_COLS_MAX ? chart : CHART_COLS_MAX;
}

unsigned int layout_col(const struct timeline_layout *l, uint64_t ts_ns)
{
	if (ts_ns <= l->t0_ns)
		return 0;
	if (ts_ns >= l->t1_ns)
		return l->chart_cols - 1;
	return (unsigned __int128)(ts_ns - l->t0_ns) * l->chart_cols / (l->t1_ns - l->t0_ns);
}

/* The column in which span i gives way to the next. */
static unsigned int col_after(const struct timeline_layout *l, const struct timeline_space *ts,
			      const struct spans *s, uint32_t i)
{
	return i + 1 < s->nr ? layout_col(l, s->v[i + 1].start_ns) : layout_col(l, ts->end_ns) + 1;
}

void row_cells(const struct timeline_layout *l, const struct timeline_space *ts,
	       const struct lane *lane, uint16_t cells[CHART_COLS_MAX])
{
	const struct spans *s = &lane->spans;

	memset(cells, 0, CHART_COLS_MAX * sizeof(*cells));
	for (uint32_t i = 0; i < s->nr; i++) {
		const struct span *sp = &s->v[i];
		unsigned int k = layout_col(l, sp->start_ns), busy = layout_col(l, sp->busy_ns);
		unsigned int after = col_after(l, ts, s, i);

		/* The first state was there from the start, and was not entered. */
		if (i > 0 || sp->busy_ns > sp->start_ns)
			for (; k <= busy; k++)
				cells[k] |= sp->states;
		for (; k < after; k++)
			cells[k] = sp->now;
		if (after < l->chart_cols && i + 1 < s->nr)
			cells[after] |= sp->now & SPAN_BIT(SPAN_WX);
	}
}

static void print_cells(const struct timeline_layout *l, const uint16_t *cells)
{
	char glyph, last = '\0';

	buf_putc(l->out, '|');
	for (unsigned int k = 0; k < l->chart_cols; k++) {
		glyph = glyph_of(cells[k]);
		if (glyph != last) {
			if (last)
				paint_end(l);
			paint_begin(l, glyph_sgr(glyph));
		}
		buf_putc(l->out, glyph);
		last = glyph;
	}
	paint_end(l);
	buf_puts(l->out, "|\n");
}

/* ---- before the chart ---- */

/* text, which is ASCII, at the right end of n_cols columns; and a space. */
static void put_right(const struct timeline_layout *l, const char *text, unsigned int n_cols)
{
	size_t len = strlen(text);

	if (len < n_cols)
		buf_fill(l->out, ' ', n_cols - len);
	buf_add(l->out, text, len < n_cols ? len : n_cols);
	buf_putc(l->out, ' ');
}

static void object_name(struct buf *b, const struct object *o, size_t max_cols)
{
	const char *base;

	switch (o->kind) {
	case OBJECT_HEAP:
		buf_puts(b, "[heap]");
		break;
	case OBJECT_STACK:
		buf_puts(b, "[stack]");
		break;
	case OBJECT_ANON:
		buf_puts(b, o->name_len ? "[anon:" : "[anon]");
		buf_add(b, o->name, o->name_len);
		if (o->name_len)
			buf_putc(b, ']');
		break;
	case OBJECT_FILE:
		base = memrchr(o->name, '/', o->name_len);
		if (base && escape_width(o->name, o->name_len) > max_cols)
			buf_add(b, base + 1, o->name + o->name_len - base - 1);
		else
			buf_add(b, o->name, o->name_len);
		break;
	case OBJECT_SPECIAL:
	case OBJECT_MEMFD:
	case OBJECT_SYSV:
	case OBJECT_SHARED_ANON:
	case OBJECT_UNKNOWN:
		buf_add(b, o->name, o->name_len);
		break;
	}
	if (o->deleted && o->kind == OBJECT_FILE)
		buf_puts(b, " (deleted)");
}

/* Columns of a name that words beside it leave at least. */
#define NAME_COLS_MIN 3

size_t row_label(struct buf *b, const struct lane *lane, size_t max_cols)
{
	struct buf name = { 0 };
	char others[24] = "";
	size_t cols;

	if (lane->nr_objs > LANE_OBJECTS)
		snprintf(others, sizeof(others), " +%d..", LANE_OBJECTS);
	else if (lane->nr_objs > 1)
		snprintf(others, sizeof(others), " +%d", lane->nr_objs - 1);
	if (lane->is_guard && strlen(others) + sizeof(" guard") + NAME_COLS_MIN <= max_cols)
		strcat(others, " guard");
	max_cols -= strlen(others);
	object_name(&name, lane->obj, max_cols);
	cols = escape_text_cut(b, name.data, name.len, max_cols);
	buf_puts(b, others);
	buf_done(&name);
	return cols + strlen(others);
}

size_t row_title(struct buf *b, const struct row *r, size_t max_cols)
{
	struct buf times = { 0 };
	size_t cols;

	if (!r->nr_alike)
		return row_label(b, r->lane, max_cols);
	buf_puts(&times, " ×");
	buf_dec(&times, r->nr_alike + 1);
	cols = times.len - 1; /* the sign has two bytes */
	cols += row_label(b, r->lane,
			  max_cols > cols + NAME_COLS_MIN ? max_cols - cols : NAME_COLS_MIN);
	buf_add(b, times.data, times.len);
	buf_done(&times);
	return cols;
}

static void put_label(const struct timeline_layout *l, const struct row *r)
{
	size_t cols = row_title(l->out, r, l->label_cols);

	buf_fill(l->out, ' ', cols < l->label_cols ? l->label_cols - cols + 1 : 1);
}

static void put_note(const struct timeline_layout *l, const struct lane *lane)
{
	const char *note = lane_note(lane);

	if (!l->note_cols)
		return;
	paint_begin(l, lane->was_wx ? "1;31" : "33");
	buf_puts(l->out, *note ? note : "   ");
	paint_end(l);
	buf_putc(l->out, ' ');
}

static void put_place(const struct timeline_layout *l, const struct row *r)
{
	struct buf text = { 0 };

	if (!l->addr_cols)
		return;
	buf_hex(&text, r->lane->start);
	if (l->addr_cols > 12) {
		buf_putc(&text, '-');
		buf_hex(&text, r->end);
	}
	put_right(l, buf_str(&text), l->addr_cols);
	text.len = 0;
	fmt_size_short(&text, r->end - r->lane->start);
	put_right(l, buf_str(&text), l->size_cols);
	buf_done(&text);
}

static void count_text(char text[16], uint64_t n)
{
	if (n < 10000000)
		snprintf(text, 16, "%llu", (unsigned long long)n);
	else
		snprintf(text, 16, "%lluM", (unsigned long long)(n / 1000000));
}

void row_print(const struct timeline_layout *l, const struct row *r)
{
	uint16_t cells[CHART_COLS_MAX];
	char count[16];

	put_place(l, r);
	put_label(l, r);
	put_note(l, r->lane);
	count_text(count, r->nr_changes);
	put_right(l, count, l->count_cols);
	row_cells(l, r->space, r->lane, cells);
	print_cells(l, cells);
}

/* ---- the heap's size ---- */

uint32_t row_sizes(const struct timeline_layout *l, const struct row *r,
		   uint32_t sizes[CHART_COLS_MAX], uint32_t *ret_least)
{
	const struct spans *s = &r->lane->spans;
	uint32_t most = 0, least = UINT32_MAX;

	memset(sizes, 0, CHART_COLS_MAX * sizeof(*sizes));
	for (uint32_t i = 0; i < s->nr; i++) {
		const struct span *sp = &s->v[i];
		unsigned int busy = layout_col(l, sp->busy_ns),
			     after = col_after(l, r->space, s, i);

		for (unsigned int k = layout_col(l, sp->start_ns); k < after || k <= busy; k++) {
			uint32_t pages = k <= busy ? sp->max_pages : sp->now_pages;

			if (pages > sizes[k])
				sizes[k] = pages;
		}
		if (sp->max_pages > most)
			most = sp->max_pages;
		if (sp->now_pages && sp->now_pages < least)
			least = sp->now_pages;
	}
	*ret_least = least < most ? least : most;
	return most;
}

void row_print_sizes(const struct timeline_layout *l, const struct row *r)
{
	static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	uint32_t sizes[CHART_COLS_MAX], least, most = row_sizes(l, r, sizes, &least);
	struct buf text = { 0 };

	if (least == most)
		return;
	fmt_size_short(&text, least * page_bytes);
	buf_puts(&text, " to ");
	fmt_size_short(&text, most * page_bytes);
	put_right(l, buf_str(&text), l->lead_cols - 1);
	buf_done(&text);
	buf_putc(l->out, '|');
	paint_begin(l, "34");
	for (unsigned int k = 0; k < l->chart_cols; k++)
		buf_puts(l->out, blocks[((uint64_t)sizes[k] * 8 + most - 1) / most]);
	paint_end(l);
	buf_puts(l->out, "|\n");
}

void row_print_marks(const struct timeline_layout *l, const char *name, const char *cells)
{
	put_right(l, name, l->lead_cols - 1);
	buf_putc(l->out, '|');
	paint_begin(l, "1");
	buf_add(l->out, cells, l->chart_cols);
	paint_end(l);
	buf_puts(l->out, "|\n");
}

/* ---- the axis ---- */

struct unit {
	const char *name;
	uint64_t ns;
	uint16_t steps[10]; /* ended by 0 */
};

static const struct unit units[] = {
	{ "ns", 1ULL, { 1, 2, 5, 10, 20, 50, 100, 200, 500 } },
	{ "us", 1000ULL, { 1, 2, 5, 10, 20, 50, 100, 200, 500 } },
	{ "ms", 1000000ULL, { 1, 2, 5, 10, 20, 50, 100, 200, 500 } },
	{ "s", 1000000000ULL, { 1, 2, 5, 10, 20, 30 } },
	{ "min", 60000000000ULL, { 1, 2, 5, 10, 20, 30 } },
	{ "h", 3600000000000ULL, { 1, 2, 5, 10, 24, 48, 120, 240, 480 } },
};

#define NR_UNITS (sizeof(units) / sizeof(units[0]))

uint64_t axis_step(uint64_t min_ns)
{
	uint64_t step = 0;

	for (size_t i = 0; i < NR_UNITS; i++) {
		for (size_t k = 0; units[i].steps[k]; k++) {
			step = units[i].steps[k] * units[i].ns;
			if (step >= min_ns)
				return step;
		}
	}
	return step > min_ns ? step : min_ns;
}

int axis_label(char label[32], uint64_t t_ns)
{
	const struct unit *u = &units[NR_UNITS - 1];

	if (!t_ns)
		return snprintf(label, 32, "'0");
	while (t_ns % u->ns)
		u--;
	return snprintf(label, 32, "'%llu %s", (unsigned long long)(t_ns / u->ns), u->name);
}

void row_print_axis(const struct timeline_layout *l)
{
	uint64_t span_ns = l->t1_ns - l->t0_ns, step;
	unsigned int at = 0, col;
	char label[32];
	int len;

	paint_begin(l, "2");
	if (l->addr_cols) {
		put_right(l, l->addr_cols > 12 ? "addresses" : "address", l->addr_cols);
		put_right(l, "size", l->size_cols);
	}
	buf_puts(l->out, "mapping");
	buf_fill(l->out, ' ', l->label_cols - strlen("mapping") + 1);
	put_right(l, "changes", l->count_cols + (l->note_cols ? l->note_cols + 1 : 0));
	buf_putc(l->out, ' ');
	step = axis_step(span_ns * TICK_COLS / l->chart_cols + 1);
	for (uint64_t t = 0; t <= span_ns; t += step) {
		col = layout_col(l, l->t0_ns + t);
		len = axis_label(label, t);
		if (col < at || col + len > l->chart_cols + 1)
			break;
		buf_fill(l->out, ' ', col - at);
		buf_puts(l->out, label);
		at = col + len;
	}
	paint_end(l);
	buf_putc(l->out, '\n');
}
