/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alias: one part of an object is mapped writable (shared) at one place and executable at another,
 * in one address space or in two. Code can then be written while no mapping ever changes. Every
 * address space that mapped an object in either way is remembered; the mirror says whether it still
 * does.
 *
 * w-to-x, of an object: it is made executable after it was mapped writable, and shared, by somebody
 * who does not map it any more. The past of an object is kept for KEPT_MAX of them when nobody maps
 * them, the oldest go first.
 */
#include "detect/detectors.h"

#include <stdlib.h>
#include <string.h>

#include <uthash.h>
#include <utlist.h>

#include "core/object.h"
#include "util/mem.h"

#define HOLDERS_MAX 65536
#define SCAN_MAX    4096 /* mappings and holders looked at for one change */
#define KEPT_MAX    4096 /* objects that were written, and nobody maps */

static const struct rule rules[] = { { .id = "alias", .technique = "T1055" }, { 0 } };
static const struct rule written_rule = { .id = "w-to-x", .technique = "T1620" };

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

/* Who could write to an object last, and where anybody could, from lo to hi; hi 0: nobody. */
struct written {
	uint64_t lo, hi;
	bool is_old; /* set when nobody mapped it since: a file's inode may be another's by now */
	uint32_t pid;
	char comm[17];
	const struct object *exe;
};

struct object_users {
	struct {
		uint64_t ino;
		uint64_t dev;
	} key;
	struct holder *holders;
	struct written written;
	struct object_users *prev, *next; /* in the list of those that have no holder */
	UT_hash_handle hh;
};

struct alias {
	struct holder *holders;
};

struct alias_global {
	struct object_users *users;
	struct object_users *kept; /* those without a holder, the oldest first */
	size_t nr_holders, nr_kept;
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

static void users_free(struct alias_global *g, struct object_users *u)
{
	HASH_DEL(g->users, u);
	free(u);
}

static void users_unkeep(struct alias_global *g, struct object_users *u)
{
	DL_DELETE(g->kept, u);
	g->nr_kept--;
}

/* The last holder has gone: an object that was never writable has no past. */
static void users_keep(struct alias_global *g, struct object_users *u)
{
	struct object_users *oldest = g->kept;

	if (!u->written.hi) {
		users_free(g, u);
		return;
	}
	u->written.is_old = true;
	DL_APPEND(g->kept, u);
	if (++g->nr_kept <= KEPT_MAX)
		return;
	users_unkeep(g, oldest);
	users_free(g, oldest);
}

static void holder_add(struct view *v, struct object_users *u, const struct holder *like)
{
	struct alias_global *g = v->global;
	struct alias *state = v->state;
	struct holder *h = mem_alloc(sizeof(*h));

	if (!u->holders && u->written.hi)
		users_unkeep(g, u);
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

/* Raises an alias if another holder has the right that completes this one. True if so. */
static bool alias_find(struct view *v, struct holder *self, uint16_t right)
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
		return false;
	}
	self->is_alias = true;
	f = view_raise(v, rules, severity_of(v, found), FOLD_PROCESS);
	if (f)
		write_why(&f->why, v, found, opposite);
	return true;
}

/* ---- what was written before ---- */

static void written_note(const struct view *v, struct written *w)
{
	const struct attr *a = &v->ch->after;
	uint64_t end = a->off + (v->ch->end - v->ch->start);

	w->lo = w->hi && w->lo < a->off ? w->lo : a->off;
	w->hi = w->hi > end ? w->hi : end;
	w->is_old = false;
	w->pid = v->proc->pid;
	w->exe = v->proc->exe;
	memcpy(w->comm, v->proc->comm, sizeof(w->comm));
}

/* Linkers write programs through mappings, and others run them. */
static enum severity severity_of_written(const struct view *v, const struct written *w)
{
	bool same = w->exe ? w->exe == v->proc->exe : w->pid == v->proc->pid;

	if (v->ch->after.obj->kind == OBJECT_FILE)
		return !same ? SEVERITY_INFO : w->is_old ? SEVERITY_LOW : SEVERITY_MEDIUM;
	return same && !view_called_by_stray(v) ? SEVERITY_LOW : SEVERITY_MEDIUM;
}

static void written_find(struct view *v, const struct written *w)
{
	const struct attr *a = &v->ch->after;
	struct finding *f;

	if (a->off >= w->hi || w->lo >= a->off + (v->ch->end - v->ch->start))
		return;
	/* the mapping's own past is w-to-x's */
	if (!(v->turns & TURN_MAPS) && (v->ch->before.flags & VMA_W || v->marks & PAST_W))
		return;
	f = view_raise(v, &written_rule, severity_of_written(v, w), FOLD_REGION);
	if (!f)
		return;
	why_range(&f->why, v->ch);
	buf_puts(&f->why, v->turns & TURN_MAPS ? " was mapped executable" : " was made executable");
	why_rights(&f->why, v->ch);
	why_caller(&f->why, v->ch);
	buf_puts(&f->why, ", and ");
	if (w->is_old && a->obj->kind == OBJECT_FILE)
		buf_puts(&f->why, "a file with its inode number ");
	buf_puts(&f->why, "could be written before, through a shared mapping of process ");
	buf_dec(&f->why, w->pid);
	buf_puts(&f->why, " (");
	why_comm(&f->why, w->comm);
	buf_putc(&f->why, ')');
}

static void change(struct view *v)
{
	const struct attr *a = &v->ch->after;
	struct object_users *u;
	uint16_t rights;
	struct holder *h;

	if (!attr_is_mapped(a) || !object_has_offsets(a->obj) || a->obj->inode_unknown ||
	    !a->obj->ino)
		return;
	rights = rights_of(a);
	if (!rights)
		return;
	u = users_of(v->global, a->obj);
	h = holder_of(v, u);
	if (!h) {
		if (!u->holders && !u->written.hi)
			users_free(v->global, u);
		return;
	}
	h->had |= rights;
	/* both at once are wx's */
	if (!(v->turns & TURN_SEEN) && rights != (VMA_W | VMA_X) && !alias_find(v, h, rights) &&
	    rights == VMA_X && u->written.hi)
		written_find(v, &u->written);
	if (rights & VMA_W)
		written_note(v, &u->written);
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
		if (!u->holders)
			users_keep(g, u);
	}
	state->holders = NULL;
}

static void hold_global(void *global)
{
	const struct alias_global *g = global;
	const struct object_users *u;
	const struct holder *h;

	for (u = g->users; u; u = u->hh.next) {
		object_hold(u->written.exe);
		DL_FOREACH(u->holders, h)
		object_hold(h->exe);
	}
}

static void done(void *global)
{
	struct alias_global *g = global;
	struct object_users *u, *next;

	DL_FOREACH_SAFE(g->kept, u, next)
	users_free(g, u);
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
	.hold_global = hold_global,
	.done = done,
};
