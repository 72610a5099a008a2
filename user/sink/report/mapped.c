/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows by what made their pieces alike: program, maker, use, rights, and the object that is mapped. */
#include "sink/report/mapped.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

#define MAX_ROWS (1u << 16) /* some 200 bytes each */

struct adding {
	struct mapped_table *t;
	struct mapped_space *space;
	const struct object *exe;
	bool is_over;
	const struct report_config *cfg;
};

static struct mapped_row *row_at(struct mapped_table *t, const struct mapped_row *like)
{
	struct mapped_row *row;

	HASH_FIND(hh, t->rows, &like->key, sizeof(like->key), row);
	if (row)
		return row;
	if (HASH_COUNT(t->rows) >= MAX_ROWS)
		return &t->others;
	row = mem_alloc(sizeof(*row));
	row->key = like->key;
	HASH_ADD(hh, t->rows, key, sizeof(row->key), row);
	return row;
}

static void row_sum(struct mapped_row *row, const struct mapped_row *more)
{
	row->least = !row->nr || more->least < row->least ? more->least : row->least;
	row->most = more->most > row->most ? more->most : row->most;
	if (more->first_ns && (!row->first_ns || more->first_ns < row->first_ns))
		row->first_ns = more->first_ns;
	row->last_ns = more->last_ns > row->last_ns ? more->last_ns : row->last_ns;
	row->nr += more->nr;
	row->bytes += more->bytes;
}

static void add_piece(void *ctx, const struct piece_made *p)
{
	const bool is_file = p->use == USE_FILE || p->use == USE_CODE;
	struct adding *a = ctx;
	struct mapped_row row = { .nr = 1 };

	row.bytes = row.least = row.most = p->end - p->start;
	a->space->bytes[p->attr.flags & VMA_PROT] += row.bytes;
	a->space->bytes_of_use[p->use] += row.bytes;
	a->space->nr_of_use[p->use]++;
	if (a->cfg->since_ns && (!p->made || p->made->made_ns <= a->cfg->since_ns))
		return;
	if (!scope_has_mapping(&a->cfg->scope, p->start, p->end, p->attr.obj))
		return;
	row.key.exe = a->exe;
	row.key.maker = p->made ? p->made->maker : NULL;
	row.key.obj = p->attr.obj;
	row.key.use = is_file ? USE_FILE : p->use;
	row.key.prot = is_file ? 0 : p->attr.flags & VMA_PROT;
	row.key.is_over = a->is_over;
	if (p->made && p->made->maker->key.type != EVENT_RANGE)
		row.first_ns = row.last_ns = p->made->made_ns;
	row_sum(row_at(a->t, &row), &row);
}

void mapped_add(struct mapped_table *t, const struct aspace *as, const struct makers *m,
		const struct object *exe, bool is_over, const struct report_config *cfg,
		struct mapped_space *ret)
{
	struct adding a = { t, ret, exe, is_over, cfg };

	memset(ret, 0, sizeof(*ret));
	ret->is_known = true;
	remains_each(as, m, add_piece, &a);
}

/* ---- order ---- */

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_words(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int by = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return by ? by : compare_u64(a_len, b_len);
}

/* Objects are equal if they read the same. */
static int compare_named(const struct object *a, const struct object *b)
{
	int by;

	if (a == b || !a || !b)
		return !!a - !!b;
	by = compare_words(a->name, a->name_len, b->name, b->name_len);
	return by ? by : compare_u64(a->kind, b->kind);
}

static int compare_makers(const struct maker *a, const struct maker *b)
{
	int by;

	if (a == b || !a || !b)
		return !!a - !!b;
	by = compare_named(a->key.caller.obj, b->key.caller.obj);
	if (!by)
		by = compare_u64(a->key.caller.off, b->key.caller.off);
	if (!by)
		by = strcmp(a->key.functions, b->key.functions);
	if (!by)
		by = compare_u64(a->key.type, b->key.type);
	return by ? by : compare_u64(a->key.call, b->key.call);
}

/* Rows are equal if they read the same. */
static int compare_words_of(const void *va, const void *vb)
{
	const struct mapped_row *a = va, *b = vb;
	int by = compare_named(a->key.obj, b->key.obj);

	if (!by)
		by = compare_makers(a->key.maker, b->key.maker);
	if (!by)
		by = compare_named(a->key.exe, b->key.exe);
	if (!by)
		by = compare_u64(a->key.use, b->key.use);
	return by ? by : compare_u64(a->key.prot, b->key.prot);
}

static int compare_rows(const void *va, const void *vb)
{
	const struct mapped_row *a = va, *b = vb;
	int by = compare_u64(b->bytes, a->bytes);

	if (!by)
		by = compare_u64(b->nr, a->nr);
	return by ? by : compare_words_of(a, b);
}

struct mapped_row *mapped_rows(const struct mapped_table *t, bool is_over, size_t *ret_nr)
{
	struct mapped_row *rows = mem_array(HASH_COUNT(t->rows) + 1, sizeof(*rows));
	const struct mapped_row *row;
	size_t nr = 0, i;

	for (row = t->rows; row; row = row->hh.next)
		if (row->key.is_over == is_over)
			rows[nr++] = *row;
	qsort(rows, nr, sizeof(*rows), compare_words_of);
	for (i = 0, *ret_nr = 0; i < nr; i++) {
		if (*ret_nr && !compare_words_of(&rows[*ret_nr - 1], &rows[i]))
			row_sum(&rows[*ret_nr - 1], &rows[i]);
		else
			rows[(*ret_nr)++] = rows[i];
	}
	qsort(rows, *ret_nr, sizeof(*rows), compare_rows);
	return rows;
}

void mapped_done(struct mapped_table *t)
{
	struct mapped_row *row, *next;

	HASH_ITER(hh, t->rows, row, next) {
		HASH_DEL(t->rows, row);
		free(row);
	}
}
