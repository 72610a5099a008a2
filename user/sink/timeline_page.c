/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page: processes with most to see first, in each the lanes with most to see,
 * the rest counted. No line is wider than the terminal: prose is wrapped word by
 * word, names are cut. Lanes themselves are drawn by timeline_row.c.
 */
#include "sink/timeline_row.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "core/object.h"
#include "util/escape.h"
#include "util/fmt.h"
#include "util/mem.h"

#define MAX_STORIES_SHOWN 8
#define MAX_ROWS_SHOWN 24      /* of one process alone */
#define ROWS_SHARED 48	       /* by several processes ... */
#define MIN_ROWS_SHOWN 6       /* ... each of which gets so many */
#define MAX_CHAIN_SHOWN 8      /* programs of a chain of execs */
#define NAME_COLS_MAX 60

struct page {
	const struct timeline *t;
	const struct timeline_config *cfg;
	struct buf *out;
	struct layout layout;
	size_t col; /* of the paragraph being written */
	size_t indent;
};

struct ranked {
	struct row row;
	struct interest interest;
	unsigned int image_nr;
	size_t rank;
};

struct ranking {
	struct ranked *v;
	size_t nr, cap;
	size_t nr_quiet; /* left out: nothing happened to them */
};

/* ---- paragraphs ---- */

static void para_begin(struct page *p, size_t indent)
{
	buf_fill(p->out, ' ', indent);
	p->col = p->indent = indent;
}

static void para_end(struct page *p)
{
	buf_putc(p->out, '\n');
}

static void para_word(struct page *p, const char *s, size_t len, size_t cols)
{
	if (p->col > p->indent) {
		if (p->col + 1 + cols > (size_t)p->cfg->width) {
			buf_putc(p->out, '\n');
			p->indent = p->indent ? p->indent : 2;
			buf_fill(p->out, ' ', p->indent);
			p->col = p->indent;
		} else {
			buf_putc(p->out, ' ');
			p->col++;
		}
	}
	buf_add(p->out, s, len);
	p->col += cols;
}

/* Our own words, ASCII; a tilde is a space that does not break. */
__attribute__((format(printf, 2, 3))) static void para(struct page *p, const char *fmt, ...)
{
	char text[256], *word, *rest = text;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	while ((word = strsep(&rest, " "))) {
		size_t len = strlen(word);

		for (char *c = word; *c; c++)
			if (*c == '~')
				*c = ' ';
		para_word(p, word, len, len);
	}
}

/* A string from outside, as one word, and what follows it. */
static void para_name(struct page *p, const char *s, size_t len, const char *suffix)
{
	size_t room = p->cfg->width - 2 - p->indent - strlen(suffix), cols;
	struct buf b = { 0 };

	cols = escape_text_cut(&b, s, len, room < NAME_COLS_MAX ? room : NAME_COLS_MAX);
	buf_puts(&b, suffix);
	para_word(p, b.data, b.len, cols + strlen(suffix));
	buf_done(&b);
}

static void para_object(struct page *p, const struct object *o, const char *suffix)
{
	if (o)
		para_name(p, o->name, o->name_len, suffix);
	else
		para(p, "?%s", suffix);
}

static void para_duration(struct page *p, const char *before, uint64_t ns, const char *after)
{
	struct buf b = { 0 };
	char *space;

	fmt_duration(&b, ns);
	buf_str(&b);
	space = memchr(b.data, ' ', b.len);
	if (space)
		*space = '~';
	para(p, "%s%s%s", before, buf_str(&b), after);
	buf_done(&b);
}

static void para_time(struct page *p, uint64_t ts_ns, const char *after)
{
	struct buf b = { 0 };

	fmt_time_of_day(&b, ts_ns + p->cfg->run->boot_to_wall_ns, p->cfg->utc);
	para(p, "%s%s", buf_str(&b), after);
	buf_done(&b);
}

/* "1 change", "2 changes" */
static void para_count(struct page *p, uint64_t n, const char *noun, const char *after)
{
	size_t len = strlen(noun);
	const char *plural = n == 1 ? "" : noun[len - 1] == 's' ? "es" : "s";

	para(p, "%llu~%s%s%s", (unsigned long long)n, noun, plural, after);
}

