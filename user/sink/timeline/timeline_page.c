/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The timeline as text: processes with most to see first, in each the lanes with most to see, the
 * rest counted. No line is wider than the terminal: prose is wrapped word by word, names are cut.
 * Lanes are drawn by timeline_row.c.
 */
#include "sink/timeline/timeline_notes.h"
#include "sink/timeline/timeline_rank.h"
#include "sink/timeline/timeline_writes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "core/object.h"
#include "core/words.h"
#include "sink/paragraph.h"
#include "util/fmt.h"
#include "util/mem.h"

#define MAX_CHAIN_SHOWN 8 /* programs of a chain of execs */

struct timeline_text {
	const struct timeline *t;
	const struct timeline_config *cfg;
	struct buf *out;
	struct timeline_layout layout;
	struct paragraph para;
	struct note_list notes; /* of the life being printed */
};

/* ---- words about things ---- */

static void para_program(struct timeline_text *p, const struct object *o, const char *suffix)
{
	struct buf end = { 0 };

	word_program_mark(&end, o);
	buf_puts(&end, suffix);
	if (o)
		para_name(&p->para, o->name, o->name_len, buf_str(&end));
	else
		para(&p->para, "?%s", suffix);
	buf_done(&end);
}

static void para_time(struct timeline_text *p, uint64_t ts_ns, const char *after)
{
	struct buf b = { 0 };

	fmt_time_of_day(&b, ts_ns + p->cfg->run->boot_to_wall_ns, p->cfg->utc);
	para(&p->para, "%s%s", buf_str(&b), after);
	buf_done(&b);
}

/* ---- one process ---- */

static void print_space_head(struct timeline_text *p, const struct timeline_life *tl,
			     const struct timeline_space *ts)
{
	para_begin(&p->para, 2);
	para(&p->para, ts->by_exec ? "exec" : "at first");
	para_program(p, ts->exe, "");
	if (ts->start_ns > tl->life->start_ns)
		para_duration(&p->para, "at +", ts->start_ns - tl->life->start_ns, "");
	para_end(&p->para);
}

static void print_rest(struct timeline_text *p, const struct ranking *r, size_t nr_shown)
{
	uint64_t most, nr = ranking_hidden(r, nr_shown, &most);

	if (r->nr_beside) {
		para_begin(&p->para, 2);
		para(&p->para, "...");
		para_count(&p->para, r->nr_beside, "region", "");
		para(&p->para, "with no such change");
		para_end(&p->para);
	}
	if (r->nr == nr_shown && !r->nr_quiet)
		return;
	para_begin(&p->para, 2);
	if (r->nr > nr_shown) {
		para(&p->para, "... and");
		para_count(&p->para, nr, "more region", " with up to");
		para_count(&p->para, most, "change", " each");
	}
	if (r->nr_quiet) {
		para(&p->para, "%s", r->nr > nr_shown ? "and" : "...");
		para_count(&p->para, r->nr_quiet, "mapping", " never changed");
	}
	para(&p->para, "(--all shows them)");
	para_end(&p->para);
}

static void print_rows(struct timeline_text *p, const struct timeline_life *tl, struct ranking *r,
		       size_t max_rows)
{
	size_t nr_shown = ranking_sort(r, max_rows);
	const struct timeline_space *ts = NULL;
	struct row_writes writes;

	if (nr_shown)
		row_print_axis(&p->layout);
	for (size_t i = 0; i < nr_shown; i++) {
		const struct row *row = &r->v[i].row;

		if (row->space != ts && tl->spaces->next)
			print_space_head(p, tl, row->space);
		ts = row->space;
		row_print(&p->layout, row);
		if (row->is_heap)
			row_print_sizes(&p->layout, row);
		row_writes_take(&writes, &p->layout, p->t, row);
		row_writes_print(&writes, &p->layout, p->cfg->width);
		notes_print(&p->notes, &p->layout, p->cfg->width, row);
	}
	row_writes_take_rest(&writes, &p->layout, p->t, tl);
	row_writes_print(&writes, &p->layout, p->cfg->width);
	notes_print_rest(&p->notes, &p->layout, p->cfg->width);
	print_rest(p, r, nr_shown);
}

