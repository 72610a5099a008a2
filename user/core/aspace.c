/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A red-black tree of mappings by address. An assignment first reports the
 * differences, then cuts the range out and puts the new mapping in, joined with
 * equal neighbours; a change of just one mapping is done in place.
 */
#include "core/aspace.h"
#include "core/object.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/sys/tree.h>

#include "util/mem.h"

struct node {
	struct vma vma; /* first: a pointer to a node's vma is a pointer to the node */
	RB_ENTRY(node) link;
};

RB_HEAD(tree, node);

struct aspace {
	struct tree tree;
	size_t nr;
	bool known;
};

static int node_cmp(const struct node *a, const struct node *b)
{
	return a->vma.start < b->vma.start ? -1 : a->vma.start > b->vma.start;
}

/* RB_GENERATE_STATIC of libbsd needs __unused, which libbsd does not define. */
RB_GENERATE_INTERNAL(tree, node, link, node_cmp, __attribute__((unused)) static)

struct aspace *aspace_new(void)
{
	struct aspace *as = mem_alloc(sizeof(*as));

	RB_INIT(&as->tree);
	return as;
}

static struct node *node_add(struct aspace *as, uint64_t start, uint64_t end,
			     const struct attr *attr)
{
	struct node *n = mem_alloc(sizeof(*n));

	n->vma.start = start;
	n->vma.end = end;
	n->vma.attr = *attr;
	RB_INSERT(tree, &as->tree, n);
	as->nr++;
	return n;
}

static void node_del(struct aspace *as, struct node *n)
{
	RB_REMOVE(tree, &as->tree, n);
	as->nr--;
	free(n);
}

struct aspace *aspace_clone(const struct aspace *as)
{
	struct aspace *copy = aspace_new();
	const struct vma *v;

	copy->known = as->known;
	for (v = aspace_find(as, 0); v; v = aspace_next(as, v))
		node_add(copy, v->start, v->end, &v->attr);
	return copy;
}

void aspace_free(struct aspace *as)
{
	struct node *n;

	if (!as)
		return;
	while ((n = RB_ROOT(&as->tree)))
		node_del(as, n);
	free(as);
}

void aspace_hold(const struct aspace *as)
{
	const struct vma *v;

	for (v = aspace_find(as, 0); v; v = aspace_next(as, v))
		object_hold(v->attr.obj);
}

bool aspace_is_known(const struct aspace *as)
{
	return as->known;
}

void aspace_set_known(struct aspace *as, bool known)
{
	as->known = known;
}

static struct attr hole_of(const struct aspace *as)
{
	return (struct attr){ .flags = as->known ? 0 : VMA_UNKNOWN };
}

/* The first node that ends above addr. */
static struct node *node_at(const struct aspace *as, uint64_t addr)
{
	struct node *n = RB_ROOT(&as->tree), *best = NULL;

	while (n) {
		if (n->vma.end > addr) {
			best = n;
			n = RB_LEFT(n, link);
		} else {
			n = RB_RIGHT(n, link);
		}
	}
	return best;
}

/* True if every field is equal: such neighbours are joined. */
static bool attr_identical(const struct attr *a, const struct attr *b)
{
	return a->flags == b->flags && a->pkey == b->pkey && a->obj == b->obj && a->off == b->off;
}

static bool node_continues(const struct node *n, const struct node *next)
{
	struct attr a;

	if (n->vma.end != next->vma.start)
		return false;
	a = attr_advance(n->vma.attr, n->vma.end - n->vma.start);
	return attr_identical(&a, &next->vma.attr);
}

static void join_next(struct aspace *as, struct node *n)
{
	struct node *next = RB_NEXT(tree, &as->tree, n);

	if (!next || !node_continues(n, next))
		return;
	n->vma.end = next->vma.end;
	node_del(as, next);
}

static void join_around(struct aspace *as, struct node *n)
{
	struct node *prev = RB_PREV(tree, &as->tree, n);

	join_next(as, n);
	if (prev)
		join_next(as, prev);
}

/* A difference that is being gathered: neighbours that changed alike are reported as one. */
struct diff {
	aspace_diff_fn *fn;
	void *ctx;
	bool open;
	uint64_t start, end;
	struct attr before, after;
};

static void diff_close(struct diff *d)
{
	if (d->open)
		d->fn(d->ctx, d->start, d->end, &d->before, &d->after);
	d->open = false;
}

static void diff_add(struct diff *d, uint64_t start, uint64_t end, const struct attr *before,
		     const struct attr *after)
{
	if (attr_equal(before, after)) {
		diff_close(d);
		return;
	}
	if (d->open && d->end == start) {
		struct attr b = attr_advance(d->before, start - d->start);
		struct attr a = attr_advance(d->after, start - d->start);

		if (attr_identical(&b, before) && attr_identical(&a, after)) {
			d->end = end;
			return;
		}
	}
	diff_close(d);
	d->open = true;
	d->start = start;
	d->end = end;
	d->before = *before;
	d->after = *after;
}

