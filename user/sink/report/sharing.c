/* SPDX-License-Identifier: BSD-2-Clause */
/* A change of a part of a view splits the view; both parts keep its steps. */
#include "sink/report/sharing.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

#define MAX_VIEWS (1u << 16) /* some 60 MB with their steps */
#define MAX_LOOKS (1u << 24) /* of views of one object that are compared */

typedef bool view_test(const struct shared_view *v);

static int view_compare(const struct shared_view *a, const struct shared_view *b)
{
	return a->start < b->start ? -1 : a->start > b->start;
}

/* libbsd leaves __unused of RB_GENERATE_STATIC undefined */
RB_GENERATE_INTERNAL(view_tree, shared_view, by_start, view_compare, __attribute__((unused)) static)

static bool is_shared(const struct attr *a)
{
	return attr_is_mapped(a) && a->flags & VMA_SHARED && object_has_offsets(a->obj);
}

static struct shared *object_of(struct sharing *s, const struct object *obj)
{
	struct shared *o, like = { .key = { obj->ino, obj->dev } };

	if (!obj->ino || obj->inode_unknown) {
		like.key.ino = (uintptr_t)obj;
		like.key.dev = UINT64_MAX;
	}
	HASH_FIND(hh, s->objects, &like.key, sizeof(like.key), o);
	if (o)
		return o;
	o = mem_alloc(sizeof(*o));
	o->key = like.key;
	o->obj = obj;
	HASH_ADD(hh, s->objects, key, sizeof(o->key), o);
	return o;
}

/* ---- pairs of views ---- */

bool shared_view_gave_up_writing(const struct shared_view *v)
{
	return v->had & VMA_W && !(v->flags & VMA_W);
}

/* n 1: v counts for its object; -1: v counts no more. */
static void view_count(const struct shared_view *v, int n)
{
	struct shared *o = v->object;

	if (v->is_gone)
		return;
	o->nr_writers += v->flags & VMA_W ? n : 0;
	o->nr_runners += v->flags & VMA_X ? n : 0;
	o->nr_gave_up += shared_view_gave_up_writing(v) ? n : 0;
}

static bool overlap(const struct shared_view *a, const struct shared_view *b)
{
	return a->off < b->off + (b->end - b->start) && b->off < a->off + (a->end - a->start);
}

bool shared_is_capped(const struct shared *o)
{
	return o->nr_looked >= MAX_LOOKS;
}

static bool view_writes(const struct shared_view *v)
{
	return v->flags & VMA_W;
}

static bool view_runs(const struct shared_view *v)
{
	return v->flags & VMA_X;
}

/* True if one of the two passes this, and the other that. */
static bool is_pair(const struct shared_view *a, const struct shared_view *b, view_test *this,
		    view_test *that)
{
	return (this(a) && that(b)) || (that(a) && this(b));
}

/* v changed: its object is an alias or uneven if v and another view make it so. */
static void view_check_pairs(const struct shared_view *v)
{
	struct shared *o = v->object;
	bool may_be_alias = !o->was_alias && o->nr_runners,
	     may_be_uneven = !o->was_uneven && o->nr_gave_up;
	const struct shared_view *b;

	if (v->is_gone || !o->nr_writers || (!may_be_alias && !may_be_uneven))
		return;
	for (b = o->views; b && o->nr_looked < MAX_LOOKS; b = b->next) {
		o->nr_looked++;
		if (b == v || b->is_gone || !overlap(v, b))
			continue;
		o->was_alias |= is_pair(v, b, view_writes, view_runs);
		o->was_uneven |= is_pair(v, b, view_writes, shared_view_gave_up_writing);
	}
}

/* ---- views ---- */

