/* SPDX-License-Identifier: BSD-2-Clause */
/* A mapping that came or went differs from a new protection by the object behind the range. */
#include "sink/report/tally.h"

#include <stdlib.h>
#include <string.h>

#include "core/object.h"
#include "util/mem.h"

#define MAX_ROWS (1u << 17) /* of a table, some 100 bytes each */

/* True if only rights or the name of anonymous memory differ. */
static bool is_same_memory(const struct attr *a, const struct attr *b)
{
	if (a->obj->kind == OBJECT_ANON && b->obj->kind == OBJECT_ANON)
		return true;
	return object_same(a->obj, b->obj) && (!object_has_offsets(a->obj) || a->off == b->off) &&
	       (a->flags & VMA_SHARED) == (b->flags & VMA_SHARED);
}

void tally_change(struct tally *t, const struct change *ch)
{
	bool was = attr_is_mapped(&ch->before), is = attr_is_mapped(&ch->after);
	uint64_t n_bytes = change_has_size(ch) ? ch->end - ch->start : 0;

	t->changes++;
	t->unsized += !change_has_size(ch);
	t->bytes += n_bytes;
	if (attr_is_unknown(&ch->before) || (was && is && is_same_memory(&ch->before, &ch->after)))
		return;
	t->mapped += is ? n_bytes : 0;
	t->unmapped += was ? n_bytes : 0;
}

void tally_add(struct tally *t, const struct tally *more)
{
	t->changes += more->changes;
	t->failed += more->failed;
	t->bytes += more->bytes;
	t->unsized += more->unsized;
	t->mapped += more->mapped;
	t->unmapped += more->unmapped;
	if (!t->symbol && more->symbol) {
		t->symbol = more->symbol;
		t->symbol_off = more->symbol_off;
	}
}

bool tally_has_bytes(const struct tally *t)
{
	return !t->unsized || t->unsized < t->changes;
}

struct tally *tally_at(struct tally_table *t, const uint64_t key[TALLY_WORDS])
{
	struct tally_row *row = t->last;

	if (row && !memcmp(row->key, key, sizeof(row->key)))
		return &row->sum;
	HASH_FIND(hh, t->rows, key, sizeof(row->key), row);
	if (!row && HASH_COUNT(t->rows) >= MAX_ROWS)
		return &t->others;
	if (!row) {
		row = mem_alloc(sizeof(*row));
		memcpy(row->key, key, sizeof(row->key));
		HASH_ADD(hh, t->rows, key, sizeof(row->key), row);
	}
	t->last = row;
	return &row->sum;
}

void tally_table_done(struct tally_table *t)
{
	struct tally_row *row, *next;

	HASH_ITER(hh, t->rows, row, next) {
		HASH_DEL(t->rows, row);
		free(row);
	}
}

struct caller tally_caller(const struct tally_row *row)
{
	const struct object *obj = (const struct object *)(uintptr_t)row->key[0];

	return (struct caller){ .addr = obj ? 1 : row->key[2],
				.obj = obj,
				.off = row->key[1],
				.symbol = row->sum.symbol,
				.symbol_off = row->sum.symbol_off };
}
