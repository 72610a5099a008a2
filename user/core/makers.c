/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tree of ranges for each address space, shared with forked children until one of them changes.
 * Code is kept once for all.
 */
#include "core/makers.h"

#include <stdlib.h>
#include <string.h>

#include "core/object.h"
#include "core/words.h"
#include "util/escape.h"
#include "util/mem.h"

#define MAP_STACK_ARG 0x20000 /* MAP_STACK, the same for all machines */

RB_HEAD(made_tree, made);

static int compare_made(const struct made *a, const struct made *b)
{
	return a->start < b->start ? -1 : a->start > b->start;
}

/* libbsd leaves __unused of RB_GENERATE_STATIC undefined */
RB_GENERATE_INTERNAL(made_tree, made, by_start, compare_made, __attribute__((unused)) static)

struct makers {
	struct maker_table *table; /* borrowed */
	unsigned int nr_users;	   /* address spaces that share it */
	struct made_tree ranges;
	size_t nr;
};

struct maker_table {
	struct maker *all;
	struct maker *last; /* found last */
	size_t nr_ranges;   /* of all address spaces */
	uint64_t nr_dropped;
};

/* ---- code ---- */

/* True if the frame is a function of another module than the one that made the call. */
static bool is_outside(const struct stack *s, size_t i)
{
	return s->frames[i].addr && s->frames[i].obj && s->frames[i].obj != s->frames[0].obj;
}

/* The innermost frame outside of the library with the call; a static program's is the caller's. */
static size_t maker_frame(const struct stack *s, const struct caller *caller)
{
	size_t i;

	for (i = 1; i < s->nr; i++)
		if (is_outside(s, i))
			return i;
	for (i = 0; i < s->nr && s->frames[i].addr != caller->addr; i++)
		;
	return i;
}

static void put_function(struct buf *b, const struct frame *f)
{
	const struct caller at = { .addr = f->addr, .obj = f->obj, .off = f->off };

	if (b->len)
		buf_puts(b, " < ");
	if (f->symbol)
		escape_text_cut(b, f->symbol, strlen(f->symbol), 40);
	else
		word_caller(b, &at, 40);
}

const struct frame *maker_functions(const struct stack *s, const struct caller *caller,
				    char ret[MAKER_FUNCTIONS_MAX])
{
	size_t first = maker_frame(s, caller), fits = 0, i;
	struct buf b = { 0 };

	ret[0] = 0;
	if (first >= s->nr)
		return NULL;
	/* malloc, pthread_create and the like say more than their callers; mmap itself says nothing */
	for (i = first > 1 ? first - 1 : first; i < s->nr && i < first + MAKER_FRAMES; i++) {
		if (i > first && !is_outside(s, i))
			break; /* behind main, or the first function of a thread */
		put_function(&b, &s->frames[i]);
		if (b.len >= MAKER_FUNCTIONS_MAX)
			break; /* those before it fit, as at least one does */
		fits = b.len;
	}
	if (fits)
		memcpy(ret, b.data, fits);
	ret[fits] = 0;
	buf_done(&b);
	return &s->frames[first];
}

static void take_stack(struct maker *k, const struct stack *s)
{
	const struct frame *f = maker_functions(s, &k->key.caller, k->key.functions);

	if (!f)
		return;
	k->key.caller.addr = f->addr;
	k->key.caller.obj = f->obj;
	k->key.caller.off = f->off;
}

/* True for a call that maps memory, and does not only change what is mapped. */
static bool call_makes(enum mpw_call id)
{
	return id == MPW_CALL_MMAP || id == MPW_CALL_BRK || id == MPW_CALL_MREMAP ||
	       id == MPW_CALL_SHMAT || id == MPW_CALL_MAP_SHADOW_STACK || id == MPW_CALL_IO_SETUP;
}

/* True if the change shows what nobody saw come. */
static bool is_late(const struct change *ch)
{
	const struct event *ev = ch->ev;

	if (ev->type == EVENT_CALL)
		return attr_is_unknown(&ch->before) && !call_makes(ev->call.id);
	return event_is_snapshot(ev) && !attr_is_unknown(&ch->before);
}

/* Module and offset say enough: an address depends on the run. */
static void maker_key(struct maker *k, const struct change *ch)
{
	const struct event *ev = ch->ev;

	memset(k, 0, sizeof(*k));
	k->key.type = ev->type;
	k->key.is_late = is_late(ch);
	if (ev->type != EVENT_CALL || k->key.is_late)
		return;
	k->key.call = ev->call.id;
	k->key.is_stack = ev->call.id == MPW_CALL_MMAP && ev->call.arg[3] & MAP_STACK_ARG;
	k->key.caller.addr = ch->caller.addr;
	k->key.caller.obj = ch->caller.obj;
	k->key.caller.off = ch->caller.off;
	k->key.caller.is_copy = ch->caller.is_copy;
	if (ev->stack && ev->stack->nr)
		take_stack(k, ev->stack);
	if (k->key.caller.obj)
		k->key.caller.addr = 1; /* known, and of no meaning in itself */
}

/* NULL if there is no room. */
static const struct maker *maker_of(struct maker_table *t, const struct change *ch)
{
	struct maker key, *found;

	maker_key(&key, ch);
	if (t->last && !memcmp(&t->last->key, &key.key, sizeof(key.key)))
		return t->last;
	HASH_FIND(hh, t->all, &key.key, sizeof(key.key), found);
	if (!found && HASH_COUNT(t->all) >= MAKERS_MAX) {
		t->nr_dropped++;
		return NULL;
	}
	if (!found) {
		found = mem_alloc(sizeof(*found));
		*found = key;
		HASH_ADD(hh, t->all, key, sizeof(found->key), found);
	}
	t->last = found;
	return found;
}

