/* SPDX-License-Identifier: BSD-2-Clause */
/* Ties are broken by place, time and pid, so that a recording gives the same page every time. */
#include "sink/timeline/timeline_rank.h"
#include "sink/timeline/timeline_writes.h"

#include <stdlib.h>
#include <string.h>

#include "core/object.h"
#include "sink/fold.h"
#include "util/mem.h"

#define MAX_LIVES_SHOWN 8
#define MAX_ROWS_SHOWN	24 /* of a process */
#define ROWS_SHARED	48 /* by all processes, but ... */
#define MIN_ROWS_SHOWN	6  /* ... each may have as many as these */

static int ranked_compare(const void *va, const void *vb)
{
	const struct ranked_row *a = va, *b = vb;
	int by_interest = interest_compare(b->interest, a->interest);

	if (a->row.is_heap != b->row.is_heap)
		return a->row.is_heap ? -1 : 1;
	if (by_interest)
		return by_interest;
	if (a->space_nr != b->space_nr)
		return a->space_nr < b->space_nr ? -1 : 1;
	return a->row.lane->start < b->row.lane->start ? -1 : 1;
}

static int ranked_compare_place(const void *va, const void *vb)
{
	const struct ranked_row *a = va, *b = vb;

	if (a->space_nr != b->space_nr)
		return a->space_nr < b->space_nr ? -1 : 1;
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}

/* keep: the row is added even if nothing happened to it. */
static void ranking_add(struct ranking *r, const struct timeline *t, const struct row *row,
			unsigned int space_nr, bool keep)
{
	const struct lane *l = row->lane;
	bool is_written = row_is_written(t, row);
	int level = l->was_wx ? 3 : *lane_note(l) || is_written ? 2 : row->nr_changes ? 1 : 0;

	if (!level && !keep) {
		r->nr_quiet++;
		return;
	}
	if (r->nr == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 64;
		r->v = mem_grow(r->v, r->cap, sizeof(*r->v));
	}
	r->v[r->nr++] = (struct ranked_row){ .row = *row,
					     .interest = { level, row->nr_changes },
					     .space_nr = space_nr };
}

/* FNV-1a: what is drawn alike is told apart by nothing else. */
static uint64_t looks_of(const uint16_t *cells, unsigned int nr)
{
	uint64_t hash = 0xcbf29ce484222325;

	while (nr--)
		hash = (hash ^ *cells++) * 0x100000001b3;
	return hash;
}

static bool is_alike(const void *rows, size_t at, size_t other)
{
	const struct ranked_row *a = (const struct ranked_row *)rows + at;
	const struct ranked_row *b = (const struct ranked_row *)rows + other;
	const struct lane *x = a->row.lane, *y = b->row.lane;

	return a->looks == b->looks && a->interest.level == b->interest.level && !a->row.is_heap &&
	       !b->row.is_heap && x->nr_objs == y->nr_objs &&
	       a->row.end - x->start == b->row.end - y->start && object_same(x->obj, y->obj) &&
	       !strcmp(lane_note(x), lane_note(y));
}

/* Rows from the one with the number first on that come in turns: the first turn stands for all. */
static void fold(struct ranking *r, size_t first)
{
	const struct row_fold f = { r->nr - first, is_alike, r->v ? r->v + first : NULL };
	size_t at, i, period, turns, nr = first;

	for (at = 0; at < f.nr; at += period * turns) {
		period = fold_period(&f, at, &turns);
		for (i = 0; i < period * turns; i++) {
			const struct ranked_row *row = &r->v[first + at + i];
			struct ranked_row *shown = &r->v[nr + i % period];

			if (i < period) {
				*shown = *row;
				continue;
			}
			shown->row.nr_alike++;
			shown->row.nr_changes += row->row.nr_changes;
			shown->interest.nr_changes += row->row.nr_changes;
			r->nr_alike++;
		}
		nr += period;
	}
	r->nr = nr;
}

static void add_lane(struct ranking *r, const struct timeline *t, const struct row *row,
		     unsigned int space_nr, uint64_t looks)
{
	size_t nr = r->nr;

	ranking_add(r, t, row, space_nr, t->cfg.all);
	if (r->nr > nr) /* what was written to is like nothing else */
		r->v[nr].looks = row_is_written(t, row) ? row->lane->start | 1ULL << 63 : looks;
}

static bool is_in_scope(const struct scope *s, const struct lane *l)
{
	unsigned int i;

	if (l->in_scope || !scope_is_some(s)) /* the change may have been of other lanes, too */
		return scope_has_addr(s, l->start, l->end);
	for (i = 0; i < l->nr_objs && i < LANE_OBJECTS && !scope_asks_rights(s); i++)
		if (scope_has_mapping(s, l->start, l->end, l->objs[i]))
			return true;
	return false;
}

