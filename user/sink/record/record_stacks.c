/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stacks repeat, and their frames do in other stacks: each is written once, and named
 * by number. Memory is bounded: a full table is forgotten, and its things written anew.
 */
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "sink/record/record_private.h"
#include "util/buf.h"
#include "util/mem.h"

#define MAX_FRAMES (1u << 17)
#define MAX_STACKS (1u << 15)

struct numbered {
	UT_hash_handle hh;
	uint32_t number;
	size_t len;
	char key[];
};

struct numbers {
	struct numbered *things;
	unsigned int max;
	uint32_t nr_written;
};

struct record_stacks {
	struct record_db *db;
	struct record_rows *rows;
	struct numbers frames, stacks;
	struct buf key;
};

static void forget(struct numbers *n)
{
	struct numbered *t, *next;

	HASH_ITER(hh, n->things, t, next) {
		HASH_DEL(n->things, t);
		free(t);
	}
}

/* The number of what has that key; *ret_new: it had none yet. */
static uint32_t number_of(struct numbers *n, const void *key, size_t len, bool *ret_new)
{
	struct numbered *t;

	HASH_FIND(hh, n->things, key, len, t);
	*ret_new = !t;
	if (t)
		return t->number;
	if (HASH_COUNT(n->things) >= n->max)
		forget(n);
	t = mem_alloc(sizeof(*t) + len);
	memcpy(t->key, key, len);
	t->number = ++n->nr_written;
	HASH_ADD_KEYPTR(hh, n->things, t->key, len, t);
	return t->number;
}

static uint32_t frame_number(struct record_stacks *st, const struct frame *f)
{
	const uint64_t words[] = { f->addr, (uintptr_t)f->obj, f->off, f->symbol_off,
				   f->symbol != NULL };
	uint32_t number;
	bool new;

	st->key.len = 0;
	buf_add(&st->key, words, sizeof(words));
	if (f->symbol)
		buf_puts(&st->key, f->symbol);
	number = number_of(&st->frames, st->key.data, st->key.len, &new);
	if (new)
		record_db_row(st->db, STMT_FRAME, "iiIisi", (uint64_t)number, f->addr,
			      (uint64_t)record_rows_object(st->rows, f->obj), f->off, f->symbol,
			      f->symbol_off);
	return number;
}

uint32_t record_stacks_number(struct record_stacks *st, const struct stack *stack)
{
	uint32_t frames[STACK_MAX_FRAMES + 1], number;
	size_t i;
	bool new;

	for (i = 0; i < stack->nr; i++)
		frames[i] = frame_number(st, &stack->frames[i]);
	number = number_of(&st->stacks, frames, stack->nr * sizeof(*frames), &new);
	for (i = 0; new &&i < stack->nr; i++)
		record_db_row(st->db, STMT_STACK, "iii", (uint64_t)number, (uint64_t)i,
			      (uint64_t)frames[i]);
	return number;
}

struct record_stacks *record_stacks_new(struct record_db *db, struct record_rows *rows)
{
	struct record_stacks *st = mem_alloc(sizeof(*st));

	st->db = db;
	st->rows = rows;
	st->frames.max = MAX_FRAMES;
	st->stacks.max = MAX_STACKS;
	return st;
}

void record_stacks_free(struct record_stacks *st)
{
	if (!st)
		return;
	forget(&st->frames);
	forget(&st->stacks);
	buf_done(&st->key);
	free(st);
}
