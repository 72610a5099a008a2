/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The timeline as a picture for documents. Its columns and rows are as many as the page's, however
 * long the recording is. A column that has several states shows all, one above the other; writable
 * and executable hides the rest. Text passes escape_text(), then put_xml().
 */
#include "sink/timeline/timeline_rank.h"
#include "sink/timeline/timeline_writes.h"

#include <stdlib.h>
#include <sys/wait.h>

#include "core/words.h"
#include "util/escape.h"
#include "util/fmt.h"

#define WIDTH	   1060
#define ADDR_X	   12
#define SIZE_X	   146 /* right end */
#define LABEL_X	   156
#define LABEL_COLS 25
#define NOTE_X	   330
#define COUNT_X	   402 /* right end */
#define CHART_X	   412
#define COL_W	   2
#define NR_COLS	   318
#define ROW_H	   15
#define LANE_H	   12
#define HEAP_H	   26
#define LINE_H	   18
#define MARK_H	   5 /* of a tick, which stands at a row's foot */

struct picture {
	const struct timeline *t;
	struct buf *out;
	struct timeline_layout layout;
	unsigned int y; /* top of the next row, in pixels */
};

static const char head[] =
	"<style>text{font:11px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#1c2026;"
	"white-space:pre}.b{font-weight:700;font-size:12px}.d{fill:#667080}.e{text-anchor:end}"
	".x{fill:#b3261e;font-weight:700}.bg{fill:#fff}.ch{fill:#f7f8fa}.ax{stroke:#d9dce2}.hp{fill:#0072b2}.wr{stroke:#1c2026;stroke-width:2}"
	".s2{fill:#dcdde2}.s3{fill:#a3d3f1}.s4{fill:#cc79a7}.s5{fill:#0072b2}.s6{fill:#86d6b8}.s7{fill:#009e73}"
	".s1{fill:url(#u)}.s8{fill:url(#w)}.u0{fill:#f0f0f2}.u1{stroke:#9097a3}"
	"@media (prefers-color-scheme:dark){text{fill:#e6e9ee}.d{fill:#97a1b0}.x{fill:#ff7b6e}.bg{fill:#15181d}"
	".ch{fill:#1c2026}.ax{stroke:#343a44}.wr{stroke:#e6e9ee}.s2{fill:#31363f}.u0{fill:#22262d}.u1{stroke:#767e8b}}</style>\n"
	"<defs><pattern id='u' width='5' height='5' patternUnits='userSpaceOnUse'><path class='u0' d='M0 0h5v5H0z'/>"
	"<path class='u1' d='M-1 6L6-1'/></pattern><pattern id='w' width='6' height='6' patternUnits='userSpaceOnUse'>"
	"<path fill='#d55e00' d='M0 0h6v6H0z'/><path stroke='#ffd84d' stroke-width='1.6' d='M-1 7L7-1'/></pattern></defs>\n"
	"<path class='bg' d='M0 0h%uv%uH0z'/>\n";

/* ---- letters ---- */

/* Escaped text may still contain XML's markup, and U+FFFE and U+FFFF, which XML forbids. */
static void put_xml(struct buf *b, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '<')
			buf_puts(b, "&lt;");
		else if (s[i] == '>')
			buf_puts(b, "&gt;");
		else if (s[i] == '&')
			buf_puts(b, "&amp;");
		else if ((uint8_t)s[i] >= 0xbe && i >= 2 && !memcmp(s + i - 2, "\xef\xbf", 2))
			buf_putc(b, '\xbd'); /* these two become U+FFFD */
		else
			buf_putc(b, s[i]);
	}
}

/* Writes text at x, y, and empties it for the next. */
static void put_text(struct picture *p, unsigned int x, unsigned int y, const char *class,
		     struct buf *text)
{
	buf_printf(p->out, "<text x='%u' y='%u'%s%s%s>", x, y, *class ? " class='" : "", class,
		   *class ? "'" : "");
	put_xml(p->out, text->data, text->len);
	buf_puts(p->out, "</text>\n");
	text->len = 0;
}

static void add_name(struct buf *text, const char *name, size_t max_cols)
{
	escape_text_cut(text, name, strlen(name), max_cols);
}

/* ---- rows ---- */