/* Report the differences between the set and "attr in [start, end)". */
static void report_diff(const struct aspace *as, struct node *n, uint64_t start, uint64_t end,
			const struct attr *attr, struct diff *d)
{
	const struct attr hole = hole_of(as), none = { 0 };
	uint64_t at = start, stop;
	struct attr before, after;

	while (at < end) {
		while (n && n->vma.end <= at)
			n = RB_NEXT(tree, &as->tree, n);
		if (!n || n->vma.start >= end) {
			before = hole;
			stop = end;
		} else if (n->vma.start > at) {
			before = hole;
			stop = n->vma.start;
		} else {
			before = attr_advance(n->vma.attr, at - n->vma.start);
			stop = n->vma.end < end ? n->vma.end : end;
		}
		after = attr ? attr_advance(*attr, at - start) : none;
		diff_add(d, at, stop, &before, &after);
		at = stop;
	}
	diff_close(d);
}

/* Cut [start, end) out of the set; n is the first node that ends above start. */
static void cut_out(struct aspace *as, struct node *n, uint64_t start, uint64_t end)
{
	while (n && n->vma.start < end) {
		struct node *next = RB_NEXT(tree, &as->tree, n);
		uint64_t n_end = n->vma.end;
		struct attr tail = attr_advance(n->vma.attr, end - n->vma.start);

		if (n->vma.start < start)
			n->vma.end = start;
		else if (n_end <= end)
			node_del(as, n);
		if (n_end > end) {
			if (n->vma.start < start) {
				node_add(as, end, n_end, &tail);
			} else { /* order in the tree stays */
				n->vma.start = end;
				n->vma.attr = tail;
			}
		}
		n = next;
	}
}

void aspace_assign(struct aspace *as, uint64_t start, uint64_t end, const struct attr *attr,
		   aspace_diff_fn *fn, void *ctx)
{
	struct diff d = { .fn = fn, .ctx = ctx };
	struct node *n;
	struct attr kept;

	assert(start < end);
	assert(!attr || (attr_is_mapped(attr) && attr->obj));
	n = node_at(as, start);
	if (fn)
		report_diff(as, n, start, end, attr, &d);
	if (!attr) {
		cut_out(as, n, start, end);
		return;
	}
	kept = *attr;
	if (n && n->vma.start <= start && n->vma.end >= end) {
		struct attr now = attr_advance(n->vma.attr, start - n->vma.start);

		if (now.obj != kept.obj && object_has_offsets(kept.obj) && attr_equal(&now, &kept))
			kept.obj = now.obj; /* renamed, not replaced */
		if (attr_identical(&now, &kept))
			return;
		if (n->vma.start == start && n->vma.end == end) {
			n->vma.attr = kept;
			join_around(as, n);
			return;
		}
	}
	cut_out(as, n, start, end);
	join_around(as, node_add(as, start, end, &kept));
}

const struct vma *aspace_find(const struct aspace *as, uint64_t addr)
{
	const struct node *n = node_at(as, addr);

	return n ? &n->vma : NULL;
}

const struct vma *aspace_next(const struct aspace *as, const struct vma *v)
{
	const struct node *n = RB_NEXT(tree, &as->tree, (struct node *)v);

	(void)as;
	return n ? &n->vma : NULL;
}

const struct vma *aspace_prev(const struct aspace *as, const struct vma *v)
{
	const struct node *n = RB_PREV(tree, &as->tree, (struct node *)v);

	(void)as;
	return n ? &n->vma : NULL;
}

const struct vma *aspace_last(const struct aspace *as, uint64_t addr)
{
	const struct node *n = RB_ROOT(&as->tree), *best = NULL;

	while (n) {
		if (n->vma.start < addr) {
			best = n;
			n = RB_RIGHT(n, link);
		} else {
			n = RB_LEFT(n, link);
		}
	}
	return best ? &best->vma : NULL;
}

size_t aspace_nr_vmas(const struct aspace *as)
{
	return as->nr;
}

struct attr aspace_at(const struct aspace *as, uint64_t addr)
{
	const struct node *n = node_at(as, addr);

	if (!n || n->vma.start > addr)
		return hole_of(as);
	return attr_advance(n->vma.attr, addr - n->vma.start);
}

struct attr attr_advance(struct attr a, uint64_t n_bytes)
{
	if (a.obj && object_has_offsets(a.obj))
		a.off += n_bytes;
	return a;
}

static bool is_heap_or_anon(const struct attr *a)
{
	return attr_is_mapped(a) &&
	       (a->obj->kind == OBJECT_HEAP || (a->obj->kind == OBJECT_ANON && !a->obj->name_len));
}

bool attr_is_heap_too(const struct attr *a, const struct attr *b)
{
	return is_heap_or_anon(a) && is_heap_or_anon(b) && a->obj != b->obj &&
	       a->flags == b->flags && a->pkey == b->pkey;
}

bool attr_equal(const struct attr *a, const struct attr *b)
{
	const uint16_t counted = VMA_PROT | VMA_SHARED | VMA_MAPPED | VMA_UNKNOWN | VMA_DONTCOPY |
				 VMA_SEALED | VMA_GUARD;

	if ((a->flags ^ b->flags) & counted || a->pkey != b->pkey)
		return false;
	if (!attr_is_mapped(a))
		return true;
	return object_same(a->obj, b->obj) && (!object_has_offsets(a->obj) || a->off == b->off);
}

bool aspace_is_growth(const struct aspace *as, uint64_t end, const struct attr *before,
		      const struct attr *after)
{
	const struct attr above = aspace_at(as, end);

	return !attr_is_mapped(before) && above.flags & VMA_GROWSDOWN && above.obj == after->obj &&
	       !((above.flags ^ after->flags) & VMA_PROT);
}
