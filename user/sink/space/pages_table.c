/* SPDX-License-Identifier: BSD-2-Clause */
/* A row for each mapping; what most mappings lack, and its NUMA nodes, stand below it. */
#include "sink/space/pages_table.h"

#include <string.h>

#include "core/object.h"
#include "core/words.h"
#include "sink/fold.h"
#include "sink/json_put.h"
#include "sink/when.h"
#include "util/fmt.h"

#define NAME_COL   52
#define LEAST_COLS 20

struct pages_text {
	struct buf *b;
	const struct page_rows *rows;
	int width;
};

static bool is_alike(const void *rows, size_t at, size_t other)
{
	const struct page_row *a = &((const struct page_rows *)rows)->v[at];
	const struct page_row *b = &((const struct page_rows *)rows)->v[other];

	return a->end - a->start == b->end - b->start && a->attr.flags == b->attr.flags &&
	       a->attr.obj == b->attr.obj && !memcmp(a->sum, b->sum, sizeof(a->sum)) &&
	       a->guards == b->guards && a->page_bytes == b->page_bytes &&
	       !memcmp(a->node, b->node, sizeof(a->node)) && !strcmp(a->policy, b->policy);
}

static uint64_t thp(const struct page_row *r)
{
	return r->sum[PAGES_THP_ANON] + r->sum[PAGES_THP_SHMEM] + r->sum[PAGES_THP_FILE];
}

static uint64_t hugetlb(const struct page_row *r)
{
	return r->sum[PAGES_HUGETLB_SHARED] + r->sum[PAGES_HUGETLB_PRIVATE];
}

static bool is_private_file(const struct page_row *r)
{
	return r->attr.obj && r->attr.obj->kind == OBJECT_FILE && !(r->attr.flags & VMA_SHARED);
}

/* Pages of code that are no longer the file's. */
static uint64_t changed_text(const struct page_row *r)
{
	return is_private_file(r) && r->attr.flags & VMA_X ? r->sum[PAGES_ANON] : 0;
}

/* Copies are told of files alone: all pages of anonymous memory are. */
static uint64_t copies(const struct page_row *r)
{
	return is_private_file(r) ? r->sum[PAGES_ANON] : 0;
}

static void put_cell(struct buf *b, uint64_t n_bytes, size_t width)
{
	size_t mark = b->len;

	if (n_bytes)
		fmt_size_short(b, n_bytes);
	else
		buf_putc(b, '-');
	align_right(b, mark, width);
}

static void put_cells(struct buf *b, const struct page_row *r, uint64_t n_copies)
{
	put_cell(b, r->sum[PAGES_RSS], 7);
	put_cell(b, r->sum[PAGES_SWAP], 7);
	put_cell(b, n_copies, 7);
	put_cell(b, thp(r), 7);
	buf_putc(b, ' ');
}

/* Notes of a row begin a line of their own, at mark, with commas between them. */
static void note_begin(struct buf *b, size_t mark)
{
	if (b->len == mark)
		buf_fill(b, ' ', 25);
	else
		buf_puts(b, ", ");
}

static void put_note(struct buf *b, size_t mark, const char *what, uint64_t n_bytes)
{
	if (!n_bytes)
		return;
	note_begin(b, mark);
	buf_puts(b, what);
	buf_putc(b, ' ');
	fmt_size_short(b, n_bytes);
}

/* "policy bind:0, node 0 12K, node 1 4K" where that is not the usual. */
static void put_nodes(struct pages_text *t, size_t mark, const struct page_row *r)
{
	bool is_usual = !r->policy[0] || !strcmp(r->policy, "default");
	unsigned int i;

	if (!is_usual) {
		note_begin(t->b, mark);
		buf_puts(t->b, "policy ");
		buf_puts(t->b, r->policy);
	}
	for (i = 0; i < t->rows->nr_nodes && (!is_usual || t->rows->nr_nodes > 1); i++) {
		if (!r->node[i])
			continue;
		note_begin(t->b, mark);
		buf_printf(t->b, "node %u ", i);
		fmt_size_short(t->b, r->node[i]);
	}
}

static void put_notes(struct pages_text *t, const struct page_row *r)
{
	size_t mark = t->b->len;

	put_note(t->b, mark, "CHANGED TEXT: private copies of code,", changed_text(r));
	put_note(t->b, mark, "guard regions", r->guards);
	put_note(t->b, mark, "reserved huge pages", hugetlb(r));
	if (r->page_bytes > page_bytes)
		put_note(t->b, mark, "pages of", r->page_bytes);
	put_note(t->b, mark, "locked", r->sum[PAGES_LOCKED]);
	put_nodes(t, mark, r);
	if (t->b->len > mark)
		buf_putc(t->b, '\n');
}

