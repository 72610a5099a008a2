/* SPDX-License-Identifier: BSD-2-Clause */
/* A red-black tree by address. */
#include "sink/tracks/pieces.h"

#include <stdlib.h>

#include "util/mem.h"

static int piece_cmp(const struct piece *a, const struct piece *b)
{
	return a->start < b->start ? -1 : a->start > b->start;
}

/* libbsd leaves __unused of RB_GENERATE_STATIC undefined */
RB_GENERATE_INTERNAL(piece_tree, piece, link, piece_cmp, __attribute__((unused)) static)

void pieces_init(struct pieces *ps)
{
	*ps = (struct pieces){ .tree = RB_INITIALIZER(&ps->tree) };
}

static void count(struct pieces *ps, const struct piece *p, int sign)
{
	uint64_t bytes = sign * (p->end - p->start);

	if (!attr_is_mapped(&p->attr))
		return;
	ps->mapped_bytes += bytes;
	if (p->attr.obj->kind == OBJECT_HEAP)
		ps->heap_bytes += bytes;
	if ((p->attr.flags & (VMA_W | VMA_X)) == (VMA_W | VMA_X))
		ps->wx_bytes += bytes;
}

static void add(struct pieces *ps, const struct piece *like)
{
	struct piece *p = mem_alloc(sizeof(*p));

	*p = *like;
	RB_INSERT(piece_tree, &ps->tree, p);
	ps->nr++;
	count(ps, p, 1);
}

static void del(struct pieces *ps, struct piece *p)
{
	count(ps, p, -1);
	RB_REMOVE(piece_tree, &ps->tree, p);
	ps->nr--;
	free(p);
}

void pieces_done(struct pieces *ps)
{
	struct piece *p;

	while ((p = RB_ROOT(&ps->tree)))
		del(ps, p);
}

struct piece *pieces_find(const struct pieces *ps, uint64_t addr)
{
	struct piece *p = RB_ROOT(&ps->tree), *ret = NULL;

	while (p) {
		if (p->end <= addr) {
			p = RB_RIGHT(p, link);
		} else {
			ret = p;
			p = RB_LEFT(p, link);
		}
	}
	return ret;
}

struct piece *pieces_next(struct piece *p)
{
	return RB_NEXT(piece_tree, NULL, p);
}

/* The part of was in [start, end) goes on as a piece of its own. */
static void keep(struct pieces *ps, const struct piece *was, uint64_t start, uint64_t end,
		 uint64_t ts_ns)
{
	struct piece p = *was;

	if (start >= end)
		return;
	p.attr = attr_advance(was->attr, start - was->start);
	p.start = start;
	p.end = end;
	p.since_ns = ts_ns;
	add(ps, &p);
}

static bool is_continued_by(const struct piece *low, const struct piece *high)
{
	const struct attr a = attr_advance(low->attr, low->end - low->start);

	return low->end == high->start && attr_equal(&a, &high->attr);
}

/* Equal neighbours become part of new. */
static void join(struct pieces *ps, struct piece *new, uint64_t ts_ns, piece_over_fn *fn, void *ctx)
{
	struct piece *p = new->start ? pieces_find(ps, new->start - 1) : NULL;

	if (p && is_continued_by(p, new)) {
		fn(ctx, p, ts_ns);
		new->attr = p->attr;
		new->start = p->start;
		del(ps, p);
	}
	p = pieces_find(ps, new->end);
	if (p && is_continued_by(new, p)) {
		fn(ctx, p, ts_ns);
		new->end = p->end;
		del(ps, p);
	}
}

void pieces_put(struct pieces *ps, const struct piece *like, uint64_t ts_ns, piece_over_fn *fn,
		void *ctx)
{
	struct piece *p, was, new = *like;

	while ((p = pieces_find(ps, like->start)) && p->start < like->end) {
		was = *p;
		fn(ctx, &was, ts_ns);
		del(ps, p);
		keep(ps, &was, was.start, like->start, ts_ns);
		keep(ps, &was, like->end, was.end, ts_ns);
	}
	if (attr_is_mapped(&new.attr) &&
	    (new.attr.obj->kind == OBJECT_HEAP || ps->nr >= PIECES_MAX))
		join(ps, &new, ts_ns, fn, ctx);
	new.since_ns = ts_ns;
	if (new.attr.flags)
		add(ps, &new);
}

void pieces_lose(struct pieces *ps, uint64_t ts_ns, piece_over_fn *fn, void *ctx)
{
	struct piece *p;

	RB_FOREACH(p, piece_tree, &ps->tree) {
		fn(ctx, p, ts_ns);
		count(ps, p, -1);
		p->attr.flags = VMA_UNKNOWN; /* attr.obj still names the mapping */
		p->since_ns = ts_ns;
		p->by_call = false;
		p->what = "loss";
	}
}
