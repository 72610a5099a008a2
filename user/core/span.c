/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of spans: adding is constant time, but for the rare squeeze of a full
 * list, which halves it at least. Merging follows time and not the order of
 * spans, so that old and new parts of a timeline are equally sharp.
 */
#include "core/span.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

/* Spans that a list gets even if the budget is spent. */
#define SPANS_MIN 4

enum span_state span_state_of(const struct attr *a)
{
	static const uint8_t by_prot[VMA_PROT + 1] = {
		[0] = SPAN_NONE,	   [VMA_R] = SPAN_R,
		[VMA_W] = SPAN_W,	   [VMA_R | VMA_W] = SPAN_RW,
		[VMA_X] = SPAN_X,	   [VMA_R | VMA_X] = SPAN_RX,
		[VMA_W | VMA_X] = SPAN_WX, [VMA_R | VMA_W | VMA_X] = SPAN_WX,
	};

	if (attr_is_unknown(a))
		return SPAN_UNKNOWN;
	if (a->flags & VMA_GUARD) /* every access faults, whatever the rights */
		return SPAN_NONE;
	return attr_is_mapped(a) ? by_prot[a->flags & VMA_PROT] : SPAN_UNMAPPED;
}

static void spans_resize(struct spans *s, long *budget, uint32_t cap)
{
	s->v = mem_grow(s->v, cap, sizeof(*s->v));
	*budget -= (long)cap - (long)s->cap;
	s->cap = cap;
}

/* Merge b into a, its neighbour before. */
static void span_join(struct span *a, const struct span *b)
{
	a->busy_ns = b->busy_ns;
	if (b->max_pages > a->max_pages)
		a->max_pages = b->max_pages;
	a->now_pages = b->now_pages;
	a->states |= b->states;
	a->now = b->now;
}

static bool same_quantum(const struct spans *s, const struct span *a, uint64_t ts_ns)
{
	return a->start_ns >> s->quantum_shift == ts_ns >> s->quantum_shift;
}

/*
 * Double the quantum until at most max spans (2 or more) are left. The first span is never merged:
 * the state at the start, often unknown, was not entered by a change.
 */
static void spans_squeeze(struct spans *s, uint32_t max)
{
	while (s->nr > max && s->quantum_shift < 63) {
		uint32_t kept = 1;

		s->quantum_shift++;
		for (uint32_t i = 2; i < s->nr; i++) {
			if (same_quantum(s, &s->v[kept], s->v[i].start_ns))
				span_join(&s->v[kept], &s->v[i]);
			else
				s->v[++kept] = s->v[i];
		}
		s->nr = kept + 1;
	}
}

static void spans_make_room(struct spans *s, long *budget)
{
	if (s->cap < SPANS_MIN)
		spans_resize(s, budget, SPANS_MIN);
	else if (s->cap < SPANS_MAX && *budget >= (long)s->cap)
		spans_resize(s, budget, s->cap < SPANS_MAX / 2 ? s->cap * 2 : SPANS_MAX);
	else
		spans_squeeze(s, s->cap / 2);
}

void spans_init(struct spans *s, long *budget, uint64_t ts_ns, uint16_t now)
{
	memset(s, 0, sizeof(*s));
	spans_resize(s, budget, 2);
	s->v[0] = (struct span){ .start_ns = ts_ns, .busy_ns = ts_ns, .states = now, .now = now };
	s->nr = 1;
}

void spans_copy(struct spans *dst, const struct spans *src, long *budget)
{
	*dst = (struct spans){ .nr = src->nr, .quantum_shift = src->quantum_shift };
	spans_resize(dst, budget, src->nr);
	memcpy(dst->v, src->v, src->nr * sizeof(*src->v));
	if (*budget >= 0 || dst->nr <= SPANS_MIN)
		return;
	spans_squeeze(dst, SPANS_MIN);
	spans_resize(dst, budget, dst->nr);
}

void spans_done(struct spans *s, long *budget)
{
	free(s->v);
	*budget += s->cap;
	memset(s, 0, sizeof(*s));
}

void spans_add(struct spans *s, long *budget, uint64_t ts_ns, uint16_t now, uint32_t now_pages)
{
	struct span *last = &s->v[s->nr - 1];
	struct span add;

	if (last->now == now && last->now_pages == now_pages)
		return;
	add = (struct span){ ts_ns, ts_ns, now_pages, now_pages, now, now };

	/*
	 * A state that lasted no time, as between two changes of one event, is dropped, but
	 * never a writable and executable one.
	 */
	if (ts_ns == last->start_ns && last->busy_ns == ts_ns) {
		add.states |= last->states & SPAN_BIT(SPAN_WX);
		*last = add;
		return;
	}
	if (ts_ns < last->busy_ns)
		ts_ns = add.start_ns = add.busy_ns = last->busy_ns;
	if (s->nr == s->cap) {
		spans_make_room(s, budget);
		last = &s->v[s->nr - 1];
	}
	if (same_quantum(s, last, ts_ns))
		span_join(last, &add);
	else
		s->v[s->nr++] = add;
}
