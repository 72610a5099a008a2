/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mappings as rows: rows that repeat, one by one or in turns (a stack, its guard, a stack, its
 * guard), are shown once, with how often.
 */
#include <stdlib.h>
#include <string.h>

#include "core/object.h"
#include "core/words.h"
#include "sink/fold.h"
#include "sink/json_put.h"
#include "sink/space/space.h"
#include "sink/when.h"
#include "util/escape.h"
#include "util/fmt.h"
#include "util/mem.h"

#define LEAST_COLS 12 /* of a name */
#define MAKER_COLS 18

struct maps_rows {
	const struct space_config *cfg;
	struct piece_made *v;
	size_t nr, cap;
};

static void add_row(void *ctx, const struct piece_made *p)
{
	struct maps_rows *rows = ctx;

	if (space_leaves_out(rows->cfg, p))
		return;
	if (rows->nr == rows->cap) {
		rows->cap = rows->cap ? 2 * rows->cap : 256;
		rows->v = mem_grow(rows->v, rows->cap, sizeof(*rows->v));
	}
	rows->v[rows->nr++] = *p;
}

/* True if the rows read alike but for where and since when. */
static bool is_alike(const void *rows, size_t at, size_t other)
{
	const struct maps_rows *r = rows;
	const struct piece_made *a = &r->v[at], *b = &r->v[other];
	const struct made *x = a->made, *y = b->made;

	return a->end - a->start == b->end - b->start && a->attr.flags == b->attr.flags &&
	       a->use == b->use && a->attr.obj == b->attr.obj && !!x == !!y &&
	       (!x || (x->maker == y->maker && x->changer == y->changer && x->was == y->was));
}

/* ---- the table ---- */

struct maps_text {
	struct buf *b;
	const struct space_config *cfg;
	bool has_makers; /* set if anything is known of who made what */
	size_t line;
};

static size_t cols_left(const struct maps_text *t)
{
	size_t used = escape_width(t->b->data + t->line, t->b->len - t->line);
	size_t width = t->cfg->width;

	return used + LEAST_COLS < width ? width - used : LEAST_COLS;
}

static void put_functions(struct maps_text *t, const struct maker *m)
{
	if (!m || !m->key.functions[0])
		return;
	buf_puts(t->b, " (");
	escape_again(t->b, m->key.functions, strlen(m->key.functions));
	buf_putc(t->b, ')');
}

/* The lines below a row: by which functions it was made, and what it was before. */
static void put_past(struct maps_text *t, const struct made *made)
{
	const struct attr was = { .flags = made->was };

	if (made->maker && made->maker->key.functions[0]) {
		buf_fill(t->b, ' ', 25);
		buf_puts(t->b, "by");
		put_functions(t, made->maker);
		buf_putc(t->b, '\n');
	}
	if (!made->changed_ns)
		return;
	buf_fill(t->b, ' ', 25);
	buf_puts(t->b, "was ");
	word_prot(t->b, &was);
	buf_puts(t->b, was.flags & VMA_GUARD ? ", a guard, until " : " until ");
	space_put_time(t->b, t->cfg, made->changed_ns);
	buf_puts(t->b, ", changed by ");
	word_maker(t->b, made->changer, 24);
	put_functions(t, made->changer);
	buf_putc(t->b, '\n');
}

static void put_maker(struct maps_text *t, const struct made *made)
{
	size_t cols;

	buf_putc(t->b, ' ');
	if (made)
		space_put_time(t->b, t->cfg, made->made_ns);
	else
		buf_fill(t->b, ' ', 12);
	buf_putc(t->b, ' ');
	cols = word_maker(t->b, made ? made->maker : NULL, MAKER_COLS);
	buf_fill(t->b, ' ', cols < MAKER_COLS ? MAKER_COLS - cols : 0);
}

static void put_row(struct maps_text *t, const struct piece_made *p)
{
	size_t mark;

	t->line = mark = t->b->len;
	buf_hex(t->b, p->start);
	align_right(t->b, mark, 12);
	buf_putc(t->b, ' ');
	mark = t->b->len;
	fmt_size_short(t->b, p->end - p->start);
	align_right(t->b, mark, 6);
	buf_putc(t->b, ' ');
	space_put_perms(t->b, &p->attr);
	if (t->has_makers)
		put_maker(t, p->made);
	buf_putc(t->b, ' ');
	space_put_use(t->b, p, cols_left(t));
	buf_putc(t->b, '\n');
	if (t->has_makers && p->made)
		put_past(t, p->made);
}

