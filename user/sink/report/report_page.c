/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report as text: a summary, then the first rows of each table. Numbers stand in columns, names
 * last, where they may take the rest of the line.
 */
#include <stdlib.h>
#include <string.h>

#include "core/words.h"
#include "sink/report/report_text.h"
#include "sink/when.h"
#include "util/escape.h"
#include "util/fmt.h"

#define CURVE_COL 31 /* of a curve's first cell */
#define TIME_COLS 12

/* ---- sums ---- */

static void put_sums(struct report_text *p, const struct tally *t)
{
	text_line(p);
	text_count(p, t->changes, 10);
	text_count(p, t->failed, 8);
	if (tally_has_bytes(t))
		text_size(p, t->bytes, 8);
	else
		buf_puts(p->out, "       ?");
	text_size(p, t->mapped + t->unmapped, 8);
	buf_puts(p->out, "  ");
}

static void put_others(struct report_text *p, const struct tally *t)
{
	if (!t->changes && !t->failed)
		return;
	put_sums(p, t);
	buf_puts(p->out, "others, for which there was no room");
	text_line_end(p);
}

static void put_processes(struct report_text *p)
{
	struct report_life **v;
	size_t nr, i;

	if (!text_wants(p, REPORT_PROCESS))
		return;
	v = report_lives(p->r, &nr);
	text_table(p, "   changes  failed   bytes   churn  process", nr);
	for (i = 0; i < nr && i < text_rows_at_most(p); i++) {
		put_sums(p, &v[i]->sum);
		text_process(p, v[i]->life->pid, v[i]->life->comm, v[i]->life->exe);
		text_line_end(p);
	}
	put_others(p, &p->r->tables[REPORT_PROCESS].others);
	text_rest(p, nr, i, "more process");
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

static void put_name(struct report_text *p, enum report_by by, const struct tally_row *row)
{
	const uint64_t *key = row->key;
	const struct object *obj = (const struct object *)(uintptr_t)key[0];
	const struct caller caller = tally_caller(row);

	if (by == REPORT_CALLER && !obj && key[2]) {
		buf_puts(p->out, "0x");
		buf_hex(p->out, key[2]);
		return;
	}
	if (by == REPORT_CALLER) {
		word_caller(p->out, &caller, text_cols_left(p));
		return;
	}
	if (by != REPORT_TRANSITION) {
		word_program(p->out, obj, text_cols_left(p));
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

	if (!text_wants(p, by))
		return;
	rows = report_rows(p->r, by, &nr);
	text_table(p, title, nr);
	for (i = 0; i < nr && i < text_rows_at_most(p); i++) {
		put_sums(p, &rows[i].sum);
		put_name(p, by, &rows[i]);
		text_line_end(p);
	}
	put_others(p, &p->r->tables[by].others);
	text_rest(p, nr, i, noun);
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
	text_line(p);
	buf_fill(p->out, ' ', 54);
	buf_puts(p->out, "w+x first at ");
	put_time(p, s->wx_ns);
	buf_puts(p->out, ": ");
	word_mapping(p->out, s->wx_obj, text_cols_left(p));
	if (s->wx_caller.addr) {
		buf_puts(p->out, " by ");
		word_caller(p->out, &s->wx_caller, text_cols_left(p));
	}
	text_line_end(p);
}

static void put_holders(struct report_text *p)
{
	static const enum hold holds[] = { HOLD_WX, HOLD_X_ANON, HOLD_W };
	struct report_space **v;
	size_t nr, i, k;

	if (!text_wants(p, REPORT_RIGHTS))
		return;
	v = report_spaces(p->r, REPORT_RIGHTS, &nr);
	text_table(p, "    w+x    most  x, no file    most      w    most  who (~: not certain)",
		   nr);
	for (i = 0; i < nr && i < text_rows_at_most(p); i++) {
		text_line(p);
		for (k = 0; k < 3; k++) {
			text_size(p, v[i]->holding.now[holds[k]], k == 1 ? 12 : 7);
			text_size(p, v[i]->holding.most[holds[k]], 8);
		}
		buf_puts(p->out, report_space_is_stale(v[i]) ? " ~" : "  ");
		text_process(p, v[i]->pid, v[i]->comm, v[i]->exe);
		text_line_end(p);
		put_wx(p, v[i]);
	}
	text_rest(p, nr, i, "more address space");
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
		uint64_t part = top >> 32 ? most[i] / (top >> 10) : top ? most[i] * 1024 / top : 0;

		part = part > 1024 ? 1024 : part;
		buf_puts(p->out, is_over || !most[i] ? " " : blocks[part * 7 / 1024 + 1]);
	}
	buf_puts(p->out, "|");
}

/* A number of mappings, or bytes. */
static void put_held(struct report_text *p, enum hold hold, uint64_t v, size_t width)
{
	if (hold == HOLD_MAPS)
		text_count(p, v, width);
	else
		text_size(p, v, width);
}

/* To the millisecond, as an axis needs it: TIME_COLS columns. */
static void put_time_short(struct report_text *p, uint64_t ts_ns)
{
	put_time(p, ts_ns);
	p->out->len -= 3;
}

/* The axis of time below curves: when their first cell begins, and their last one ends. */
static void put_axis(struct report_text *p, const struct report_space *s)
{
	const size_t cells = s->holding.cell + 1;

	buf_fill(p->out, ' ', CURVE_COL);
	put_time_short(p, s->holding.start_ns);
	buf_fill(p->out, ' ', cells > 2 * TIME_COLS ? cells - 2 * TIME_COLS : 1);
	put_time_short(p, s->end_ns);
	text_line_end(p);
}

static void put_growth_row(struct report_text *p, const struct report_space *s, enum hold hold)
{
	const struct holding *h = &s->holding;

	put_held(p, hold, h->first[hold], 7);
	put_held(p, hold, h->most[hold], 8);
	put_held(p, hold, h->now[hold], 8);
	buf_puts(p->out, report_space_is_stale(s) ? " ~" : "  ");
	buf_puts(p->out, hold == HOLD_MAPS ? "maps" : hold_name(hold));
	buf_putc(p->out, ' ');
	put_curve(p, s, hold);
	text_line_end(p);
}

static void put_growth(struct report_text *p)
{
	struct report_space **v;
	size_t nr, nr_grew = 0, i;
	int hold;

	if (!text_wants(p, REPORT_GROWTH))
		return;
	v = report_spaces(p->r, REPORT_GROWTH, &nr);
	for (i = 0; i < nr; i++)
		nr_grew += holding_growth(&v[i]->holding, HOLD_HEAP) ||
			   holding_growth(&v[i]->holding, HOLD_ANON);
	text_table(p, "  first    most    last  memory over time (a full block: most)", nr_grew);
	for (i = 0; i < nr_grew && i < text_rows_at_most(p); i++) {
		text_line(p);
		buf_puts(p->out, "  ");
		text_process(p, v[i]->pid, v[i]->comm, v[i]->exe);
		text_line_end(p);
		for (hold = 0; hold < NR_CURVES; hold++)
			if (v[i]->holding.most[hold])
				put_growth_row(p, v[i], hold);
		put_axis(p, v[i]);
	}
	text_rest(p, nr_grew, i, "more address space");
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
	mapped_page(&p);
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
