/* SPDX-License-Identifier: BSD-2-Clause */
/* A list that is squeezed when it is full; see writes.h. */
#include "sink/writes.h"

#include <stdlib.h>
#include <string.h>

#include "core/words.h"
#include "util/mem.h"

#define SHIFT_MAX 63 /* all times are in one quantum */

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_writers(const struct write_mark *a, const struct write_mark *b)
{
	return compare_numbers(a->space, b->space)			 ?:
		       compare_numbers(a->writer.pid, b->writer.pid)	 ?:
		       compare_numbers(a->writer.how, b->writer.how)	 ?:
		       compare_numbers(a->writer.flags, b->writer.flags) ?:
		       strcmp(a->writer.comm, b->writer.comm);
}

bool write_mark_by_one(const struct write_mark *a, const struct write_mark *b)
{
	return !compare_writers(a, b);
}

/* By what may be merged: neighbours are then of one writer, and in the order of their places. */
static int compare_places(const void *va, const void *vb, void *ctx)
{
	const struct write_mark *a = va, *b = vb;
	unsigned int shift = *(const unsigned int *)ctx;

	return compare_writers(a, b)						   ?:
		       compare_numbers(a->first_ns >> shift, b->first_ns >> shift) ?:
		       compare_numbers(a->start, b->start)			   ?:
		       compare_numbers(a->first_ns, b->first_ns);
}

static int compare_times(const void *va, const void *vb)
{
	const struct write_mark *a = va, *b = vb;

	return compare_numbers(a->first_ns, b->first_ns) ?:
							   compare_places(a, b, &(unsigned int){ 0 });
}

static int compare_spaces(const void *va, const void *vb)
{
	const struct write_mark *a = va, *b = vb;

	return compare_numbers(a->space, b->space) ?: compare_times(a, b);
}

static bool touches(const struct write_mark *a, const struct write_mark *b)
{
	bool is_nowhere = a->start == a->end;

	if (is_nowhere || b->start == b->end)
		return is_nowhere && b->start == b->end;
	return a->start <= b->end && b->start <= a->end;
}

/* Makes b a part of a, if they are of one writer, quantum and place. */
static bool join(const struct writes *w, struct write_mark *a, const struct write_mark *b)
{
	if (!write_mark_by_one(a, b) ||
	    a->first_ns >> w->quantum_shift != b->first_ns >> w->quantum_shift)
		return false;
	if (touches(a, b)) {
		a->start = b->start < a->start ? b->start : a->start;
		a->end = b->end > a->end ? b->end : a->end;
	} else if (w->quantum_shift == SHIFT_MAX) {
		a->start = a->end = 0;
	} else {
		return false;
	}
	a->first_ns = b->first_ns < a->first_ns ? b->first_ns : a->first_ns;
	a->last_ns = b->last_ns > a->last_ns ? b->last_ns : a->last_ns;
	a->nr += b->nr;
	return true;
}

static void squeeze(struct writes *w)
{
	size_t max = w->max, i, kept;

	do {
		w->quantum_shift += w->quantum_shift < SHIFT_MAX;
		qsort_r(w->v, w->nr, sizeof(*w->v), compare_places, &w->quantum_shift);
		for (i = 1, kept = 0; i < w->nr; i++)
			if (!join(w, &w->v[kept], &w->v[i]))
				w->v[++kept] = w->v[i];
		w->nr = kept + 1;
	} while (w->nr > max / 2 && w->quantum_shift < SHIFT_MAX);
	qsort(w->v, w->nr, sizeof(*w->v), compare_times);
	w->is_full = w->nr > max / 4 * 3;
}

bool writes_add(struct writes *w, uint64_t space, const struct event *ev)
{
	struct write_mark add = { .space = space,
				  .first_ns = ev->ts_ns,
				  .last_ns = ev->ts_ns,
				  .nr = 1,
				  .writer = ev->write,
				  .is_self = event_writes_self(ev) };

	if (ret_is_error(ev->write.ret) || (!ev->write.len && ev->write.how != MPW_WRITE_OPEN))
		return false;
	if (ev->write.addr && !(ev->write.flags & MPW_WRITE_OUTWARD) &&
	    ev->write.len <= UINT64_MAX - ev->write.addr) {
		add.start = ev->write.addr;
		add.end = add.start + ev->write.len;
	}
	if (w->nr && join(w, &w->v[w->nr - 1], &add))
		return true;
	w->max = w->max ?: WRITES_MAX;
	if (w->nr == w->max && !w->is_full)
		squeeze(w);
	if (w->nr == w->max) {
		w->nr_dropped++;
		return false;
	}
	if (!(w->nr & (w->nr - 1)))
		w->v = mem_grow(w->v, w->nr ? 2 * w->nr : 1, sizeof(*w->v));
	w->v[w->nr++] = add;
	return true;
}

void writes_done(struct writes *w)
{
	free(w->v);
	*w = (struct writes){ 0 };
}

void writes_sort(struct writes *w)
{
	if (w->nr)
		qsort(w->v, w->nr, sizeof(*w->v), compare_spaces);
}

struct write_mark *writes_of(const struct writes *w, uint64_t space, size_t *ret_nr)
{
	size_t lo = 0, hi = w->nr, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (w->v[mid].space < space)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; hi < w->nr && w->v[hi].space == space; hi++)
		;
	*ret_nr = hi - lo;
	return w->nr ? w->v + lo : NULL;
}

bool write_mark_in(const struct write_mark *w, uint64_t start, uint64_t end)
{
	return w->start < w->end && w->start < end && start < w->end;
}

void write_mark_put(struct buf *b, const struct write_mark *w, uint64_t nr)
{
	if (w->writer.how != MPW_WRITE_OPEN)
		buf_puts(b, w->writer.flags & MPW_WRITE_OUTWARD ? "wrote " : "written ");
	if (nr > 1)
		buf_printf(b, "%llu times ", (unsigned long long)nr);
	word_writer(b, &w->writer, w->is_self);
}
