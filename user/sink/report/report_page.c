/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report as text: a summary, then the first rows of each table. Numbers stand in columns, names
 * last, where they may take the rest of the line.
 */
#include <stdlib.h>
#include <string.h>

#include "core/words.h"
#include "sink/paragraph.h"
#include "sink/report/report.h"
#include "sink/when.h"
#include "util/escape.h"
#include "util/fmt.h"

#define PAGE_ROWS	10
#define LEAST_NAME_COLS 12

struct report_text {
	struct report *r;
	struct buf *out;
	struct paragraph para;
	size_t line; /* where the line begins in out */
};

/* ---- cells ---- */

static void line_begin(struct report_text *p)
{
	p->line = p->out->len;
}

static void line_end(struct report_text *p)
{
	buf_putc(p->out, '\n');
}

static void put_count(struct report_text *p, uint64_t n, size_t width)
{
	size_t mark = p->out->len;

	buf_dec(p->out, n);
	align_right(p->out, mark, width);
}

static void put_size(struct report_text *p, uint64_t n_bytes, size_t width)
{
	size_t mark = p->out->len;

	fmt_size_short(p->out, n_bytes);
	align_right(p->out, mark, width);
}

/* Columns that are left in the line. */
static size_t cols_left(const struct report_text *p)
{
	size_t used = escape_width(p->out->data + p->line, p->out->len - p->line);
	size_t width = p->r->cfg.width;

	return used + LEAST_NAME_COLS < width ? width - used : LEAST_NAME_COLS;
}

/* "4242 node /usr/bin/node" */
static void put_process(struct report_text *p, uint32_t pid, const char comm[17],
			const struct object *exe)
{
	buf_dec(p->out, pid);
	buf_putc(p->out, ' ');
	escape_text(p->out, comm, strnlen(comm, 16));
	buf_putc(p->out, ' ');
	word_program(p->out, exe, cols_left(p));
}

static uint64_t rows_at_most(const struct report_text *p)
{
	if (p->r->cfg.top)
		return p->r->cfg.top;
	return p->r->cfg.by == REPORT_PAGE ? PAGE_ROWS : UINT64_MAX;
}

static bool is_wanted(const struct report_text *p, enum report_by by)
{
	return p->r->cfg.by == REPORT_PAGE || p->r->cfg.by == by;
}

static void table_begin(struct report_text *p, const char *title, size_t nr)
{
	if (!nr)
		return;
	if (p->r->cfg.by == REPORT_PAGE)
		buf_putc(p->out, '\n');
	buf_puts(p->out, title);
	buf_putc(p->out, '\n');
}

static void put_rest(struct report_text *p, size_t nr, size_t nr_shown, const char *noun)
{
	if (nr <= nr_shown)
		return;
	buf_puts(p->out, "  ... and ");
	fmt_count(p->out, nr - nr_shown, noun);
	buf_puts(p->out, " (--top N shows them)\n");
}

/* ---- sums ---- */

static void put_sums(struct report_text *p, const struct tally *t)
{
	line_begin(p);
	put_count(p, t->changes, 10);
	put_count(p, t->failed, 8);
	if (tally_has_bytes(t))
		put_size(p, t->bytes, 8);
	else
		buf_puts(p->out, "       ?");
	put_size(p, t->mapped + t->unmapped, 8);
	buf_puts(p->out, "  ");
}

static void put_others(struct report_text *p, const struct tally *t)
{
	if (!t->changes && !t->failed)
		return;
	put_sums(p, t);
	buf_puts(p->out, "others, for which there was no room");
	line_end(p);
}

static void put_processes(struct report_text *p)
{
	struct report_life **v;
	size_t nr, i;

	if (!is_wanted(p, REPORT_PROCESS))
		return;
	v = report_lives(p->r, &nr);
	table_begin(p, "   changes  failed   bytes   churn  process", nr);
	for (i = 0; i < nr && i < rows_at_most(p); i++) {
		put_sums(p, &v[i]->sum);
		put_process(p, v[i]->life->pid, v[i]->life->comm, v[i]->life->exe);
		line_end(p);
	}
	put_others(p, &p->r->tables[REPORT_PROCESS].others);
	put_rest(p, nr, i, "more process");
	free(v);
}

static void put_prot(struct report_text *p, uint64_t flags)
{
	const struct attr attr = { .flags = flags };

	if (attr_is_mapped(&attr) || attr_is_unknown(&attr))
		word_prot(p->out, &attr);
	else
		buf_puts(p->out, "none");
}