/* ---- which lanes are shown ---- */

static int ranked_compare(const void *va, const void *vb)
{
	const struct ranked *a = va, *b = vb;
	int by_interest = interest_compare(b->interest, a->interest);

	if (a->row.is_heap != b->row.is_heap)
		return a->row.is_heap ? -1 : 1;
	if (by_interest)
		return by_interest;
	if (a->image_nr != b->image_nr)
		return a->image_nr < b->image_nr ? -1 : 1;
	return a->row.lane->start < b->row.lane->start ? -1 : 1;
}

static int ranked_compare_place(const void *va, const void *vb)
{
	const struct ranked *a = va, *b = vb;

	if (a->image_nr != b->image_nr)
		return a->image_nr < b->image_nr ? -1 : 1;
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}

/* keep: show it though nothing happened. */
static void ranking_add(struct ranking *r, const struct row *row, unsigned int image_nr, bool keep)
{
	const struct lane *l = row->lane;
	int level = l->was_wx ? 3 : l->was_flipped ? 2 : row->nr_changes ? 1 : 0;

	if (!level && !keep) {
		r->nr_quiet++;
		return;
	}
	if (r->nr == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 64;
		r->v = mem_grow(r->v, r->cap, sizeof(*r->v));
	}
	r->v[r->nr++] = (struct ranked){ *row, { level, row->nr_changes }, image_nr, 0 };
}

/* Lanes of image as rows: neighbours of one object that look the same are one. */
static void ranking_add_image(struct ranking *r, const struct page *p, const struct image *im,
			      unsigned int image_nr)
{
	uint16_t cells[2][CHART_COLS_MAX];
	const struct lane *l, *heap = history_heap(im->history);
	struct row row = { .image = im };
	unsigned int at = 0;

	if (heap) {
		struct row h = { im, heap, heap->end, heap->nr_changes, true };

		ranking_add(r, &h, image_nr, p->cfg->all || !im->next);
	}
	for (l = history_next(im->history, NULL); l; l = history_next(im->history, l)) {
		row_cells(&p->layout, im, l, cells[at]);
		if (row.lane && row.end == l->start && object_same(row.lane->obj, l->obj) &&
		    row.lane->was_wx == l->was_wx && row.lane->was_flipped == l->was_flipped &&
		    !memcmp(cells[0], cells[1], sizeof(cells[0]))) {
			row.end = l->end;
			row.nr_changes += l->nr_changes;
			continue;
		}
		if (row.lane)
			ranking_add(r, &row, image_nr, p->cfg->all);
		row = (struct row){ im, l, l->end, l->nr_changes, false };
		at = !at;
	}
	if (row.lane)
		ranking_add(r, &row, image_nr, p->cfg->all);
}

/* ---- one process ---- */

static void print_image_head(struct page *p, const struct story *s, const struct image *im)
{
	para_begin(p, 2);
	if (im->by_exec)
		para(p, "exec");
	para_object(p, im->exe, "");
	para_duration(p, "at +", im->start_ns - s->start_ns, "");
	para_end(p);
}

static void print_rest(struct page *p, const struct ranking *r, size_t nr_shown)
{
	uint64_t most = 0;

	for (size_t i = nr_shown; i < r->nr; i++)
		if (r->v[i].interest.nr_changes > most)
			most = r->v[i].interest.nr_changes;
	if (r->nr == nr_shown && !r->nr_quiet)
		return;
	para_begin(p, 2);
	if (r->nr > nr_shown) {
		para(p, "... and");
		para_count(p, r->nr - nr_shown, "more region", " with up to");
		para_count(p, most, "change", " each");
	}
	if (r->nr_quiet) {
		para(p, "%s", r->nr > nr_shown ? "and" : "...");
		para_count(p, r->nr_quiet, "mapping", " never changed");
	}
	para(p, "(--all shows them)");
	para_end(p);
}