/* Runs of columns that have the state, as one path; states of one column share its height. */
static void put_state(struct picture *p, const uint16_t *cells, unsigned int state)
{
	bool begun = false;

	for (unsigned int k = 0, end; k < NR_COLS; k = end) {
		uint16_t mask = cells[k] & SPAN_BIT(SPAN_WX) ? SPAN_BIT(SPAN_WX) : cells[k];
		unsigned int n, nth, y0, y1;

		if (mask & (mask - 1)) /* unmapped is drawn only where it is alone */
			mask &= ~SPAN_BIT(SPAN_UNMAPPED);
		for (end = k + 1; end < NR_COLS && cells[end] == cells[k]; end++)
			;
		if (!(mask & SPAN_BIT(state)))
			continue;
		n = __builtin_popcount(mask);
		nth = __builtin_popcount(mask & (SPAN_BIT(state) - 1));
		y0 = LANE_H * nth / n;
		y1 = LANE_H * (nth + 1) / n;
		if (!begun)
			buf_printf(p->out, "<path class='s%u' d='", state);
		begun = true;
		buf_printf(p->out, "M%u %uh%uv%uh-%uz", CHART_X + COL_W * k, p->y + 1 + y0,
			   COL_W * (end - k), y1 - y0, COL_W * (end - k));
	}
	if (begun)
		buf_puts(p->out, "'/>\n");
}

/* A tick for each column with writes, at y; who wrote is their title. */
static void put_writes(struct picture *p, const struct row_writes *rw, unsigned int y)
{
	struct buf text = { 0 };

	if (!rw->nr_by)
		return;
	buf_puts(p->out, "<path class='wr' d='");
	for (unsigned int k = 0; k < NR_COLS; k++)
		if (rw->cells[k] != ' ')
			buf_printf(p->out, "M%u %uv%u", CHART_X + COL_W * k + COL_W / 2, y,
				   rw->cells[k] == '^' ? MARK_H : 1);
	buf_puts(p->out, "'><title>");
	for (size_t i = 0; i < rw->nr_by; i++) {
		if (i)
			buf_putc(&text, '\n');
		row_writer_put(&text, &p->layout, &rw->by[i]);
	}
	if (rw->nr_others) {
		buf_puts(&text, "\n... and ");
		fmt_count(&text, rw->nr_others, "write");
		buf_puts(&text, " by others");
	}
	put_xml(p->out, text.data, text.len);
	buf_puts(p->out, "</title></path>\n");
	buf_done(&text);
}

static void put_row(struct picture *p, const struct row *r)
{
	uint16_t cells[CHART_COLS_MAX];
	struct row_writes writes;
	struct buf text = { 0 };
	unsigned int y = p->y + LANE_H - 1;

	buf_hex(&text, r->lane->start);
	put_text(p, ADDR_X, y, "d", &text);
	fmt_size_short(&text, r->end - r->lane->start);
	put_text(p, SIZE_X, y, "d e", &text);
	row_title(&text, r, LABEL_COLS);
	put_text(p, LABEL_X, y, "", &text);
	if (*lane_note(r->lane)) {
		buf_puts(&text, lane_note(r->lane));
		put_text(p, NOTE_X, y, "x", &text);
	}
	buf_dec(&text, r->nr_changes);
	put_text(p, COUNT_X, y, "d e", &text);
	buf_printf(p->out, "<path class='ch' d='M%u %uh%uv%uh-%uz'/>\n", CHART_X, p->y + 1,
		   COL_W * NR_COLS, LANE_H, COL_W * NR_COLS);
	row_cells(&p->layout, r->space, r->lane, cells);
	for (unsigned int s = SPAN_UNKNOWN; s < NR_SPAN_STATES; s++)
		put_state(p, cells, s);
	p->y += ROW_H;
	row_writes_take(&writes, &p->layout, p->t, r);
	put_writes(p, &writes, p->y - MARK_H);
	buf_done(&text);
}

/* Writes that are in none of the rows. */
static void put_other_writes(struct picture *p, const struct timeline_life *tl)
{
	struct row_writes writes;
	struct buf text = { 0 };

	row_writes_take_rest(&writes, &p->layout, p->t, tl);
	if (!writes.nr_by)
		return;
	buf_puts(&text, "writes elsewhere");
	put_text(p, LABEL_X, p->y + LANE_H - 1, "d", &text);
	put_writes(p, &writes, p->y + ROW_H - MARK_H);
	p->y += ROW_H;
	buf_done(&text);
}

