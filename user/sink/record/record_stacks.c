/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stacks repeat, and so do their frames in other stacks: each is written once, and named by number
 * (record_things.h).
 */
#include <stdlib.h>
#include <string.h>

#include "sink/record/record_private.h"
#include "sink/record/record_things.h"
#include "util/buf.h"
#include "util/escape.h"
#include "util/mem.h"

#define MAX_FRAMES (1u << 17)
#define MAX_STACKS (1u << 15)

struct record_stacks {
	struct record_db *db;
	struct record_objects *objects;
	struct things frames, stacks;
	struct buf key; /* of the frame at hand */
};

static void put_frame(struct record_stacks *st, uint32_t number, const struct frame *f)
{
	struct buf shown = { 0 }, raw = { 0 };
	size_t len = f->symbol ? strlen(f->symbol) : 0;

	escape_text(&shown, f->symbol, len);
	record_db_row(st->db, STMT_FRAME, "iiIisis", (uint64_t)number, f->addr,
		      (uint64_t)record_objects_number(st->objects, f->obj), f->off,
		      f->symbol ? buf_str(&shown) : NULL, f->symbol_off,
		      record_raw(&raw, &shown, f->symbol, len));
	buf_done(&shown);
	buf_done(&raw);
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
	number = things_find(&st->frames, st->key.data, st->key.len, &new)->number;
	if (new)
		put_frame(st, number, f);
	return number;
}

uint32_t record_stacks_number(struct record_stacks *st, const struct stack *stack)
{
	uint32_t frames[STACK_MAX_FRAMES + 1], number;
	size_t i;
	bool new;

	for (i = 0; i < stack->nr; i++)
		frames[i] = frame_number(st, &stack->frames[i]);
	number = things_find(&st->stacks, frames, stack->nr * sizeof(*frames), &new)->number;
	for (i = 0; new &&i < stack->nr; i++)
		record_db_row(st->db, STMT_STACK, "iii", (uint64_t)number, (uint64_t)i,
			      (uint64_t)frames[i]);
	return number;
}

struct record_stacks *record_stacks_new(struct record_db *db, struct record_objects *objects)
{
	struct record_stacks *st = mem_alloc(sizeof(*st));

	st->db = db;
	st->objects = objects;
	st->frames.max = MAX_FRAMES;
	st->stacks.max = MAX_STACKS;
	return st;
}

void record_stacks_free(struct record_stacks *st)
{
	things_done(&st->frames);
	things_done(&st->stacks);
	buf_done(&st->key);
	free(st);
}