static void put_name(struct report_text *p, enum report_by by, const uint64_t key[TALLY_WORDS])
{
	const struct object *obj = (const struct object *)(uintptr_t)key[0];
	const struct caller caller = { .addr = obj ? 1 : key[2], .obj = obj, .off = key[1] };

	if (by == REPORT_CALLER && !obj && key[2]) {
		buf_puts(p->out, "0x");
		buf_hex(p->out, key[2]);
		return;
	}
	if (by == REPORT_CALLER) {
		word_caller(p->out, &caller, cols_left(p));
		return;
	}
	if (by != REPORT_TRANSITION) {
		word_program(p->out, obj, cols_left(p));
		return;
	}
	put_prot(p, key[0]);
	buf_puts(p->out, " -> ");
	put_prot(p, key[1]);
	if (key[0] & VMA_W && key[1] & VMA_X)
		buf_puts(p->out, key[1] & VMA_W ? "  WX!" : "  W>X");
	else if (key[0] & VMA_X && key[1] & VMA_W)
		buf_puts(p->out, key[1] & VMA_X ? "  WX!" : "  X>W");
	else if ((key[1] & VMA_W) && (key[1] & VMA_X))
		buf_puts(p->out, "  WX!");
}

static void put_table(struct report_text *p, enum report_by by, const char *title, const char *noun)
{
	struct tally_row *rows;
	size_t nr, i;

	if (!is_wanted(p, by))
		return;
	rows = report_rows(p->r, by, &nr);
	table_begin(p, title, nr);
	for (i = 0; i < nr && i < rows_at_most(p); i++) {
		put_sums(p, &rows[i].sum);
		put_name(p, by, rows[i].key);
		line_end(p);
	}
	put_others(p, &p->r->tables[by].others);
	put_rest(p, nr, i, noun);
	free(rows);
}

/* ---- address spaces ---- */

static void put_time(struct report_text *p, uint64_t ts_ns)
{
	fmt_time_of_day(p->out, ts_ns + p->r->cfg.run->boot_to_wall_ns, p->r->cfg.utc);
}

/* The first mapping that was writable and executable at once. */
static void put_wx(struct report_text *p, const struct report_space *s)
{
	if (!s->wx_ns)
		return;
	line_begin(p);
	buf_fill(p->out, ' ', 54);
	buf_puts(p->out, "w+x first at ");
	put_time(p, s->wx_ns);
	buf_puts(p->out, ": ");
	word_mapping(p->out, s->wx_obj, cols_left(p));
	if (s->wx_caller.addr) {
		buf_puts(p->out, " by ");
		word_caller(p->out, &s->wx_caller, cols_left(p));
	}
	line_end(p);
}

static void put_holders(struct report_text *p)
{
	static const enum hold holds[] = { HOLD_WX, HOLD_X_ANON, HOLD_W };
	struct report_space **v;
	size_t nr, i, k;

	if (!is_wanted(p, REPORT_RIGHTS))
		return;
	v = report_spaces(p->r, REPORT_RIGHTS, &nr);
	table_begin(p, "    w+x    most  x, no file    most      w    most  who (~: not certain)",
		    nr);
	for (i = 0; i < nr && i < rows_at_most(p); i++) {
		line_begin(p);
		for (k = 0; k < 3; k++) {
			put_size(p, v[i]->holding.now[holds[k]], k == 1 ? 12 : 7);
			put_size(p, v[i]->holding.most[holds[k]], 8);
		}
		buf_puts(p->out, report_space_is_stale(v[i]) ? " ~" : "  ");
		put_process(p, v[i]->pid, v[i]->comm, v[i]->exe);
		line_end(p);
		put_wx(p, v[i]);
	}
	put_rest(p, nr, i, "more address space");
	free(v);
}

static void put_curve(struct report_text *p, const struct report_space *s, enum hold hold)
{
	static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	const uint64_t *most = s->holding.curves[hold].most;
	uint64_t top = s->holding.most[hold];
	unsigned int i;

	buf_putc(p->out, '|');
	for (i = 0; i < CURVE_CELLS; i++) {
		bool is_over = i > s->holding.cell;
		/* in 1024ths, so that no product overflows */
		uint64_t part = top >> 10 ? most[i] / (top >> 10) : 0;

		part = part > 1024 ? 1024 : part;
		buf_puts(p->out, is_over || !most[i] ? " " : blocks[part * 7 / 1024 + 1]);
	}
	buf_puts(p->out, "|");
}

static void put_growth_row(struct report_text *p, const struct report_space *s, enum hold hold)
{
	const struct holding *h = &s->holding;

	put_size(p, h->first[hold], 7);
	put_size(p, h->most[hold], 8);
	put_size(p, h->now[hold], 8);
	buf_puts(p->out, report_space_is_stale(s) ? " ~" : "  ");
	buf_puts(p->out, hold_name(hold));
	buf_putc(p->out, ' ');
	put_curve(p, s, hold);
	line_end(p);
}