static void view_add_step(struct shared_view *v, const struct event *ev,
			  const struct caller *caller, uint16_t flags)
{
	const unsigned int ring = VIEW_STEPS - 1;
	size_t at = v->nr_steps < VIEW_STEPS ? v->nr_steps : 1 + (v->nr_steps - 1) % ring;

	v->steps[at] = (struct view_step){ .ts_ns = ev->ts_ns,
					   .flags = flags,
					   .type = ev->type,
					   .call = ev->type == EVENT_CALL ? ev->call.id : 0 };
	if (caller && ev->type == EVENT_CALL)
		v->steps[at].caller = *caller;
	view_count(v, -1);
	v->nr_steps++;
	v->is_gone = !flags;
	if (flags)
		v->flags = flags;
	v->had |= flags;
	v->is_wanted = v->is_wanted || !ev->sibling;
	view_count(v, 1);
	view_check_pairs(v);
}

unsigned int shared_view_nr_kept(const struct shared_view *v)
{
	return v->nr_steps < VIEW_STEPS ? v->nr_steps : VIEW_STEPS;
}

const struct view_step *shared_view_step(const struct shared_view *v, unsigned int i,
					 uint64_t *ret_skipped)
{
	const unsigned int ring = VIEW_STEPS - 1;
	uint64_t skipped = v->nr_steps - shared_view_nr_kept(v);

	*ret_skipped = i == 1 ? skipped : 0;
	return &v->steps[i ? 1 + (i - 1 + skipped) % ring : 0];
}

/* Views that are gone, and never were writable or executable, make room. */
static void make_room(struct sharing *s)
{
	struct shared *o;
	struct shared_view **at, *v;

	for (o = s->objects; o; o = o->hh.next) {
		for (at = &o->views; (v = *at);) {
			if (!v->is_gone || v->had & (VMA_W | VMA_X)) {
				at = &v->next;
				continue;
			}
			*at = v->next;
			o->nr_views--;
			s->nr_views--;
			s->nr_dropped++;
			free(v);
		}
	}
	s->is_full = s->nr_views > MAX_VIEWS / 8 * 7;
}

static struct shared_view *view_new(struct sharing *s, struct sharing_space *sp,
				    const struct shared_view *like)
{
	struct shared_view *v;

	if (s->nr_views >= MAX_VIEWS && !s->is_full)
		make_room(s);
	if (s->nr_views >= MAX_VIEWS) {
		s->nr_dropped++;
		return NULL;
	}
	s->nr_views++;
	v = mem_alloc(sizeof(*v));
	*v = *like;
	v->next = v->object->views;
	v->object->views = v;
	v->object->nr_views++;
	RB_INSERT(view_tree, &sp->views, v);
	view_count(v, 1);
	return v;
}

static void view_begin(struct sharing *s, struct sharing_space *sp, const struct shared_view *range,
		       const struct event *ev, const struct caller *caller)
{
	struct shared_view like = *range, *v;

	like.flags = 0; /* until its first step */
	like.pid = sp->pid;
	memcpy(like.comm, sp->comm, sizeof(like.comm));
	v = view_new(s, sp, &like);
	if (v)
		view_add_step(v, ev, caller, range->flags);
}

/* Returns the upper part; v itself if there is no room for two. */
static struct shared_view *view_split(struct sharing *s, struct sharing_space *sp,
				      struct shared_view *v, uint64_t at)
{
	struct shared_view like = *v, *up;

	like.start = at;
	like.off = v->off + (at - v->start);
	up = view_new(s, sp, &like);
	if (up)
		v->end = at;
	else
		v->is_coarse = true;
	return up ? up : v;
}

/* The first view that ends behind addr; NULL if there is none. */
static struct shared_view *view_find(struct sharing_space *sp, uint64_t addr)
{
	struct shared_view *v = RB_ROOT(&sp->views), *best = NULL;

	while (v) {
		if (v->end > addr) {
			best = v;
			v = RB_LEFT(v, by_start);
		} else {
			v = RB_RIGHT(v, by_start);
		}
	}
	return best;
}

/* ---- changes ---- */

/* True if a mapping of to, with off at start, has the object's bytes where v has them. */
static bool goes_on(const struct shared_view *v, const struct shared *to, uint64_t start,
		    uint64_t off)
{
	return to == v->object && off - start == v->off - v->start;
}

