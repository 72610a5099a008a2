/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lanes are a splay tree (the lane that changed last is its root, so a mapping
 * that toggles is found at once) and a list in order of address. Lanes cover all
 * addresses from the start: a hole is a lane where nothing was mapped yet, so
 * every range has a past, and new lanes only come from splits.
 */
#include "core/history.h"

#include <stdlib.h>
#include <string.h>

#include "core/object.h"
#include "util/mem.h"

/* [start, end) became attr. */
struct step {
	uint64_t ts_ns, start, end;
	const struct attr *before, *after;
	bool counts;
	bool is_new; /* set for another mapping, be it of the same object: it had no rights before */
	bool in_scope;
};

static const struct attr unmapped;

static bool is_hole(const struct attr *a)
{
	return !(a->flags & (VMA_MAPPED | VMA_UNKNOWN));
}

static bool is_heap(const struct attr *a)
{
	return attr_is_mapped(a) && a->obj->kind == OBJECT_HEAP;
}

/* Top-down splay (Sleator and Tarjan): the lane that holds addr becomes the root. */
static struct lane *splay(struct lane *t, uint64_t addr)
{
	struct lane side = { 0 }, *l = &side, *r = &side, *y;

	while (addr < t->start || addr >= t->end) {
		bool go_left = addr < t->start;

		y = go_left ? t->left : t->right;
		if (go_left && addr < y->start) {
			t->left = y->right;
			y->right = t;
			t = y;
		} else if (!go_left && addr >= y->end) {
			t->right = y->left;
			y->left = t;
			t = y;
		}
		if (addr < t->start) {
			r->left = t;
			r = t;
			t = t->left;
		} else if (addr >= t->end) {
			l->right = t;
			l = t;
			t = t->right;
		}
	}
	l->right = t->left;
	r->left = t->right;
	t->left = side.right;
	t->right = side.left;
	return t;
}

static struct lane *lane_at(struct history *h, uint64_t addr)
{
	if (addr < h->root->start || addr >= h->root->end)
		h->root = splay(h->root, addr);
	return h->root;
}

/* Cut l at addr. Returns the upper part, or NULL if the budget is spent. */
static struct lane *lane_split(struct history *h, struct lane *l, uint64_t addr)
{
	struct lane *up;

	if (h->budget->lanes <= 0)
		return NULL;
	h->budget->lanes--;
	lane_at(h, l->start);
	up = mem_alloc(sizeof(*up));
	*up = *l;
	spans_copy(&up->spans, &l->spans, &h->budget->spans);
	up->start = l->end = addr;
	up->left = l;
	l->right = NULL;
	l->next = up;
	h->root = up;
	return up;
}

static void lane_note_object(struct lane *l, const struct object *obj)
{
	unsigned int i;

	l->obj = obj;
	l->had = 0;
	for (i = 0; i < l->nr_objs && i < LANE_OBJECTS; i++)
		if (object_same(l->objs[i], obj))
			return;
	if (i < LANE_OBJECTS)
		l->objs[i] = obj;
	if (l->nr_objs <= LANE_OBJECTS)
		l->nr_objs++;
}

/* Set was_wx and was_flipped. Only rights of one mapping are compared: remapping is no flip. */
static void lane_note_rights(struct history *h, struct lane *l, const struct attr *a)
{
	uint8_t now = a->flags & (VMA_W | VMA_X);

	if (a->obj != l->obj)
		lane_note_object(l, a->obj);
	if (now == (VMA_W | VMA_X))
		l->was_wx = h->was_wx = true;
	else if (now & VMA_X && l->had & VMA_W)
		l->was_w_to_x = h->was_flipped = true;
	else if (now & VMA_W && l->had & VMA_X)
		l->was_x_to_w = h->was_flipped = true;
	l->had |= now;
}

static void lane_set(struct history *h, struct lane *l, const struct step *s)
{
	l->nr_changes += s->counts;
	l->in_scope |= s->in_scope;
	if (s->is_new)
		l->had = 0;
	l->is_guard = s->after->flags & VMA_GUARD;
	if (attr_is_mapped(s->after))
		lane_note_rights(h, l, s->after);
	else if (!attr_is_unknown(s->after))
		l->had = 0;
	spans_add(&l->spans, &h->budget->spans, s->ts_ns, SPAN_BIT(span_state_of(s->after)), 0);
}

