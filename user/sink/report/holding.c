/* SPDX-License-Identifier: BSD-2-Clause */
/* A curve that is full gets half as fine, so that its size does not depend on the run's length. */
#include "sink/report/holding.h"

#include <string.h>

#define FIRST_STEP_NS 100000

/* Bit per enum hold to which bytes with these attributes count. */
static unsigned int holds_of(const struct attr *a)
{
	const unsigned int wx = a->flags & (VMA_W | VMA_X);
	unsigned int bits = 1u << HOLD_MAPPED;

	if (!attr_is_mapped(a))
		return 0;
	if (a->obj->kind == OBJECT_HEAP)
		bits |= 1u << HOLD_HEAP;
	if (a->obj->kind == OBJECT_ANON && a->flags & VMA_PROT)
		bits |= 1u << HOLD_ANON;
	if (wx & VMA_W)
		bits |= 1u << HOLD_W;
	if (wx & VMA_X)
		bits |= 1u << HOLD_X;
	if (wx == (VMA_W | VMA_X))
		bits |= 1u << HOLD_WX;
	if (wx & VMA_X && a->obj->kind != OBJECT_FILE && a->obj->kind != OBJECT_SPECIAL)
		bits |= 1u << HOLD_X_ANON;
	return bits;
}

void holding_start(struct holding *h, uint64_t ts_ns)
{
	h->start_ns = ts_ns;
	h->step_ns = FIRST_STEP_NS;
}

void holding_set(struct holding *h, const struct aspace *as)
{
	const struct vma *v;
	unsigned int bits, i;

	memset(h->now, 0, sizeof(h->now));
	for (v = aspace_find(as, 0); v; v = aspace_next(as, v)) {
		bits = holds_of(&v->attr);
		for (i = 0; i < NR_HOLDS; i++)
			h->now[i] += bits >> i & 1 ? v->end - v->start : 0;
	}
	h->now[HOLD_MAPS] = aspace_nr_vmas(as) + h->nr_hidden;
	h->is_stale = false;
	if (!h->is_begun)
		memcpy(h->first, h->now, sizeof(h->first));
	h->is_begun = true;
}

void holding_change(struct holding *h, const struct change *ch)
{
	unsigned int was = holds_of(&ch->before), is = holds_of(&ch->after), i;
	uint64_t n_bytes = ch->end - ch->start;

	if (attr_is_unknown(&ch->before) && h->is_begun)
		h->is_stale = true;
	for (i = 0; i < NR_HOLDS; i++) {
		if ((was & ~is) >> i & 1)
			h->now[i] -= n_bytes < h->now[i] ? n_bytes : h->now[i];
		if ((is & ~was) >> i & 1)
			h->now[i] += n_bytes;
	}
}

/* Stretches of time get twice as long, and half as many. */
static void make_room(struct holding *h)
{
	unsigned int i, k;

	for (i = 0; i < NR_CURVES; i++) {
		uint64_t *m = h->curves[i].most;

		for (k = 0; k < CURVE_CELLS / 2; k++)
			m[k] = m[2 * k] > m[2 * k + 1] ? m[2 * k] : m[2 * k + 1];
		memset(m + k, 0, (CURVE_CELLS - k) * sizeof(*m));
	}
	h->cell /= 2;
	h->step_ns *= 2;
}

/* Cells up to ts_ns are filled with the values of the last mark. */
static void go_on(struct holding *h, uint64_t ts_ns)
{
	uint64_t ns = ts_ns > h->start_ns ? ts_ns - h->start_ns : 0;
	unsigned int i;

	while (ns / h->step_ns >= CURVE_CELLS)
		make_room(h);
	while (h->cell < ns / h->step_ns) {
		h->cell++;
		for (i = 0; i < NR_CURVES; i++)
			h->curves[i].most[h->cell] = h->curves[i].now;
	}
}

void holding_count(struct holding *h, const struct aspace *as, uint64_t nr)
{
	h->nr_hidden = nr > aspace_nr_vmas(as) ? nr - aspace_nr_vmas(as) : 0;
}

void holding_mark(struct holding *h, const struct aspace *as, uint64_t ts_ns)
{
	unsigned int i;

	h->now[HOLD_MAPS] = aspace_nr_vmas(as) + h->nr_hidden;
	if (h->is_stale)
		return;
	go_on(h, ts_ns);
	for (i = 0; i < NR_HOLDS; i++)
		h->most[i] = h->now[i] > h->most[i] ? h->now[i] : h->most[i];
	for (i = 0; i < NR_CURVES; i++) {
		struct curve *c = &h->curves[i];

		c->now = h->now[i];
		c->most[h->cell] = c->now > c->most[h->cell] ? c->now : c->most[h->cell];
	}
}

void holding_end(struct holding *h, uint64_t ts_ns)
{
	go_on(h, ts_ns);
}

uint64_t holding_growth(const struct holding *h, enum hold hold)
{
	return h->most[hold] - h->first[hold];
}

const char *hold_name(enum hold hold)
{
	static const char *const names[NR_HOLDS] = {
		[HOLD_HEAP] = "heap",	  [HOLD_ANON] = "anon",	    [HOLD_MAPS] = "mappings",
		[HOLD_W] = "w",		  [HOLD_X] = "x",	    [HOLD_WX] = "wx",
		[HOLD_X_ANON] = "x_anon", [HOLD_MAPPED] = "mapped",
	};

	return names[hold];
}