struct maker_table *maker_table_new(void)
{
	return mem_alloc(sizeof(struct maker_table));
}

void maker_table_free(struct maker_table *t)
{
	struct maker *k, *next;

	if (!t)
		return;
	HASH_ITER(hh, t->all, k, next) {
		HASH_DEL(t->all, k);
		free(k);
	}
	free(t);
}

uint64_t maker_table_dropped(const struct maker_table *t)
{
	return t->nr_dropped;
}

/* ---- ranges ---- */

static void add(struct makers *m, const struct made *made)
{
	struct made *copy;

	if (m->nr >= MAKER_RANGES_MAX || m->table->nr_ranges >= MAKER_TOTAL_MAX) {
		m->table->nr_dropped++;
		return;
	}
	copy = mem_alloc(sizeof(*copy));
	*copy = *made;
	RB_INSERT(made_tree, &m->ranges, copy);
	m->nr++;
	m->table->nr_ranges++;
}

static void drop(struct makers *m, struct made *made)
{
	RB_REMOVE(made_tree, &m->ranges, made);
	free(made);
	m->nr--;
	m->table->nr_ranges--;
}

static struct made *find(const struct makers *m, uint64_t addr)
{
	struct made *at = RB_ROOT(&m->ranges), *best = NULL;

	while (at) {
		if (at->end > addr) {
			best = at;
			at = RB_LEFT(at, by_start);
		} else {
			at = RB_RIGHT(at, by_start);
		}
	}
	return best;
}

/* Cut the range that holds addr in two; the upper part is not remembered where there is no room. */
static void cut(struct makers *m, uint64_t addr)
{
	struct made *at = find(m, addr), up;

	if (!at || at->start >= addr)
		return;
	up = *at;
	up.start = addr;
	at->end = addr;
	add(m, &up);
}

static struct makers *makers_new(struct maker_table *t)
{
	struct makers *m = mem_alloc(sizeof(*m));

	m->table = t;
	m->nr_users = 1;
	return m;
}

static struct makers *own_copy(struct makers *m)
{
	struct makers *copy = makers_new(m->table);
	struct made *at;

	RB_FOREACH(at, made_tree, &m->ranges)
		add(copy, at);
	makers_put(m);
	return copy;
}

/* True if the range holds other memory than before, and not only with other rights or names. */
static bool is_made(const struct change *ch)
{
	const struct attr *b = &ch->before, *a = &ch->after;
	const struct event *ev = ch->ev;

	if (!attr_is_mapped(b))
		return true;
	if (ev->type == EVENT_CALL &&
	    (ev->call.id == MPW_CALL_MMAP || ev->call.id == MPW_CALL_MREMAP ||
	     ev->call.id == MPW_CALL_SHMAT))
		return true;
	return object_has_offsets(a->obj) && (!object_same(a->obj, b->obj) || a->off != b->off);
}

/*
 * Past half of its room, memory that the same code adds to its own, as a heap grows, is one range: made
 * when the last part was.
 */
static bool joined(struct makers *m, const struct made *made)
{
	struct made *below = made->start ? find(m, made->start - 1) : NULL;

	if (m->nr < MAKER_RANGES_MAX / 2 || !below || below->end != made->start ||
	    below->maker != made->maker || below->changer)
		return false;
	below->end = made->end;
	below->made_ns = made->made_ns;
	return true;
}

static void make(struct makers *m, const struct change *ch, const struct maker *maker)
{
	struct made *at, *next,
		made = { .start = ch->start,
			 .end = ch->end,
			 .made_ns = ch->ev->ts_ns,
			 .maker = maker };

	for (at = find(m, ch->start); at && at->start < ch->end; at = next) {
		next = RB_NEXT(made_tree, &m->ranges, at);
		drop(m, at);
	}
	if (attr_is_mapped(&ch->after) && maker && !joined(m, &made))
		add(m, &made);
}

static void alter(struct makers *m, const struct change *ch, const struct maker *changer)
{
	struct made *at;

	if (!((ch->before.flags ^ ch->after.flags) & (VMA_PROT | VMA_GUARD)))
		return;
	for (at = find(m, ch->start); at && at->start < ch->end;
	     at = RB_NEXT(made_tree, &m->ranges, at)) {
		at->changed_ns = ch->ev->ts_ns;
		at->changer = changer;
		at->was = ch->before.flags;
	}
}

void makers_change(struct makers **m, struct maker_table *t, const struct change *ch)
{
	bool is_mapped = attr_is_mapped(&ch->after);
	const struct maker *maker = is_mapped ? maker_of(t, ch) : NULL;

	if (!*m)
		*m = makers_new(t);
	else if ((*m)->nr_users > 1)
		*m = own_copy(*m);
	cut(*m, ch->start);
	cut(*m, ch->end);
	if (!is_mapped || is_made(ch))
		make(*m, ch, maker);
	else
		alter(*m, ch, maker);
}

struct makers *makers_share(struct makers *m)
{
	if (m)
		m->nr_users++;
	return m;
}

void makers_put(struct makers *m)
{
	struct made *at, *next;

	if (!m || --m->nr_users)
		return;
	for (at = RB_MIN(made_tree, &m->ranges); at; at = next) {
		next = RB_NEXT(made_tree, &m->ranges, at);
		drop(m, at);
	}
	free(m);
}

const struct made *makers_find(const struct makers *m, uint64_t addr)
{
	return m ? find(m, addr) : NULL;
}