static void print_rows(struct page *p, const struct story *s, struct ranking *r, size_t max_rows)
{
	size_t nr_shown = r->nr < max_rows ? r->nr : max_rows;
	const struct image *im = NULL;

	if (r->nr)
		qsort(r->v, r->nr, sizeof(*r->v), ranked_compare);
	for (size_t i = 0; i < r->nr; i++)
		r->v[i].rank = i;
	if (nr_shown) {
		qsort(r->v, nr_shown, sizeof(*r->v), ranked_compare_place);
		row_print_axis(&p->layout);
	}
	for (size_t i = 0; i < nr_shown; i++) {
		const struct row *row = &r->v[i].row;

		if (row->image != im && s->images->next)
			print_image_head(p, s, row->image);
		im = row->image;
		row_print(&p->layout, row);
		if (row->is_heap)
			row_print_sizes(&p->layout, row);
	}
	print_rest(p, r, nr_shown);
}

static void para_fate(struct page *p, const struct story *s)
{
	int sig = WTERMSIG(s->exit_code);
	const char *name = sigabbrev_np(sig);

	if (!s->is_over)
		para(p, "still~running");
	else if (WIFEXITED(s->exit_code))
		para(p, "exit~status~%d", WEXITSTATUS(s->exit_code));
	else if (name)
		para(p, "killed~by~SIG%s", name);
	else
		para(p, "killed~by~signal~%d", sig);
}

static void para_chain(struct page *p, const struct story *s)
{
	unsigned int n = 0;

	para(p, ", exec~chain:");
	for (const struct image *im = s->images; im; im = im->next) {
		if (++n > MAX_CHAIN_SHOWN && !p->cfg->all && im->next)
			continue;
		if (n > MAX_CHAIN_SHOWN + 1 && !p->cfg->all)
			para(p, "... >");
		para_object(p, im->exe, im->next ? " >" : "");
	}
}

static void print_story_head(struct page *p, const struct story *s)
{
	para_begin(p, 0);
	paint_begin(&p->layout, "1");
	para(p, "pid~%u", s->pid);
	para_name(p, s->comm, strlen(s->comm), ",");
	paint_end(&p->layout);
	if (s->exe)
		para_object(p, s->exe, ",");
	para_time(p, s->start_ns, "");
	para_duration(p, "for ", s->end_ns - s->start_ns, ",");
	para_fate(p, s);
}

static void print_story_counts(struct page *p, const struct story *s, const struct ranking *r)
{
	para_begin(p, 2);
	para_count(p, story_interest(s).nr_changes, "change", ",");
	para_count(p, s->nr_failed, "failed call", ",");
	para_count(p, r->nr + r->nr_quiet, "region", "");
	if (s->shares_with)
		para(p, "; shared the address~space of pid~%u until its exec", s->shares_with);
	if (s->images->next)
		para_chain(p, s);
	para_end(p);
}

static void print_story(struct page *p, const struct story *s, size_t max_rows)
{
	struct ranking r = { 0 };
	unsigned int n = 0;
	bool quiet = !story_interest(s).level && !p->cfg->all;

	p->layout.t0_ns = s->start_ns;
	p->layout.t1_ns = s->end_ns;
	print_story_head(p, s);
	if (!s->images) {
		if (s->shares_with)
			para(p, "; shares the address~space of pid~%u", s->shares_with);
		para_end(p);
		return;
	}
	if (quiet) {
		para(p, "; no~changes");
		if (s->nr_failed)
			para_count(p, s->nr_failed, "failed call", "");
		para_end(p);
		return;
	}
	para_end(p);
	for (const struct image *im = s->images; im; im = im->next)
		ranking_add_image(&r, p, im, n++);
	print_story_counts(p, s, &r);
	print_rows(p, s, &r, p->cfg->all ? SIZE_MAX : max_rows);
	buf_putc(p->out, '\n');
	free(r.v);
}

/* ---- the page ---- */