/* A part of l changed, but the budget forbids a split: all of l is unknown from now on. */
static void lane_make_unknown(struct history *h, struct lane *l, const struct step *s)
{
	uint16_t seen = SPAN_BIT(span_state_of(s->after)) & SPAN_BIT(SPAN_WX);

	h->nr_dropped++;
	if (seen)
		h->was_wx = true;
	if (!l->obj)
		return;
	l->was_wx |= seen != 0;
	l->in_scope |= s->in_scope;
	l->nr_changes += s->counts;
	spans_add(&l->spans, &h->budget->spans, s->ts_ns, SPAN_BIT(SPAN_UNKNOWN) | seen, 0);
}

static void lanes_set(struct history *h, const struct step *s)
{
	struct lane *l, *up;

	l = lane_at(h, s->start);
	if (l->start < s->start) {
		up = lane_split(h, l, s->start);
		if (!up)
			lane_make_unknown(h, l, s);
		l = up ? up : l->next;
	}
	for (; l && l->start < s->end; l = l->next) {
		if (l->end > s->end && !lane_split(h, l, s->end)) {
			lane_make_unknown(h, l, s);
			return;
		}
		lane_set(h, l, s);
	}
}

static void heap_mark(struct history *h, uint64_t ts_ns)
{
	uint16_t now = 0;
	uint64_t pages = 0;

	for (int i = 0; i < NR_SPAN_STATES; i++) {
		if (h->heap_bytes[i])
			now |= SPAN_BIT(i);
		pages += h->heap_bytes[i] / page_bytes;
	}
	if (h->heap_lost)
		now = SPAN_BIT(SPAN_UNKNOWN) | (now & SPAN_BIT(SPAN_WX));
	spans_add(&h->heap.spans, &h->budget->spans, ts_ns, now ? now : SPAN_BIT(SPAN_UNMAPPED),
		  pages < UINT32_MAX ? (uint32_t)pages : UINT32_MAX);
}

static void heap_begin(struct history *h, const struct step *s)
{
	/* The lane that held the addresses until now has their past. */
	spans_copy(&h->heap.spans, &lane_at(h, s->start)->spans, &h->budget->spans);
	h->heap.start = s->start;
	h->heap.end = s->end;
}

static void heap_set(struct history *h, const struct step *s)
{
	uint64_t n_bytes = s->end - s->start, *bytes;

	if (is_heap(s->before)) {
		bytes = &h->heap_bytes[span_state_of(s->before)];
		*bytes -= n_bytes < *bytes ? n_bytes : *bytes;
	}
	if (is_heap(s->after)) {
		if (!h->heap.obj)
			heap_begin(h, s);
		/* During a snapshot nobody knows whether these bytes are new or counted already. */
		if (attr_is_unknown(s->before) && s->counts)
			h->heap_lost = true;
		h->heap_bytes[span_state_of(s->after)] += n_bytes;
		if (s->start < h->heap.start)
			h->heap.start = s->start;
		if (s->end > h->heap.end)
			h->heap.end = s->end;
		lane_note_rights(h, &h->heap, s->after);
	}
	if (!h->heap.obj)
		return;
	h->heap.nr_changes += s->counts;
	h->heap.in_scope |= s->in_scope;
	heap_mark(h, s->ts_ns);
}

/* Add the heap up anew: its bytes are wrong after a loss. */
static void heap_recount(struct history *h, uint64_t ts_ns, const struct aspace *as)
{
	const struct vma *v = aspace_find(as, h->heap.start);

	memset(h->heap_bytes, 0, sizeof(h->heap_bytes));
	for (; v && v->start < h->heap.end; v = aspace_next(as, v))
		if (is_heap(&v->attr))
			h->heap_bytes[span_state_of(&v->attr)] += v->end - v->start;
	h->heap_lost = false;
	heap_mark(h, ts_ns);
}

