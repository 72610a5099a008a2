/* SPDX-License-Identifier: BSD-2-Clause */
/* Pieces are found by walking the mirror, so that their sum is the mirror's whatever is remembered. */
#include "core/remains.h"

#include <string.h>

#include "core/object.h"
#include "core/words.h"
#include "util/escape.h"

#define ARENA_BYTES (64u << 20) /* HEAP_MAX_SIZE of glibc's malloc/arena.c */
#define SMALL_GUARD (64u << 10)
#define LARGE_GUARD (1u << 20)

/* ---- uses ---- */

static bool is_accessible(const struct vma *v)
{
	return v && v->attr.flags & VMA_PROT && !(v->attr.flags & VMA_GUARD);
}

/* True for a part without rights that is small, and smaller than the memory that it touches. */
static bool is_guard(const struct aspace *as, const struct vma *v)
{
	const struct vma *above = aspace_next(as, v), *below = aspace_prev(as, v);
	uint64_t n_bytes = v->end - v->start, most = 0;

	if (is_accessible(above) && above->start == v->end)
		most = above->end - above->start;
	if (is_accessible(below) && below->end == v->start && below->end - below->start > most)
		most = below->end - below->start;
	return most && (n_bytes <= SMALL_GUARD || (n_bytes <= LARGE_GUARD && n_bytes < most));
}

static bool is_plain(const struct vma *v, unsigned int prot)
{
	return v && (v->attr.flags & (VMA_PROT | VMA_GUARD)) == prot &&
	       v->attr.obj->kind == OBJECT_ANON;
}

/* True for either part of an arena: writable from a multiple of 64M on, the rest without rights. */
static bool is_arena(const struct aspace *as, const struct vma *v)
{
	uint64_t base = v->start / ARENA_BYTES * ARENA_BYTES;
	const struct vma *used = aspace_find(as, base), *rest = used ? aspace_next(as, used) : NULL;

	return is_plain(used, VMA_R | VMA_W) && used->start == base && is_plain(rest, 0) &&
	       rest->start == used->end && rest->end == base + ARENA_BYTES;
}

static bool is_named(const struct object *o, const char *part)
{
	return o->name_len && strstr(o->name, part);
}

static enum mapping_use use_of_anon(const struct aspace *as, const struct vma *v,
				    const struct made *made)
{
	const struct object *o = v->attr.obj;
	bool is_stack = (made && made->maker->key.is_stack) || is_named(o, "stack");

	if (!(v->attr.flags & VMA_PROT) && is_guard(as, v))
		return USE_GUARD;
	if (is_named(o, "malloc arena") || (!is_stack && is_arena(as, v)))
		return USE_ARENA;
	if (!(v->attr.flags & VMA_PROT))
		return USE_RESERVED;
	return is_stack ? USE_THREAD_STACK : USE_ANON;
}

static enum mapping_use use_of(const struct aspace *as, const struct vma *v,
			       const struct made *made)
{
	const struct object *o = v->attr.obj;
	const bool is_code = v->attr.flags & VMA_X;

	if (v->attr.flags & VMA_GUARD)
		return USE_GUARD;
	if (is_code && o->kind != OBJECT_FILE && o->kind != OBJECT_SPECIAL &&
	    o->kind != OBJECT_UNKNOWN)
		return USE_JIT;
	switch (o->kind) {
	case OBJECT_ANON:
		return use_of_anon(as, v, made);
	case OBJECT_HEAP:
		return USE_HEAP;
	case OBJECT_STACK:
		return USE_STACK;
	case OBJECT_SPECIAL:
		return USE_SPECIAL;
	case OBJECT_FILE:
		return is_code						     ? USE_CODE :
		       (v->attr.flags & VMA_SHARED && v->attr.flags & VMA_W) ? USE_SHARED :
									       USE_FILE;
	case OBJECT_MEMFD:
	case OBJECT_SYSV:
	case OBJECT_SHARED_ANON:
		return USE_SHARED;
	case OBJECT_UNKNOWN:
		break;
	}
	return USE_UNKNOWN;
}

/* ---- pieces ---- */

/* The end of the piece at start, and who made it: nobody is known in the gaps between ranges. */
static uint64_t piece_end(const struct makers *m, const struct vma *v, uint64_t start,
			  const struct made **ret)
{
	const struct made *made = makers_find(m, start);
	uint64_t end = v->end;

	*ret = NULL;
	if (!made || made->start >= v->end)
		return end;
	if (made->start > start)
		end = made->start;
	else
		end = made->end < v->end ? made->end : v->end;
	/* a stack grows downward by faults, which nobody makes */
	if (made->start <= start || v->attr.obj->kind == OBJECT_STACK)
		*ret = made;
	return end;
}

void remains_each(const struct aspace *as, const struct makers *m, piece_fn *fn, void *ctx)
{
	const struct vma *v;
	struct piece_made p;

	for (v = aspace_find(as, 0); v; v = aspace_next(as, v)) {
		for (p.start = v->start; p.start < v->end; p.start = p.end) {
			p.end = piece_end(m, v, p.start, &p.made);
			p.attr = attr_advance(v->attr, p.start - v->start);
			p.use = use_of(as, v, p.made);
			fn(ctx, &p);
		}
	}
}

/* ---- words ---- */

const char *use_name(enum mapping_use use)
{
	static const char *const names[] = { "anon",	     "heap",  "arena",	  "stack",
					     "thread stack", "guard", "reserved", "jit",
					     "code",	     "file",  "shared",	  "special",
					     "unknown" };

	return names[use];
}

size_t word_maker(struct buf *b, const struct maker *m, size_t max_cols)
{
	const char *word = !m || m->key.is_late	     ? "not seen" :
			   m->key.type == EVENT_EXEC ? "exec" :
			   m->key.type == EVENT_CALL ? NULL :
						       "there before";

	if (word || !m->key.caller.obj) {
		word = word ? word : call_name(m->key.call);
		buf_puts(b, word);
		return strlen(word);
	}
	return word_caller(b, &m->key.caller, max_cols);
}
