/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows are compared by their text, as the two sides may come of other machines. A function's name
 * goes before its place, which is another in each build.
 */
#include "sink/report/diff_page.h"

#include <stdlib.h>
#include <string.h>

#include "core/words.h"
#include "sink/json_put.h"
#include "sink/report/report.h"
#include "sink/when.h"
#include "util/escape.h"
#include "util/fmt.h"
#include "util/mem.h"

#define PAGE_ROWS 10

struct diff_value {
	uint64_t n, bytes;
};

struct diff_row {
	char *name; /* owned; escaped */
	struct diff_value side[2];
};

struct diff_rows {
	struct diff_row *v;
	size_t nr, cap;
};

static void add(struct diff_rows *rows, int side, struct buf *name, uint64_t n, uint64_t bytes)
{
	struct diff_row *row;

	if (rows->nr == rows->cap) {
		rows->cap = rows->cap ? 2 * rows->cap : 256;
		rows->v = mem_grow(rows->v, rows->cap, sizeof(*rows->v));
	}
	row = &rows->v[rows->nr++];
	*row = (struct diff_row){ .name = mem_strdup(buf_str(name)) };
	row->side[side] = (struct diff_value){ n, bytes };
	name->len = 0;
}

/* ---- rows ---- */

static void name_prot(struct buf *b, uint64_t flags)
{
	const struct attr attr = { .flags = flags };

	if (attr_is_mapped(&attr) || attr_is_unknown(&attr))
		word_prot(b, &attr);
	else
		buf_puts(b, "none");
}

static void name_sum(struct buf *b, enum report_by by, const struct tally_row *row)
{
	const uint64_t *key = row->key;
	const struct object *obj = (const struct object *)(uintptr_t)key[0];
	const struct caller caller = tally_caller(row);

	if (by == REPORT_TRANSITION) {
		name_prot(b, key[0]);
		buf_puts(b, " -> ");
		name_prot(b, key[1]);
	} else if (by == REPORT_CALLER) {
		word_caller(b, &caller, 0);
	} else {
		word_program(b, obj, 0);
	}
}

static void add_sums(struct diff_rows *rows, int side, struct report *r, enum report_by by)
{
	struct buf name = { 0 };
	size_t nr, i;
	struct tally_row *sums = report_rows(r, by, &nr);

	for (i = 0; i < nr; i++) {
		name_sum(&name, by, &sums[i]);
		add(rows, side, &name, sums[i].sum.changes, sums[i].sum.bytes);
	}
	buf_done(&name);
	free(sums);
}

static void name_mapped(struct buf *b, enum report_by by, const struct mapped_row *row)
{
	const struct attr attr = { .flags = row->key.prot | VMA_MAPPED };
	const struct maker *m = row->key.maker;

	if (by == REPORT_MAPPING) {
		word_mapping(b, row->key.obj, 0);
	} else if (by == REPORT_RIGHTS) {
		if (row->key.use != USE_FILE)
			word_prot(b, &attr);
		buf_puts(b, row->key.use == USE_FILE ? "" : " ");
		buf_puts(b, use_name(row->key.use));
	} else if (m && m->key.functions[0]) {
		buf_puts(b, m->key.functions);
	} else {
		word_maker(b, m, 0);
	}
}

/* Rows of processes that live, and of those that ended. */
static void add_mapped(struct diff_rows *rows, int side, struct report *r, enum report_by by)
{
	struct buf name = { 0 };
	size_t nr, i;
	int is_over;

	for (is_over = 0; is_over < 2; is_over++) {
		struct mapped_row *v = mapped_rows(&r->mapped, is_over, &nr);

		for (i = 0; i < nr; i++) {
			name_mapped(&name, by, &v[i]);
			add(rows, side, &name, v[i].nr, v[i].bytes);
		}
		free(v);
	}
	buf_done(&name);
}

/* ---- joining ---- */