static int story_compare(const void *va, const void *vb)
{
	const struct story *a = *(const struct story *const *)va;
	const struct story *b = *(const struct story *const *)vb;
	int by_interest = interest_compare(story_interest(b), story_interest(a));

	if (by_interest)
		return by_interest;
	if (a->start_ns != b->start_ns)
		return a->start_ns < b->start_ns ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static void print_legend(struct page *p)
{
	static const struct { uint16_t states; const char *means; } keys[] = {
		{ SPAN_BIT(SPAN_UNMAPPED), "unmapped" },
		{ SPAN_BIT(SPAN_NONE), "no~access" },
		{ SPAN_BIT(SPAN_R), "r--" },
		{ SPAN_BIT(SPAN_RW), "rw-" },
		{ SPAN_BIT(SPAN_RX), "r-x" },
		{ SPAN_BIT(SPAN_WX), "writable~and~executable" },
		{ SPAN_BIT(SPAN_X), "--x" },
		{ SPAN_BIT(SPAN_W), "-w-" },
		{ SPAN_BIT(SPAN_R) | SPAN_BIT(SPAN_RW), "several" },
		{ SPAN_BIT(SPAN_UNKNOWN), "unknown" },
	};

	para_begin(p, 0);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		para(p, "%c~%s%s", glyph_of(keys[i].states), keys[i].means,
		     i + 1 < sizeof(keys) / sizeof(keys[0]) ? "," : "");
	para_end(p);
}

static void print_head(struct page *p, const struct totals *totals)
{
	const char *what = p->cfg->run->what;

	para_begin(p, 0);
	para(p, "Protections over time of");
	para_name(p, what, strlen(what), ":");
	para_count(p, p->t->nr_stories + p->t->nr_dropped, "process", "");
	para_end(p);
	print_legend(p);
	if (totals->lost) {
		para_begin(p, 0);
		para_count(p, totals->lost, "record", totals->lost == 1 ? " was" : " were");
		para(p, "lost: gaps are drawn as ?");
		para_end(p);
	}
	buf_putc(p->out, '\n');
}

static void print_tail(struct page *p, struct story *const *hidden, size_t nr_hidden)
{
	const struct timeline *t = p->t;
	uint64_t nr_changes = 0, nr_dropped = 0;

	for (size_t i = 0; i < nr_hidden; i++)
		nr_changes += story_interest(hidden[i]).nr_changes;
	for (const struct story *s = t->stories; s; s = s->next)
		for (const struct image *im = s->images; im; im = im->next)
			nr_dropped += im->history->nr_dropped;
	para_begin(p, 0);
	if (nr_hidden) {
		para(p, "... and %zu more process%s with", nr_hidden, nr_hidden == 1 ? "" : "es");
		para_count(p, nr_changes, "change", " (--all shows them)");
	}
	if (t->nr_dropped) {
		para(p, "... and");
		para_count(p, t->nr_dropped, "process", " no longer in memory, with");
		para_count(p, t->nr_dropped_changes, "change", "");
	}
	if (nr_dropped) {
		para_count(p, nr_dropped, "change", " found no room:");
		para(p, "what they touched is drawn as ?");
	}
	if (p->col)
		para_end(p);
}

void timeline_page(const struct timeline *t, const struct totals *totals)
{
	struct page p = { .t = t, .cfg = &t->cfg, .out = &t->cfg.out->buf };
	struct story **v = mem_array(t->nr_stories + 1, sizeof(*v));
	size_t nr = 0, nr_shown, nr_busy = 0, max_rows;

	for (struct story *s = t->stories; s; s = s->next) {
		v[nr++] = s;
		nr_busy += story_interest(s).level > 0;
	}
	qsort(v, nr, sizeof(*v), story_compare);
	nr_shown = t->cfg.all || nr < MAX_STORIES_SHOWN ? nr : MAX_STORIES_SHOWN;
	nr_busy = nr_busy < nr_shown ? nr_busy : nr_shown;
	max_rows = nr_busy ? ROWS_SHARED / nr_busy : 0;
	if (max_rows > MAX_ROWS_SHOWN)
		max_rows = MAX_ROWS_SHOWN;
	if (max_rows < MIN_ROWS_SHOWN)
		max_rows = MIN_ROWS_SHOWN;
	layout_init(&p.layout, p.out, t->cfg.width, t->cfg.color);
	print_head(&p, totals);
	for (size_t i = 0; i < nr_shown; i++)
		print_story(&p, v[i], max_rows);
	print_tail(&p, v + nr_shown, nr - nr_shown);
	free(v);
}