static void put_heap(struct picture *p, const struct row *r)
{
	uint32_t sizes[CHART_COLS_MAX], least, most = row_sizes(&p->layout, r, sizes, &least);
	unsigned int floor = p->y + HEAP_H, last = 0;
	struct buf text = { 0 };

	if (least == most)
		return;
	fmt_size_short(&text, least * page_bytes);
	buf_puts(&text, " to ");
	fmt_size_short(&text, most * page_bytes);
	put_text(p, COUNT_X, floor - 4, "d e", &text);
	buf_printf(p->out, "<path class='hp' d='M%u %u", CHART_X, floor);
	for (unsigned int k = 0; k < NR_COLS; k++) {
		unsigned int h = (uint64_t)sizes[k] * (HEAP_H - 4) / most;

		if (h != last)
			buf_printf(p->out, "H%uV%u", CHART_X + COL_W * k, floor - h);
		last = h;
	}
	buf_printf(p->out, "H%uV%uz'/>\n", CHART_X + COL_W * NR_COLS, floor);
	p->y += HEAP_H + 3;
	buf_done(&text);
}

/* Ticks of time below top, each with its label. */
static void put_axis(struct picture *p, unsigned int top)
{
	uint64_t span_ns = p->layout.t1_ns - p->layout.t0_ns, step = axis_step(span_ns / 8 + 1);
	struct buf text = { 0 };
	char label[32];

	for (uint64_t t = 0;; t += step) {
		unsigned __int128 across = (unsigned __int128)t * COL_W * NR_COLS;
		unsigned int x = CHART_X + across / ((unsigned __int128)span_ns + 1);

		buf_printf(p->out, "<path class='ax' d='M%u.5 %uV%u'/>\n", x, top + 4,
			   top + LINE_H);
		axis_label(label, t);
		buf_puts(&text, label + 1); /* the tick is drawn */
		if (x + 7 * text.len < WIDTH)
			put_text(p, x + 4, top + 13, "d", &text);
		text.len = 0;
		if (span_ns - t < step)
			break;
	}
	buf_done(&text);
}

/* ---- processes ---- */

static void add_fate(struct buf *b, const struct timeline_life *tl)
{
	if (!tl->life->has_exited) {
		buf_puts(b, "still running");
	} else if (tl->life->exit_code == EXIT_UNSEEN) {
		buf_puts(b, "ended unseen");
	} else if (WIFEXITED(tl->life->exit_code)) {
		buf_printf(b, "exit status %d", WEXITSTATUS(tl->life->exit_code));
	} else {
		buf_puts(b, "killed by ");
		word_signal(b, WTERMSIG(tl->life->exit_code));
	}
}

static void put_life_head(struct picture *p, const struct timeline_life *tl)
{
	struct buf text = { 0 };

	p->y += LINE_H;
	buf_printf(&text, "pid %u ", tl->life->pid);
	add_name(&text, tl->life->comm, 40);
	put_text(p, ADDR_X, p->y + 12, "b", &text);
	if (tl->life->exe) {
		word_program(&text, tl->life->exe, 60);
		buf_puts(&text, ", ");
	}
	fmt_count(&text, timeline_life_interest(tl).nr_changes, "change");
	if (tl->nr_findings) {
		buf_puts(&text, ", ");
		fmt_count(&text, tl->nr_findings, "finding");
		buf_printf(&text, " (%s at worst)", severity_name(tl->worst));
	}
	buf_puts(&text, ", ");
	fmt_duration(&text, tl->life->end_ns - tl->life->start_ns);
	buf_puts(&text, ", ");
	add_fate(&text, tl);
	p->y += LINE_H;
	put_text(p, ADDR_X, p->y + 11, "d", &text);
	p->y += LINE_H;
	buf_done(&text);
}

static void put_space_head(struct picture *p, const struct timeline_life *tl,
			   const struct timeline_space *ts)
{
	struct buf text = { 0 };

	buf_puts(&text, ts->by_exec ? "exec " : "at first ");
	word_program(&text, ts->exe, 80);
	if (ts->start_ns > tl->life->start_ns) {
		buf_puts(&text, " at +");
		fmt_duration(&text, ts->start_ns - tl->life->start_ns);
	}
	put_text(p, ADDR_X, p->y + 12, "d", &text);
	p->y += ROW_H + 2;
	buf_done(&text);
}

static void put_rest(struct picture *p, size_t nr_more, size_t nr_quiet)
{
	struct buf text = { 0 };

	if (nr_more) {
		fmt_count(&text, nr_more, "more region");
		buf_puts(&text, nr_quiet ? ", " : "");
	}
	if (nr_quiet) {
		fmt_count(&text, nr_quiet, "mapping");
		buf_puts(&text, " that never changed");
	}
	if (text.len) {
		put_text(p, LABEL_X, p->y + 12, "d", &text);
		p->y += ROW_H;
	}
	buf_done(&text);
}