static int compare_names(const void *va, const void *vb)
{
	return strcmp(((const struct diff_row *)va)->name, ((const struct diff_row *)vb)->name);
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* By what the table is about: bytes of what is mapped, or changes. */
static int compare_distance(const void *va, const void *vb, void *by_bytes)
{
	const struct diff_value *a = ((const struct diff_row *)va)->side;
	const struct diff_value *b = ((const struct diff_row *)vb)->side;
	uint64_t x = by_bytes ? distance(a[0].bytes, a[1].bytes) : distance(a[0].n, a[1].n);
	uint64_t y = by_bytes ? distance(b[0].bytes, b[1].bytes) : distance(b[0].n, b[1].n);

	return x != y ? (x > y ? -1 : 1) : compare_names(va, vb);
}

/* One row for each name. */
static void join(struct diff_rows *rows)
{
	size_t i, nr = 0;

	qsort(rows->v, rows->nr, sizeof(*rows->v), compare_names);
	for (i = 0; i < rows->nr; i++) {
		struct diff_row *at = nr ? &rows->v[nr - 1] : NULL, *row = &rows->v[i];

		if (!at || strcmp(at->name, row->name) != 0) {
			rows->v[nr++] = *row;
			continue;
		}
		for (int side = 0; side < 2; side++) {
			at->side[side].n += row->side[side].n;
			at->side[side].bytes += row->side[side].bytes;
		}
		free(row->name);
	}
	rows->nr = nr;
}

static void leave_equal_out(struct diff_rows *rows)
{
	size_t i, nr = 0;

	for (i = 0; i < rows->nr; i++) {
		const struct diff_value *v = rows->v[i].side;

		if (v[0].n == v[1].n && v[0].bytes == v[1].bytes)
			free(rows->v[i].name);
		else
			rows->v[nr++] = rows->v[i];
	}
	rows->nr = nr;
}

/* ---- output ---- */

static void put_cell(struct buf *b, uint64_t v, bool is_size, const char *sign)
{
	size_t mark = b->len;

	buf_puts(b, sign);
	if (is_size)
		fmt_size_short(b, v);
	else
		buf_dec(b, v);
	align_right(b, mark, 9);
}

static void put_row(const struct diff_config *cfg, const struct diff_row *row, bool is_size)
{
	const struct diff_value *v = row->side;
	const uint64_t from = is_size ? v[0].bytes : v[0].n, to = is_size ? v[1].bytes : v[1].n;
	struct buf *b = &cfg->out->buf;

	put_cell(b, from, is_size, "");
	put_cell(b, to, is_size, "");
	put_cell(b, distance(from, to), is_size, to > from ? "+" : to < from ? "-" : "");
	if (is_size) { /* and how many pieces */
		put_cell(b, distance(v[0].n, v[1].n), false,
			 v[1].n > v[0].n ? "+" :
			 v[1].n < v[0].n ? "-" :
					   "");
	}
	buf_puts(b, "  ");
	escape_again(b, row->name, strlen(row->name));
	buf_putc(b, '\n');
}

static void json_side(struct buf *b, const char *key, const struct diff_value *v, bool is_size)
{
	put_key(b, key);
	buf_putc(b, '{');
	put_u64(b, is_size ? "mappings" : "changes", v->n);
	put_u64(b, "bytes", v->bytes);
	buf_putc(b, '}');
}

static void json_row(const struct diff_config *cfg, const char *by, const struct diff_row *row,
		     bool is_size)
{
	struct buf *b = &cfg->out->buf;

	buf_puts(b, "{\"type\":\"diff\"");
	put_word(b, "by", by);
	put_word(b, "name", row->name);
	json_side(b, "a", &row->side[0], is_size);
	json_side(b, "b", &row->side[1], is_size);
	buf_puts(b, "}\n");
}

static void put_rows(const struct diff_config *cfg, const char *by, const char *title,
		     struct diff_rows *rows, bool is_size)
{
	struct buf *b = &cfg->out->buf;
	size_t most = cfg->top ? cfg->top : PAGE_ROWS, i;

	join(rows);
	if (!cfg->all)
		leave_equal_out(rows);
	qsort_r(rows->v, rows->nr, sizeof(*rows->v), compare_distance, is_size ? rows : NULL);
	if (rows->nr && !cfg->json)
		buf_printf(b, "\n        A        B     diff%s  %s\n", is_size ? "   pieces" : "",
			   title);
	for (i = 0; i < rows->nr; i++) {
		if (cfg->json)
			json_row(cfg, by, &rows->v[i], is_size);
		else if (i < most)
			put_row(cfg, &rows->v[i], is_size);
		free(rows->v[i].name);
	}
	if (i > most && !cfg->json) {
		buf_puts(b, "  ... and ");
		fmt_count(b, i - most, "more row");
		buf_puts(b, " (--top N shows them)\n");
	}
	free(rows->v);
}

size_t diff_nr_processes(struct report *r)
{
	size_t nr;

	free(report_lives(r, &nr));
	return nr;
}

static void put_head(const struct diff_config *cfg, struct report *const sides[2],
		     const char *const names[2])
{
	struct buf *b = &cfg->out->buf;

	for (int i = 0; i < 2; i++) {
		struct report *r = sides[i];

		buf_puts(b, i ? "B: " : "A: ");
		escape_text(b, names[i], strlen(names[i]));
		buf_puts(b, ", ");
		fmt_count(b, diff_nr_processes(r), "process");
		buf_puts(b, ", ");
		fmt_count(b, r->sum.changes, "change");
		buf_puts(b, ", ");
		fmt_count(b, r->sum.failed, "failed call");
		buf_putc(b, '\n');
	}
}

void diff_page(const struct diff_config *cfg, struct report *const sides[2],
	       const char *const names[2])
{
	static const struct {
		enum report_by by;
		bool is_mapped;
		const char *name, *title;
	} tables[] = {
		{ REPORT_MAPPING, true, "mapped", "mapped, by name" },
		{ REPORT_MAPPED, true, "maker", "mapped, by who made it" },
		{ REPORT_RIGHTS, true, "use", "mapped, by right and use" },
		{ REPORT_EXE, false, "exe", "changes, by program" },
		{ REPORT_MAPPING, false, "mapping", "changes, by mapping" },
		{ REPORT_TRANSITION, false, "transition", "changes, by transition" },
		{ REPORT_CALLER, false, "caller", "changes, by caller" },
	};

	if (!cfg->json)
		put_head(cfg, sides, names);
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		struct diff_rows rows = { 0 };

		for (int side = 0; side < 2; side++) {
			if (tables[i].is_mapped)
				add_mapped(&rows, side, sides[side], tables[i].by);
			else
				add_sums(&rows, side, sides[side], tables[i].by);
		}
		put_rows(cfg, tables[i].name, tables[i].title, &rows, tables[i].is_mapped);
	}
}

struct sink diff_collector(const struct run_info *run, const struct maker_table *makers,
			   uint64_t since_ns, struct report **ret)
{
	const struct report_config cfg = { .run = run, .makers = makers, .since_ns = since_ns };
	struct sink sink = report_sink_new(&cfg);

	*ret = sink.priv;
	return sink;
}
