/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of tables, and their order. Ties are broken by name, so that no order depends on addresses.
 */
#include <stdlib.h>
#include <string.h>

#include "sink/report/report.h"
#include "util/mem.h"

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* ---- sums ---- */

/* Objects are equal if they read the same. */
static int compare_names(const struct object *a, const struct object *b)
{
	size_t n;
	int by;

	if (a == b || !a || !b)
		return !!a - !!b;
	n = a->name_len < b->name_len ? a->name_len : b->name_len;
	by = memcmp(a->name, b->name, n);
	if (!by)
		by = compare_u64(a->name_len, b->name_len);
	if (!by)
		by = compare_u64(a->kind, b->kind);
	return by ? by : a->deleted - b->deleted;
}

/* Rows are equal if they read the same. */
static int compare_objects(const void *va, const void *vb)
{
	const struct tally_row *a = va, *b = vb;
	int by = compare_names((const struct object *)(uintptr_t)a->key[0],
			       (const struct object *)(uintptr_t)b->key[0]);

	if (!by)
		by = compare_u64(a->key[1], b->key[1]);
	return by ? by : compare_u64(a->key[2], b->key[2]);
}

static int compare_transitions(const void *va, const void *vb)
{
	const struct tally_row *a = va, *b = vb;
	int by = compare_u64(a->key[0], b->key[0]);

	return by ? by : compare_u64(a->key[1], b->key[1]);
}

static uint64_t sort_value(const struct tally *t, enum report_sort sort)
{
	switch (sort) {
	case REPORT_BY_CHANGES:
		return t->changes;
	case REPORT_BY_FAILED:
		return t->failed;
	case REPORT_BY_BYTES:
		return t->bytes;
	case REPORT_BY_CHURN:
		return t->mapped + t->unmapped;
	}
	return 0;
}

/* Most by sort first; ties are broken by changes, then by failed calls. */
static int compare_sums(const struct tally *a, const struct tally *b, enum report_sort sort)
{
	int by = compare_u64(sort_value(b, sort), sort_value(a, sort));

	if (!by)
		by = compare_u64(b->changes, a->changes);
	return by ? by : compare_u64(b->failed, a->failed);
}

struct order {
	enum report_by by;
	enum report_sort sort;
};

static int compare_by_name(const void *a, const void *b, void *order)
{
	return ((struct order *)order)->by == REPORT_TRANSITION ? compare_transitions(a, b) :
								  compare_objects(a, b);
}

static int compare_rows(const void *a, const void *b, void *order)
{
	const struct tally_row *ra = a, *rb = b;
	int by = compare_sums(&ra->sum, &rb->sum, ((struct order *)order)->sort);

	return by ? by : compare_by_name(a, b, order);
}

struct tally_row *report_rows(struct report *r, enum report_by by, size_t *ret_nr)
{
	struct tally_table *t = &r->tables[by];
	struct tally_row *rows = mem_array(HASH_COUNT(t->rows) + 1, sizeof(*rows)), *row, *tmp;
	struct order order = { by, r->cfg.sort };
	size_t nr = 0, i;

	HASH_ITER(hh, t->rows, row, tmp)
		rows[nr++] = *row;
	qsort_r(rows, nr, sizeof(*rows), compare_by_name, &order);
	for (i = 0, *ret_nr = 0; i < nr; i++) {
		if (*ret_nr && !compare_by_name(&rows[*ret_nr - 1], &rows[i], &order))
			tally_add(&rows[*ret_nr - 1].sum, &rows[i].sum);
		else
			rows[(*ret_nr)++] = rows[i];
	}
	qsort_r(rows, *ret_nr, sizeof(*rows), compare_rows, &order);
	return rows;
}

/* ---- processes ---- */

static int compare_lives(const void *va, const void *vb, void *sort)
{
	const struct report_life *a = *(const struct report_life *const *)va;
	const struct report_life *b = *(const struct report_life *const *)vb;
	int by = compare_sums(&a->sum, &b->sum, *(enum report_sort *)sort);

	if (!by)
		by = compare_u64(a->life->pid, b->life->pid);
	return by ? by : compare_u64(a->life->id_ns, b->life->id_ns);
}

struct report_life **report_lives(struct report *r, size_t *ret_nr)
{
	struct report_life **v = mem_array(r->lives.nr + 1, sizeof(struct report_life *));
	struct kept *k;

	*ret_nr = 0;
	for (k = r->lives.first; k; k = k->next)
		if (((struct report_life *)k)->life->is_shown)
			v[(*ret_nr)++] = (struct report_life *)k;
	qsort_r(v, *ret_nr, sizeof(struct report_life *), compare_lives, &r->cfg.sort);
	return v;
}

/* ---- address spaces ---- */

/* Older spaces come first. */
static int compare_spaces(const struct report_space *a, const struct report_space *b)
{
	int by = compare_u64(a->start_ns, b->start_ns);

	if (!by)
		by = compare_u64(a->pid, b->pid);
	return by ? by : compare_u64(a->nr, b->nr);
}

static int compare_rights(const void *va, const void *vb)
{
	static const enum hold holds[] = { HOLD_WX, HOLD_X_ANON, HOLD_X, HOLD_W };
	const struct report_space *a = *(const struct report_space *const *)va;
	const struct report_space *b = *(const struct report_space *const *)vb;
	size_t i;
	int by = 0;

	for (i = 0; i < sizeof(holds) / sizeof(*holds) && !by; i++)
		by = compare_u64(b->holding.most[holds[i]], a->holding.most[holds[i]]);
	return by ? by : compare_spaces(a, b);
}

static int compare_mapped(const void *va, const void *vb)
{
	const struct report_space *a = *(const struct report_space *const *)va;
	const struct report_space *b = *(const struct report_space *const *)vb;
	int by = compare_u64(a->is_over, b->is_over);

	if (!by)
		by = compare_u64(b->holding.now[HOLD_MAPS], a->holding.now[HOLD_MAPS]);
	return by ? by : compare_spaces(a, b);
}

static int compare_growth(const void *va, const void *vb)
{
	const struct report_space *a = *(const struct report_space *const *)va;
	const struct report_space *b = *(const struct report_space *const *)vb;
	int by = compare_u64(
		holding_growth(&b->holding, HOLD_HEAP) + holding_growth(&b->holding, HOLD_ANON),
		holding_growth(&a->holding, HOLD_HEAP) + holding_growth(&a->holding, HOLD_ANON));

	return by ? by : compare_spaces(a, b);
}

struct report_space **report_spaces(struct report *r, enum report_by by, size_t *ret_nr)
{
	struct report_space **v = mem_array(r->spaces.nr + 1, sizeof(struct report_space *));
	struct kept *k;

	*ret_nr = 0;
	for (k = r->spaces.first; k; k = k->next)
		if (((struct report_space *)k)->is_wanted)
			v[(*ret_nr)++] = (struct report_space *)k;
	qsort(v, *ret_nr, sizeof(struct report_space *),
	      by == REPORT_RIGHTS ? compare_rights :
	      by == REPORT_MAPPED ? compare_mapped :
				    compare_growth);
	return v;
}

bool report_space_is_stale(const struct report_space *s)
{
	return s->is_lossy || s->mirror_is_stale || s->holding.is_stale || !s->holding.is_begun;
}