void sharing_change(struct sharing *s, struct sharing_space *sp, const struct change *ch)
{
	struct shared *to = is_shared(&ch->after) ? object_of(s, ch->after.obj) : NULL;
	struct shared_view part = { .object = to, .flags = ch->after.flags, .end = ch->start }, *v,
			   *next;

	if (!to && RB_EMPTY(&sp->views))
		return;
	for (v = view_find(sp, ch->start); v && v->start < ch->end; v = next) {
		if (v->start < ch->start)
			v = view_split(s, sp, v, ch->start);
		if (v->end > ch->end)
			view_split(s, sp, v, ch->end);
		next = RB_NEXT(view_tree, &sp->views, v);
		if (goes_on(v, to, ch->start, ch->after.off)) {
			part.start = part.end;
			part.end = v->start > part.start ? v->start : part.start;
			part.off = ch->after.off + (part.start - ch->start);
			if (part.start < part.end)
				view_begin(s, sp, &part, ch->ev, &ch->caller);
			part.end = v->end;
			if (v->flags != ch->after.flags)
				view_add_step(v, ch->ev, &ch->caller, ch->after.flags);
			continue;
		}
		view_add_step(v, ch->ev, &ch->caller, 0);
		RB_REMOVE(view_tree, &sp->views, v);
	}
	part.start = part.end;
	part.end = ch->end;
	part.off = ch->after.off + (part.start - ch->start);
	if (to && part.start < part.end)
		view_begin(s, sp, &part, ch->ev, &ch->caller);
}

void sharing_start(struct sharing *s, struct sharing_space *sp, const struct event *ev,
		   const struct aspace *as)
{
	const struct vma *m;

	for (m = aspace_find(as, 0); m; m = aspace_next(as, m)) {
		struct shared_view range = { .start = m->start,
					     .end = m->end,
					     .off = m->attr.off,
					     .flags = m->attr.flags };

		if (!is_shared(&m->attr))
			continue;
		range.object = object_of(s, m->attr.obj);
		view_begin(s, sp, &range, ev, NULL);
	}
}

void sharing_end(struct sharing_space *sp, const struct event *ev)
{
	struct shared_view *v, *next;

	for (v = RB_MIN(view_tree, &sp->views); v; v = next) {
		next = RB_NEXT(view_tree, &sp->views, v);
		view_add_step(v, ev, NULL, 0);
		RB_REMOVE(view_tree, &sp->views, v);
	}
}

void sharing_done(struct sharing *s)
{
	struct shared *o, *tmp;
	struct shared_view *v, *next;

	HASH_ITER(hh, s->objects, o, tmp) {
		HASH_DEL(s->objects, o);
		for (v = o->views; v; v = next) {
			next = v->next;
			free(v);
		}
		free(o);
	}
}

/* ---- verdicts on an object ---- */

static int compare_off(const void *va, const void *vb)
{
	const struct shared_view *a = *(const struct shared_view *const *)va;
	const struct shared_view *b = *(const struct shared_view *const *)vb;

	return a->off < b->off ? -1 : a->off > b->off;
}

/* True if a view that passes this and another that passes that overlap in the object now. */
static bool has_pair(const struct shared *o, view_test *this, view_test *that)
{
	struct shared_view **v = mem_array(o->nr_views + 1, sizeof(*v)), *at;
	uint64_t this_end = 0, that_end = 0, end;
	bool found = false;
	size_t nr = 0, i;

	for (at = o->views; at; at = at->next)
		if (!at->is_gone)
			v[nr++] = at;
	qsort(v, nr, sizeof(*v), compare_off);
	for (i = 0; i < nr && !found; i++) {
		end = v[i]->off + (v[i]->end - v[i]->start);
		found = (that(v[i]) && this_end > v[i]->off) ||
			(this(v[i]) && that_end > v[i]->off);
		if (this(v[i]) && end > this_end)
			this_end = end;
		if (that(v[i]) && end > that_end)
			that_end = end;
	}
	free(v);
	return found;
}

bool shared_is_alias(const struct shared *o)
{
	return has_pair(o, view_writes, view_runs);
}

bool shared_is_uneven(const struct shared *o)
{
	return has_pair(o, view_writes, shared_view_gave_up_writing);
}