static void put_row(struct pages_text *t, const struct page_row *r)
{
	size_t mark = t->b->len;

	buf_hex(t->b, r->start);
	align_right(t->b, mark, 12);
	put_cell(t->b, r->end - r->start, 7);
	buf_putc(t->b, ' ');
	word_prot(t->b, &r->attr);
	buf_putc(t->b, r->attr.flags & VMA_SHARED ? 's' : 'p');
	put_cells(t->b, r, copies(r));
	word_mapping(t->b, r->attr.obj,
		     t->width > NAME_COL + LEAST_COLS ? t->width - NAME_COL - 1 : LEAST_COLS);
	buf_putc(t->b, '\n');
	put_notes(t, r);
}

static struct page_row sum_up(const struct page_rows *rows)
{
	struct page_row sum = { 0 };
	size_t i, k;

	for (i = 0; i < rows->nr; i++) {
		const struct page_row *r = &rows->v[i];

		sum.end += r->end - r->start;
		sum.guards += r->guards;
		for (k = 0; k < NR_PAGE_SUMS; k++)
			sum.sum[k] += r->sum[k];
		for (k = 0; k < PAGE_NODES; k++)
			sum.node[k] += r->node[k];
	}
	return sum;
}

static void put_sum(struct pages_text *t)
{
	const struct page_row sum = sum_up(t->rows);
	uint64_t all_copies = 0;
	size_t mark = t->b->len, i;

	for (i = 0; i < t->rows->nr; i++)
		all_copies += copies(&t->rows->v[i]);
	buf_dec(t->b, t->rows->nr);
	align_right(t->b, mark, 12);
	put_cell(t->b, sum.end, 7);
	buf_puts(t->b, "     ");
	put_cells(t->b, &sum, all_copies);
	buf_puts(t->b, "in all\n");
	put_notes(t, &sum);
}

void pages_table(struct buf *b, const struct page_rows *rows, bool all, int width)
{
	const struct row_fold fold = { .nr = rows->nr, .is_alike = is_alike, .rows = rows };
	struct pages_text t = { b, rows, width };
	size_t at, i, period, turns;

	buf_puts(b, "ADDRESS         SIZE PROT    RSS   SWAP COPIES    THP WHAT\n");
	for (at = 0; at < rows->nr; at += period * turns) {
		period = fold_period(&fold, at, &turns);
		if (all)
			period = turns = 1;
		for (i = at; i < at + period; i++)
			put_row(&t, &rows->v[i]);
		if (turns > 1)
			buf_printf(b, "             × %zu%s, up to %llx\n", turns,
				   period > 1 ? ": these rows in turns" : " alike",
				   (unsigned long long)rows->v[at + period * turns - 1].end);
	}
	put_sum(&t);
}

/* ---- JSON ---- */

static void json_sums(struct buf *b, const struct page_rows *rows, const struct page_row *r)
{
	static const char *const names[] = {
#define PAGE_NAME(ID, name, field, about) #name,
		PAGE_SUMS(PAGE_NAME)
#undef PAGE_NAME
	};
	size_t i;

	for (i = 0; i < NR_PAGE_SUMS; i++)
		put_u64(b, names[i], r->sum[i]);
	if (rows->has_guards)
		put_u64(b, "guards", r->guards);
	if (!rows->nr_nodes)
		return;
	put_key(b, "nodes");
	buf_putc(b, '[');
	for (i = 0; i < rows->nr_nodes; i++) {
		if (i)
			buf_putc(b, ',');
		buf_dec(b, r->node[i]);
	}
	buf_putc(b, ']');
}

void pages_json(struct buf *b, uint32_t pid, const struct page_rows *rows)
{
	const struct page_row sum = sum_up(rows);
	size_t i;

	for (i = 0; i < rows->nr; i++) {
		const struct page_row *r = &rows->v[i];

		buf_puts(b, "{\"type\":\"pages\"");
		put_u64(b, "pid", pid);
		put_hex(b, "start", r->start);
		put_hex(b, "end", r->end);
		put_u64(b, "size", r->end - r->start);
		put_rights(b, "prot", r->attr.flags);
		put_bool(b, "shared", r->attr.flags & VMA_SHARED);
		put_named(b, "mapping", r->attr.obj);
		put_u64(b, "page_bytes", r->page_bytes);
		put_u64(b, "copies", copies(r));
		put_u64(b, "changed_text", changed_text(r));
		if (r->policy[0])
			put_word(b, "policy", r->policy);
		json_sums(b, rows, r);
		buf_puts(b, "}\n");
	}
	buf_puts(b, "{\"type\":\"pages_total\"");
	put_u64(b, "pid", pid);
	put_u64(b, "mappings", rows->nr);
	put_u64(b, "size", sum.end);
	json_sums(b, rows, &sum);
	buf_puts(b, "}\n");
}