void ranking_add_space(struct ranking *r, const struct timeline_layout *layout,
		       const struct timeline *t, const struct timeline_space *ts,
		       unsigned int space_nr)
{
	uint16_t cells[2][CHART_COLS_MAX];
	const struct lane *l, *heap = history_heap(ts->history);
	struct row row = { .space = ts };
	size_t first = r->nr;
	unsigned int at = 0;

	if (heap && !is_in_scope(&t->cfg.scope, heap)) {
		r->nr_beside++;
	} else if (heap) {
		struct row h = { ts, heap, heap->end, heap->nr_changes, 0, true };

		ranking_add(r, t, &h, space_nr, t->cfg.all || !ts->next);
	}
	for (l = history_next(ts->history, NULL); l; l = history_next(ts->history, l)) {
		if (!is_in_scope(&t->cfg.scope, l)) {
			r->nr_beside++;
			continue;
		}
		row_cells(layout, ts, l, cells[at]);
		if (row.lane && row.end == l->start && object_same(row.lane->obj, l->obj) &&
		    !strcmp(lane_note(row.lane), lane_note(l)) &&
		    !memcmp(cells[0], cells[1], sizeof(cells[0]))) {
			row.end = l->end;
			row.nr_changes += l->nr_changes;
			continue;
		}
		if (row.lane)
			add_lane(r, t, &row, space_nr, looks_of(cells[!at], layout->chart_cols));
		row = (struct row){ ts, l, l->end, l->nr_changes, 0, false };
		at = !at;
	}
	if (row.lane)
		add_lane(r, t, &row, space_nr, looks_of(cells[!at], layout->chart_cols));
	if (!t->cfg.all)
		fold(r, first);
}

size_t ranking_sort(struct ranking *r, size_t max)
{
	size_t nr_shown = r->nr < max ? r->nr : max;

	if (r->nr)
		qsort(r->v, r->nr, sizeof(*r->v), ranked_compare);
	for (size_t i = 0; i < r->nr; i++)
		r->v[i].rank = i;
	if (nr_shown)
		qsort(r->v, nr_shown, sizeof(*r->v), ranked_compare_place);
	return nr_shown;
}

size_t ranking_hidden(const struct ranking *r, size_t nr_shown, uint64_t *ret_most)
{
	size_t nr = 0, i;

	*ret_most = 0;
	for (i = nr_shown; i < r->nr; i++) {
		uint64_t nr_rows = r->v[i].row.nr_alike + 1;
		uint64_t each = r->v[i].interest.nr_changes / nr_rows;

		nr += nr_rows;
		*ret_most = each > *ret_most ? each : *ret_most;
	}
	return nr;
}

void ranking_done(struct ranking *r)
{
	free(r->v);
}

static int life_compare(const void *va, const void *vb)
{
	const struct timeline_life *a = *(const struct timeline_life *const *)va;
	const struct timeline_life *b = *(const struct timeline_life *const *)vb;
	int by_interest = interest_compare(timeline_life_interest(b), timeline_life_interest(a));

	if (by_interest)
		return by_interest;
	if (a->life->start_ns != b->life->start_ns)
		return a->life->start_ns < b->life->start_ns ? -1 : 1;
	return a->life->pid < b->life->pid ? -1 : a->life->pid > b->life->pid;
}

struct timeline_life **lives_sorted(const struct timeline *t)
{
	struct timeline_life **v = mem_array(t->nr_lives + 1, sizeof(*v));
	size_t nr = 0;

	for (struct timeline_life *tl = t->lives; tl; tl = tl->next)
		v[nr++] = tl;
	qsort(v, nr, sizeof(*v), life_compare);
	return v;
}

size_t lives_shown(const struct timeline *t, struct timeline_life *const *sorted,
		   size_t *ret_max_rows)
{
	size_t nr = t->nr_lives, nr_busy = 0, max_rows;

	if (!t->cfg.all && nr > MAX_LIVES_SHOWN)
		nr = MAX_LIVES_SHOWN;
	while (nr_busy < nr && timeline_life_interest(sorted[nr_busy]).level > 0)
		nr_busy++;
	max_rows = nr_busy ? ROWS_SHARED / nr_busy : 0;
	if (max_rows > MAX_ROWS_SHOWN)
		max_rows = MAX_ROWS_SHOWN;
	if (max_rows < MIN_ROWS_SHOWN)
		max_rows = MIN_ROWS_SHOWN;
	*ret_max_rows = t->cfg.all ? SIZE_MAX : max_rows;
	return nr;
}
