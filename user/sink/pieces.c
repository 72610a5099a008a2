/* SPDX-License-Identifier: BSD-2-Clause */
/* A red-black tree by address; see pieces.h. */
#include "sink/pieces.h"

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
	count(ps, p, 1);
}

static void del(struct pieces *ps, struct piece *p)
{
	count(ps, p, -1);
	RB_REMOVE(piece_tree, &ps->tree, p);
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

/* What of was lies in [start, end) goes on by itself. */
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

/* The heap below, if like is more of the same. */
static struct piece *find_heap_below(const struct pieces *ps, const struct piece *like)
{
	struct piece *p;

	if (!attr_is_mapped(&like->attr) || like->attr.obj->kind != OBJECT_HEAP || !like->start)
		return NULL;
	p = pieces_find(ps, like->start - 1);
	return p && p->end == like->start && attr_equal(&p->attr, &like->attr) ? p : NULL;
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
	p = find_heap_below(ps, like);
	if (p) {
		fn(ctx, p, ts_ns);
		new.start = p->start;
		del(ps, p);
	}
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
		p->attr.flags = VMA_UNKNOWN; /* what was mapped there still names it */
		p->since_ns = ts_ns;
		p->by_call = false;
		p->what = "loss";
	}
}
