/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alias: one part of an object is mapped writable (shared) at one place and executable at another,
 * in one address space or in two. Code can then be written while no mapping ever changes. Every
 * address space that mapped an object in either way is remembered; the mirror says whether it still
 * does.
 */
#include "detect/detectors.h"

#include <stdlib.h>
#include <string.h>

#include <uthash.h>
#include <utlist.h>

#include "util/mem.h"

#define HOLDERS_MAX 65536
#define SCAN_MAX    4096 /* mappings and holders looked at for one change */

static const struct rule rules[] = { { .id = "alias", .technique = "T1055" }, { 0 } };

/* An address space that mapped an object writable or executable. */
struct holder {
	struct object_users *users;
	struct mm *mm;
	uint32_t pid;
	char comm[17];
	const struct object *exe;
	uint16_t had;		    /* VMA_W (shared), VMA_X */
	bool is_alias;		    /* set once an alias was found: later ones are only counted */
	struct holder *prev, *next; /* in the list of the object */
	struct holder *mm_prev, *mm_next; /* in the list of the address space */
};

struct object_users {
	struct {
		uint64_t ino;
		uint64_t dev;
	} key;
	struct holder *holders;
	UT_hash_handle hh;
};

struct alias {
	struct holder *holders;
};

struct alias_global {
	struct object_users *users;
	size_t nr_holders;
};

static struct object_users *users_of(struct alias_global *g, const struct object *obj)
{
	struct object_users *u, key = { .key = { obj->ino, obj->dev } };

	HASH_FIND(hh, g->users, &key.key, sizeof(key.key), u);
	if (u)
		return u;
	u = mem_alloc(sizeof(*u));
	u->key = key.key;
	HASH_ADD(hh, g->users, key, sizeof(u->key), u);
	return u;
}

static void holder_add(struct view *v, struct object_users *u, const struct holder *like)
{
	struct alias_global *g = v->global;
	struct alias *state = v->state;
	struct holder *h = mem_alloc(sizeof(*h));

	*h = *like;
	h->users = u;
	h->mm = v->proc->mm;
	h->pid = v->proc->pid;
	h->exe = v->proc->exe;
	memcpy(h->comm, v->proc->comm, sizeof(h->comm));
	DL_APPEND(u->holders, h);
	DL_APPEND2(state->holders, h, mm_prev, mm_next);
	g->nr_holders++;
}

static struct holder *holder_of(struct view *v, struct object_users *u)
{
	static const struct holder fresh;
	struct alias_global *g = v->global;
	struct holder *h;

	DL_FOREACH(u->holders, h)
	if (h->mm == v->proc->mm)
		return h;
	if (g->nr_holders >= HOLDERS_MAX) {
		v->past->nr_dropped++;
		return NULL;
	}
	holder_add(v, u, &fresh);
	return u->holders->prev;
}

static uint16_t rights_of(const struct attr *a)
{
	return (a->flags & VMA_X) | (a->flags & VMA_SHARED ? a->flags & VMA_W : 0);
}

/*
 * True if mm maps a part of the change's object and offsets elsewhere with this right. Uses up
 * *budget.
 */
static bool is_mapped_with(const struct mm *mm, uint16_t right, const struct view *v,
			   unsigned int *budget)
{
	const struct attr *a = &v->ch->after;
	uint64_t end = a->off + (v->ch->end - v->ch->start);
	const struct vma *m;

	for (m = aspace_find(mm->as, 0); m && *budget; m = aspace_next(mm->as, m), --*budget) {
		if (!(rights_of(&m->attr) & right) || m->attr.obj->ino != a->obj->ino ||
		    m->attr.obj->dev != a->obj->dev)
			continue;
		if (mm == v->proc->mm && m->start < v->ch->end && v->ch->start < m->end)
			continue;
		if (m->attr.off < end && a->off < m->attr.off + (m->end - m->start))
			return true;
	}
	return false;
}

static enum severity severity_of(const struct view *v, const struct holder *other)
{
	if (other->mm == v->proc->mm)
		return view_called_by_stray(v) ? SEVERITY_MEDIUM : SEVERITY_LOW;
	return other->exe && other->exe == v->proc->exe ? SEVERITY_MEDIUM : SEVERITY_HIGH;
}

static void write_why(struct buf *why, const struct view *v, const struct holder *other,
		      uint16_t right)
{
	bool here = other->mm == v->proc->mm;

	why_range(why, v->ch);
	buf_puts(why, right & VMA_W ? " was mapped executable" : " was mapped writable");
	why_caller(why, v->ch);
	buf_puts(why, right & VMA_W ? ", and is writable" : ", and is executable");
	if (here) {
		buf_puts(why, " elsewhere in the process");
		return;
	}
	buf_puts(why, " in process ");
	buf_dec(why, other->pid);
	buf_puts(why, " (");
	why_comm(why, other->comm);
	buf_putc(why, ')');
}

/* Raises an alias if another holder has the right that completes this one. */
static void alias_find(struct view *v, struct holder *self, uint16_t right)
{
	uint16_t opposite = right == VMA_X ? VMA_W : VMA_X;
	struct holder *h, *found = NULL;
	unsigned int budget = SCAN_MAX;
	struct finding *f;

	DL_FOREACH(self->users->holders, h)
	{
		budget -= budget > 0;
		if (!(h->had & opposite))
			continue;
		if (!self->is_alias && !is_mapped_with(h->mm, opposite, v, &budget))
			continue;
		if (!found || h->mm != v->proc->mm)
			found = h;
	}
	if (!found) {
		v->past->nr_dropped += !budget;
		return;
	}
	self->is_alias = true;
	f = view_raise(v, rules, severity_of(v, found), FOLD_PROCESS);
	if (f)
		write_why(&f->why, v, found, opposite);
}

static void change(struct view *v)
{
	const struct attr *a = &v->ch->after;
	uint16_t rights;
	struct holder *h;

	if (!attr_is_mapped(a) || !object_has_offsets(a->obj) || a->obj->inode_unknown ||
	    !a->obj->ino)
		return;
	rights = rights_of(a);
	if (!rights)
		return;
	h = holder_of(v, users_of(v->global, a->obj));
	if (!h)
		return;
	h->had |= rights;
	if (v->turns & TURN_SEEN || rights == (VMA_W | VMA_X)) /* both at once are wx's */
		return;
	alias_find(v, h, rights);
}

static void forked(struct view *v)
{
	struct alias *state = v->state;
	struct alias_global *g = v->global;
	struct holder *h = state->holders;

	state->holders = NULL;
	for (; h; h = h->mm_next)
		if (g->nr_holders < HOLDERS_MAX)
			holder_add(v, h->users, h);
		else
			v->past->nr_dropped++;
}

static void gone(struct view *v)
{
	struct alias *state = v->state;
	struct alias_global *g = v->global;
	struct holder *h, *next;

	for (h = state->holders; h; h = next) {
		struct object_users *u = h->users;

		next = h->mm_next;
		DL_DELETE(u->holders, h);
		free(h);
		g->nr_holders--;
		if (u->holders)
			continue;
		HASH_DEL(g->users, u);
		free(u);
	}
	state->holders = NULL;
}

const struct detector detector_alias = {
	.name = "alias",
	.rules = rules,
	.turns = TURN_GETS_X | TURN_GETS_W | TURN_SEEN,
	.state_bytes = sizeof(struct alias),
	.global_bytes = sizeof(struct alias_global),
	.change = change,
	.forked = forked,
	.gone = gone,
};