static void para_fate(struct timeline_text *p, const struct timeline_life *tl, const char *after)
{
	int sig = WTERMSIG(tl->life->exit_code);
	const char *name = sigabbrev_np(sig);

	if (!tl->life->has_exited)
		para(&p->para, "still~running%s", after);
	else if (tl->life->exit_code == EXIT_UNSEEN)
		para(&p->para, "ended~unseen%s", after);
	else if (WIFEXITED(tl->life->exit_code))
		para(&p->para, "exit~status~%d%s", WEXITSTATUS(tl->life->exit_code), after);
	else if (name)
		para(&p->para, "killed~by~SIG%s%s", name, after);
	else
		para(&p->para, "killed~by~signal~%d%s", sig, after);
}

static void para_chain(struct timeline_text *p, const struct timeline_life *tl)
{
	unsigned int n = 0;

	para(&p->para, "exec~chain:");
	if (tl->nr_dropped)
		para_count(&p->para, tl->nr_dropped, "program", " no longer in memory >");
	for (const struct timeline_space *ts = tl->spaces; ts; ts = ts->next) {
		if (++n > MAX_CHAIN_SHOWN && !p->cfg->all && ts->next)
			continue;
		if (n > MAX_CHAIN_SHOWN + 1 && !p->cfg->all)
			para(&p->para, "... >");
		para_program(p, ts->exe, ts->next ? " >" : "");
	}
}

/* A line that the caller ends. */
static void print_life_head(struct timeline_text *p, const struct timeline_life *tl,
			    const char *after)
{
	para_begin(&p->para, 0);
	paint_begin(&p->layout, "1");
	para(&p->para, "pid~%u", tl->life->pid);
	para_name(&p->para, tl->life->comm, strlen(tl->life->comm), ",");
	paint_end(&p->layout);
	if (tl->life->exe)
		para_program(p, tl->life->exe, ",");
	para_time(p, tl->life->start_ns, "");
	para_duration(&p->para, "for ", tl->life->end_ns - tl->life->start_ns, ",");
	if (p->layout.t0_ns > tl->life->start_ns) {
		para(&p->para, "from");
		para_time(p, p->layout.t0_ns, "~on,");
	}
	para_fate(p, tl, after);
}

static void print_life_counts(struct timeline_text *p, const struct timeline_life *tl,
			      const struct ranking *r)
{
	bool has_chain = tl->spaces->next;

	para_begin(&p->para, 2);
	para_count(&p->para, timeline_life_interest(tl).nr_changes, "change", ",");
	para_count(&p->para, tl->nr_failed, "failed call", ",");
	if (tl->nr_findings) {
		paint_begin(&p->layout, tl->worst == SEVERITY_HIGH ? "1;31" : "33");
		para_count(&p->para, tl->nr_findings, "finding", "");
		para(&p->para, "(%s~at~worst),", severity_name(tl->worst));
		paint_end(&p->layout);
	}
	para_count(&p->para, r->nr + r->nr_quiet + r->nr_alike, "region",
		   tl->shares_with || has_chain ? "," : "");
	if (tl->shares_with)
		para(&p->para, "shared the address space of pid~%u until its exec%s",
		     tl->shares_with, has_chain ? "," : "");
	if (has_chain)
		para_chain(p, tl);
	para_end(&p->para);
}

/* One line for a process with nothing to draw. */
static void print_quiet_life(struct timeline_text *p, const struct timeline_life *tl)
{
	print_life_head(p, tl, ",");
	if (tl->spaces || !tl->shares_with)
		para(&p->para, "no~changes%s", tl->nr_failed ? "," : "");
	else
		para(&p->para, "shares the address space of pid~%u%s", tl->shares_with,
		     tl->nr_failed ? "," : "");
	if (tl->nr_failed)
		para_count(&p->para, tl->nr_failed, "failed call", "");
	para_end(&p->para);
	notes_print_rest(&p->notes, &p->layout, p->cfg->width);
}

static void print_life(struct timeline_text *p, const struct timeline_life *tl, size_t max_rows)
{
	struct ranking r = { 0 };
	unsigned int n = 0;

	p->layout.t0_ns = timeline_start_ns(p->t, tl);
	p->layout.t1_ns = tl->life->end_ns;
	notes_choose(&p->notes, p->cfg, tl);
	if (!tl->spaces || (!timeline_life_interest(tl).level && !p->cfg->all)) {
		print_quiet_life(p, tl);
		return;
	}
	print_life_head(p, tl, "");
	para_end(&p->para);
	for (const struct timeline_space *ts = tl->spaces; ts; ts = ts->next)
		ranking_add_space(&r, &p->layout, p->t, ts, n++);
	print_life_counts(p, tl, &r);
	print_rows(p, tl, &r, max_rows);
	buf_putc(p->out, '\n');
	ranking_done(&r);
}