static void put_growth(struct report_text *p)
{
	struct report_space **v;
	size_t nr, nr_grew = 0, i;
	int hold;

	if (!is_wanted(p, REPORT_GROWTH))
		return;
	v = report_spaces(p->r, REPORT_GROWTH, &nr);
	for (i = 0; i < nr; i++)
		nr_grew += holding_growth(&v[i]->holding, HOLD_HEAP) ||
			   holding_growth(&v[i]->holding, HOLD_ANON);
	table_begin(p, "  first    most    last  memory over time", nr_grew);
	for (i = 0; i < nr_grew && i < rows_at_most(p); i++) {
		line_begin(p);
		buf_puts(p->out, "  ");
		put_process(p, v[i]->pid, v[i]->comm, v[i]->exe);
		line_end(p);
		for (hold = 0; hold < NR_CURVES; hold++)
			if (v[i]->holding.most[hold])
				put_growth_row(p, v[i], hold);
	}
	put_rest(p, nr_grew, i, "more address space");
	free(v);
}

/* ---- the page ---- */

static void put_losses(struct report_text *p, const struct totals *totals)
{
	const struct report *r = p->r;

	if (!totals->lost)
		return;
	para_begin(&p->para, 0);
	para_count(&p->para, totals->lost, "record", totals->lost == 1 ? " was" : " were");
	para(&p->para, "lost");
	if (r->nr_losses) {
		struct buf b = { 0 };

		fmt_time_of_day(&b, r->first_loss_ns + r->cfg.run->boot_to_wall_ns, r->cfg.utc);
		para(&p->para, r->nr_losses > 1 ? "from %s on:" : "at %s:", buf_str(&b));
		buf_done(&b);
	}
	para(&p->para,
	     "counts are at least what stands here, and what stands beside a tilde is not certain");
	para_end(&p->para);
}

static void put_lost_and_found(struct report_text *p, const struct totals *totals)
{
	const uint64_t *nr = p->r->nr_findings;
	int left = 0, i;

	for (i = 0; i < NR_SEVERITIES; i++)
		left += nr[i] > 0;
	para(&p->para, "%llu lost%s", (unsigned long long)totals->lost, left ? ", findings:" : "");
	for (i = NR_SEVERITIES - 1; i >= 0; i--) {
		if (!nr[i])
			continue;
		para(&p->para, "%llu %s%s", (unsigned long long)nr[i], severity_name(i),
		     --left ? "," : "");
	}
}

static void put_head(struct report_text *p, const struct totals *totals)
{
	const struct report *r = p->r;
	const struct run_info *run = r->cfg.run;
	struct buf from = { 0 };
	uint64_t end_ns = totals->end_ns > run->start_ns ? totals->end_ns : run->start_ns;

	fmt_rfc3339(&from, run->start_ns + run->boot_to_wall_ns);
	para_begin(&p->para, 0);
	para(&p->para, "Report on");
	para_name(&p->para, run->what, strlen(run->what), ",");
	para(&p->para, "from %s", buf_str(&from));
	para_duration(&p->para, "for ", end_ns - run->start_ns, "");
	para_end(&p->para);
	from.len = 0;
	if (tally_has_bytes(&r->sum))
		fmt_size_short(&from, r->sum.bytes);
	else
		buf_puts(&from, "unknown size");
	para_begin(&p->para, 0);
	para_count(&p->para, totals->nr_procs, "process", ",");
	para_count(&p->para, r->sum.changes, "change", "");
	para(&p->para, "of %s,", buf_str(&from));
	para_count(&p->para, r->sum.failed, "failed call", ",");
	if (totals->writes)
		para_count(&p->para, totals->writes, "write", " by a process's number,");
	put_lost_and_found(p, totals);
	para_end(&p->para);
	buf_done(&from);
	put_losses(p, totals);
	if (!r->nr_lives_dropped && !r->nr_spaces_dropped)
		return;
	para_begin(&p->para, 0);
	para_count(&p->para, r->nr_lives_dropped, "process", " and");
	para_count(&p->para, r->nr_spaces_dropped, "address space",
		   " that had ended found no room");
	para_end(&p->para);
}

void report_page(struct report *r, const struct totals *totals)
{
	struct report_text p = { .r = r, .out = &r->cfg.out->buf };

	p.para = (struct paragraph){ .out = p.out, .width = r->cfg.width };
	if (r->cfg.by == REPORT_PAGE)
		put_head(&p, totals);
	put_processes(&p);
	put_table(&p, REPORT_EXE, "   changes  failed   bytes   churn  program", "more program");
	put_table(&p, REPORT_MAPPING, "   changes  failed   bytes   churn  mapping",
		  "more mapping");
	put_table(&p, REPORT_CALLER, "   changes  failed   bytes   churn  caller", "more caller");
	put_table(&p, REPORT_TRANSITION, "   changes  failed   bytes   churn  transition",
		  "more transition");
	put_holders(&p);
	put_growth(&p);
}