/* "× 32,000: these 2 rows, 16K each time, up to 7f…" */
static void put_fold(struct maps_text *t, const struct maps_rows *rows, size_t at, size_t period,
		     size_t turns)
{
	uint64_t each = 0;
	size_t i;

	for (i = at; i < at + period; i++)
		each += rows->v[i].end - rows->v[i].start;
	buf_fill(t->b, ' ', 13);
	buf_puts(t->b, "× ");
	buf_dec(t->b, turns);
	buf_puts(t->b, ": ");
	if (period > 1)
		buf_printf(t->b, "these %zu rows, ", period);
	fmt_size_short(t->b, each);
	buf_puts(t->b, period > 1 ? " each time, " : " each, ");
	fmt_size_short(t->b, each * turns);
	buf_puts(t->b, " in all, up to ");
	buf_hex(t->b, rows->v[at + period * turns - 1].end);
	buf_putc(t->b, '\n');
}

static bool some_made(const struct maps_rows *rows)
{
	size_t i;

	for (i = 0; i < rows->nr; i++)
		if (rows->v[i].made && rows->v[i].made->maker->key.type != EVENT_RANGE)
			return true;
	return false;
}

void maps_table(struct buf *b, const struct space_config *cfg, const struct space_view *v)
{
	struct maps_text t = { .b = b, .cfg = cfg };
	struct maps_rows rows = { .cfg = cfg };
	struct row_fold fold = { .is_alike = is_alike, .rows = &rows };
	size_t at, i, period, turns;

	remains_each(v->as, v->makers, add_row, &rows);
	fold.nr = rows.nr;
	t.has_makers = some_made(&rows);
	space_put_who(b, cfg, v);
	buf_puts(b, v->end_ns ? ": its last mappings" : ": ");
	if (!v->end_ns)
		fmt_count(b, aspace_nr_vmas(v->as), "mapping");
	if (v->is_stale)
		buf_puts(b, ", parts of which were not known for sure");
	buf_puts(b, t.has_makers ?
			    "\nADDRESS        SIZE PROT MADE         BY                 WHAT\n" :
			    "\nADDRESS        SIZE PROT WHAT\n");
	for (at = 0; at < rows.nr; at += period * turns) {
		period = fold_period(&fold, at, &turns);
		if (cfg->all || turns == 1)
			period = turns = 1;
		for (i = at; i < at + period; i++)
			put_row(&t, &rows.v[i]);
		if (turns > 1)
			put_fold(&t, &rows, at, period, turns);
	}
	free(rows.v);
}

/* ---- JSON ---- */

struct maps_json {
	struct buf *b;
	const struct space_config *cfg;
	const struct space_view *view;
};

static void json_row(void *ctx, const struct piece_made *p)
{
	const struct maps_json *j = ctx;
	const struct object *o = p->attr.obj;
	struct buf *b = j->b;

	if (space_leaves_out(j->cfg, p))
		return;
	buf_puts(b, "{\"type\":\"mapping\"");
	space_json_who(b, j->view);
	put_hex(b, "start", p->start);
	put_hex(b, "end", p->end);
	put_u64(b, "size", p->end - p->start);
	put_rights(b, "prot", p->attr.flags);
	put_bool(b, "shared", p->attr.flags & VMA_SHARED);
	put_word(b, "use", use_name(p->use));
	put_named(b, "mapping", o);
	put_u64(b, "offset", p->attr.off);
	put_u64(b, "dev_major", dev_major(o->dev));
	put_u64(b, "dev_minor", dev_minor(o->dev));
	put_u64(b, "ino", o->ino);
	space_json_made(b, p);
	buf_puts(b, "}\n");
}

void maps_json(struct buf *b, const struct space_config *cfg, const struct space_view *v)
{
	struct maps_json j = { b, cfg, v };

	remains_each(v->as, v->makers, json_row, &j);
}