static void put_life(struct picture *p, const struct timeline_life *tl, size_t max_rows)
{
	const struct timeline_space *last = NULL;
	struct ranking r = { 0 };
	uint64_t most;
	unsigned int n = 0;
	size_t nr_shown;

	put_life_head(p, tl);
	p->layout.t0_ns = timeline_start_ns(p->t, tl);
	p->layout.t1_ns = tl->life->end_ns;
	for (const struct timeline_space *ts = tl->spaces; ts; ts = ts->next)
		ranking_add_space(&r, &p->layout, p->t, ts, n++);
	nr_shown = ranking_sort(&r, max_rows);
	if (nr_shown) {
		put_axis(p, p->y);
		p->y += LINE_H;
	}
	for (size_t i = 0; i < nr_shown; i++) {
		const struct row *row = &r.v[i].row;

		if (row->space != last && tl->spaces->next)
			put_space_head(p, tl, row->space);
		last = row->space;
		put_row(p, row);
		if (row->is_heap)
			put_heap(p, row);
	}
	put_other_writes(p, tl);
	put_rest(p, ranking_hidden(&r, nr_shown, &most), r.nr_quiet);
	ranking_done(&r);
}

/* ---- the picture ---- */

static void put_legend(struct picture *p)
{
	static const struct {
		enum span_state state;
		const char *means;
	} keys[] = { { SPAN_R, "r--" },	   { SPAN_RW, "rw-" },	       { SPAN_RX, "r-x" },
		     { SPAN_WX, "w+x" },   { SPAN_X, "--x" },	       { SPAN_W, "-w-" },
		     { SPAN_NONE, "---" }, { SPAN_UNKNOWN, "unknown" } };
	struct buf text = { 0 };
	unsigned int x = ADDR_X;

	p->y += LINE_H;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++, x += 76) {
		buf_printf(p->out, "<path class='s%u' d='M%u %uh22v%uh-22z'/>\n", keys[i].state, x,
			   p->y, LANE_H);
		buf_puts(&text, keys[i].means);
		put_text(p, x + 28, p->y + LANE_H - 2, "", &text);
	}
	if (p->t->writes.nr) {
		buf_printf(p->out, "<path class='wr' d='M%u %uv%u'/>\n", x + 11,
			   p->y + LANE_H - MARK_H, MARK_H);
		buf_puts(&text, "written to by the process's number: by whom is its title");
		put_text(p, x + 28, p->y + LANE_H - 2, "", &text);
	}
	p->y += LINE_H;
	buf_done(&text);
}

static void put_note(struct picture *p, uint64_t n, const char *noun, const char *means)
{
	struct buf text = { 0 };

	if (!n)
		return;
	p->y += LINE_H;
	fmt_count(&text, n, noun);
	buf_puts(&text, means);
	put_text(p, ADDR_X, p->y + 12, "d", &text);
	buf_done(&text);
}

static void put_notes(struct picture *p, const struct totals *totals, size_t nr_hidden)
{
	uint64_t nr_dropped = 0;

	for (const struct timeline_life *tl = p->t->lives; tl; tl = tl->next)
		for (const struct timeline_space *ts = tl->spaces; ts; ts = ts->next)
			nr_dropped += ts->history->nr_dropped;
	put_note(p, nr_hidden, "more process", " with less to see");
	put_note(p, p->t->nr_dropped, "process", " more that found no room");
	put_note(p, totals->lost, "record", " lost: what is not known is hatched");
	put_note(p, p->t->writes.nr_dropped, "write", " more that found no room");
	put_note(p, nr_dropped, "change", " found no room: what they touched is hatched");
}

void timeline_svg(const struct timeline *t, const struct totals *totals)
{
	struct buf body = { 0 }, text = { 0 };
	struct picture p = { .t = t, .out = &body, .layout = { .chart_cols = NR_COLS }, .y = 8 };
	struct timeline_life **v = lives_sorted(t);
	size_t max_rows, nr_shown = lives_shown(t, v, &max_rows);
	struct buf *b = &t->cfg.out->buf;

	buf_puts(&text, "Protections over time of ");
	add_name(&text, t->cfg.run->what, 110);
	put_text(&p, ADDR_X, p.y + 12, "b", &text);
	for (size_t i = 0; i < nr_shown; i++)
		put_life(&p, v[i], max_rows);
	put_notes(&p, totals, t->nr_lives - nr_shown);
	put_legend(&p);
	buf_printf(
		b,
		"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %u %u' width='%u' height='%u'>\n",
		WIDTH, p.y + 8, WIDTH, p.y + 8);
	buf_printf(b, head, WIDTH, p.y + 8);
	buf_add(b, body.data, body.len);
	buf_puts(b, "</svg>\n");
	buf_done(&text);
	buf_done(&body);
	free(v);
}