/* ---- the page ---- */

static void print_legend(struct timeline_text *p)
{
	static const struct {
		uint16_t states;
		const char *means;
	} keys[] = {
		{ SPAN_BIT(SPAN_UNMAPPED), "unmapped" },
		{ SPAN_BIT(SPAN_NONE), "---" },
		{ SPAN_BIT(SPAN_R), "r--" },
		{ SPAN_BIT(SPAN_RW), "rw-" },
		{ SPAN_BIT(SPAN_RX), "r-x" },
		{ SPAN_BIT(SPAN_WX), "w+x" },
		{ SPAN_BIT(SPAN_X), "--x" },
		{ SPAN_BIT(SPAN_W), "-w-" },
		{ SPAN_BIT(SPAN_R) | SPAN_BIT(SPAN_RW), "several" },
		{ SPAN_BIT(SPAN_UNKNOWN), "unknown" },
	};

	para_begin(&p->para, 0);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		para(&p->para, "%c~%s%s", glyph_of(keys[i].states), keys[i].means,
		     i + 1 < sizeof(keys) / sizeof(keys[0]) || p->t->writes.nr ? "," : "");
	if (p->t->writes.nr)
		para(&p->para, "^~written~to~by~the~process's~number");
	para_end(&p->para);
}

static void print_head(struct timeline_text *p, const struct totals *totals)
{
	const char *what = p->cfg->run->what;

	para_begin(&p->para, 0);
	para(&p->para, "Protections over time of");
	para_name(&p->para, what, strlen(what), ":");
	para_count(&p->para, p->t->nr_lives + p->t->nr_dropped, "process", "");
	para_end(&p->para);
	print_legend(p);
	if (totals->lost) {
		para_begin(&p->para, 0);
		para_count(&p->para, totals->lost, "record", totals->lost == 1 ? " was" : " were");
		para(&p->para, "lost: gaps are drawn as ?");
		para_end(&p->para);
	}
	buf_putc(p->out, '\n');
}

static void print_tail(struct timeline_text *p, struct timeline_life *const *hidden,
		       size_t nr_hidden)
{
	const struct timeline *t = p->t;
	uint64_t nr_changes = 0, nr_dropped = 0;

	for (size_t i = 0; i < nr_hidden; i++)
		nr_changes += timeline_life_interest(hidden[i]).nr_changes;
	for (const struct timeline_life *tl = t->lives; tl; tl = tl->next)
		for (const struct timeline_space *ts = tl->spaces; ts; ts = ts->next)
			nr_dropped += ts->history->nr_dropped;
	if (nr_hidden) {
		para_begin(&p->para, 0);
		para(&p->para, "... and");
		para_count(&p->para, nr_hidden, "more process", " with");
		para_count(&p->para, nr_changes, "change", " (--all shows them)");
		para_end(&p->para);
	}
	if (t->nr_dropped) {
		para_begin(&p->para, 0);
		para(&p->para, "... and");
		para_count(&p->para, t->nr_dropped, "process", ", no longer in memory, with");
		para_count(&p->para, t->nr_dropped_changes, "change", "");
		para_end(&p->para);
	}
	if (t->writes.nr_dropped) {
		para_begin(&p->para, 0);
		para_count(&p->para, t->writes.nr_dropped, "write", " that found no room");
		para_end(&p->para);
	}
	if (nr_dropped) {
		para_begin(&p->para, 0);
		para_count(&p->para, nr_dropped, "change", " found no room:");
		para(&p->para, "what they touched is drawn as ?");
		para_end(&p->para);
	}
}

void timeline_page(const struct timeline *t, const struct totals *totals)
{
	struct timeline_text p = {
		.t = t,
		.cfg = &t->cfg,
		.out = &t->cfg.out->buf,
		.para = { .out = &t->cfg.out->buf, .width = t->cfg.width },
	};
	struct timeline_life **v = lives_sorted(t);
	size_t max_rows, nr_shown = lives_shown(t, v, &max_rows);

	layout_init(&p.layout, p.out, t->cfg.width, t->cfg.color);
	print_head(&p, totals);
	for (size_t i = 0; i < nr_shown; i++)
		print_life(&p, v[i], max_rows);
	print_tail(&p, v + nr_shown, t->nr_lives - nr_shown);
	free(v);
}