/* To the lanes the heap is a hole: it may grow a thousand times without a split. */
static void history_step(struct history *h, struct step s)
{
	bool from_heap = is_heap(s.before), to_heap = is_heap(s.after);
	bool was_hole = from_heap || is_hole(s.before);

	if (from_heap || to_heap)
		heap_set(h, &s);
	if (to_heap)
		s.after = &unmapped;
	if ((from_heap || to_heap) && was_hole && is_hole(s.after))
		return;
	lanes_set(h, &s);
}

struct history *history_new(struct history_budget *budget, uint64_t ts_ns, const struct aspace *as)
{
	struct history *h = mem_alloc(sizeof(*h));
	bool known = aspace_is_known(as);
	const struct vma *v;

	h->budget = budget;
	h->root = h->first = mem_alloc(sizeof(*h->root));
	h->root->end = UINT64_MAX;
	budget->lanes--;
	spans_init(&h->root->spans, &budget->spans, ts_ns,
		   SPAN_BIT(known ? SPAN_UNMAPPED : SPAN_UNKNOWN));
	for (v = aspace_find(as, 0); v; v = aspace_next(as, v))
		history_step(h, (struct step){ ts_ns, v->start, v->end, &unmapped, &v->attr, false,
					       false, false });
	return h;
}

void history_free(struct history *h)
{
	struct lane *l, *next;

	if (!h)
		return;
	for (l = h->first; l; l = next) {
		next = l->next;
		spans_done(&l->spans, &h->budget->spans);
		h->budget->lanes++;
		free(l);
	}
	spans_done(&h->heap.spans, &h->budget->spans);
	free(h);
}

/* True if the change's call makes mappings: mapping anew is no change of rights. */
static bool is_new(const struct event *ev)
{
	return ev->type == EVENT_CALL &&
	       (ev->call.id == MPW_CALL_MMAP || ev->call.id == MPW_CALL_SHMAT ||
		ev->call.id == MPW_CALL_MREMAP);
}

void history_change(struct history *h, const struct change *ch, bool in_scope)
{
	bool counts = ch->ev->type == EVENT_CALL;

	h->nr_changes += counts && in_scope;
	h->has_others |= counts && !in_scope;
	history_step(h, (struct step){ ch->ev->ts_ns, ch->start, ch->end, &ch->before, &ch->after,
				       counts, is_new(ch->ev), in_scope });
}

void history_lose(struct history *h, uint64_t ts_ns)
{
	for (struct lane *l = h->first; l; l = l->next)
		spans_add(&l->spans, &h->budget->spans, ts_ns, SPAN_BIT(SPAN_UNKNOWN), 0);
	if (!h->heap.obj)
		return;
	h->heap_lost = true;
	heap_mark(h, ts_ns);
}

void history_heal(struct history *h, uint64_t ts_ns, const struct aspace *as, uint64_t lo,
		  uint64_t hi)
{
	struct step s = { .ts_ns = ts_ns };
	uint64_t at = lo;

	for (const struct vma *v = aspace_find(as, lo); at < hi; v = aspace_next(as, v)) {
		bool more = v && v->start < hi;

		s.start = at;
		s.end = more ? v->start : hi;
		s.after = &unmapped;
		if (s.start < s.end)
			lanes_set(h, &s);
		if (!more)
			break;
		s.start = v->start > lo ? v->start : lo;
		s.end = at = v->end < hi ? v->end : hi;
		s.after = is_heap(&v->attr) ? &unmapped : &v->attr;
		lanes_set(h, &s);
	}
	if (h->heap.obj && h->heap.start >= lo && h->heap.start < hi)
		heap_recount(h, ts_ns, as);
}

const char *lane_note(const struct lane *l)
{
	return l->was_wx ? "WX!" : l->was_w_to_x ? "W>X" : l->was_x_to_w ? "X>W" : "";
}

const struct lane *history_next(const struct history *h, const struct lane *l)
{
	for (l = l ? l->next : h->first; l && !l->obj; l = l->next)
		;
	return l;
}

const struct lane *history_heap(const struct history *h)
{
	return h->heap.obj ? &h->heap : NULL;
}
