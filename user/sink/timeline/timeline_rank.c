/* SPDX-License-Identifier: BSD-2-Clause */
/* Ties are broken by place, time and pid, so that a recording gives the same page every time. */
#include "sink/timeline/timeline_rank.h"
#include "sink/timeline/timeline_writes.h"

#include <stdlib.h>
#include <string.h>

#include "core/object.h"
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
	r->v[r->nr++] = (struct ranked_row){ *row, { level, row->nr_changes }, space_nr, 0 };
}

void ranking_add_space(struct ranking *r, const struct timeline_layout *layout,
		       const struct timeline *t, const struct timeline_space *ts,
		       unsigned int space_nr)
{
	uint16_t cells[2][CHART_COLS_MAX];
	const struct lane *l, *heap = history_heap(ts->history);
	struct row row = { .space = ts };
	unsigned int at = 0;

	if (heap) {
		struct row h = { ts, heap, heap->end, heap->nr_changes, true };

		ranking_add(r, t, &h, space_nr, t->cfg.all || !ts->next);
	}
	for (l = history_next(ts->history, NULL); l; l = history_next(ts->history, l)) {
		row_cells(layout, ts, l, cells[at]);
		if (row.lane && row.end == l->start && object_same(row.lane->obj, l->obj) &&
		    !strcmp(lane_note(row.lane), lane_note(l)) &&
		    !memcmp(cells[0], cells[1], sizeof(cells[0]))) {
			row.end = l->end;
			row.nr_changes += l->nr_changes;
			continue;
		}
		if (row.lane)
			ranking_add(r, t, &row, space_nr, t->cfg.all);
		row = (struct row){ ts, l, l->end, l->nr_changes, false };
		at = !at;
	}
	if (row.lane)
		ranking_add(r, t, &row, space_nr, t->cfg.all);
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
