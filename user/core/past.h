/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The past of an address space, for detectors: what its mirror no longer shows of
 * ranges since they were mapped, and when they became writable; and what the dynamic
 * loader is at. The past goes where memory goes: with mremap(2), with fork. Memory is
 * bounded: changes past PAST_MARKS ranges are dropped and counted, and times are kept
 * of the last PAST_WRITABLE ranges.
 */
#ifndef CORE_PAST_H
#define CORE_PAST_H

#include "core/aspace.h"
#include "core/change.h"
#include "core/loading.h"

#define PAST_MARKS    4096
#define PAST_WRITABLE 32

/*
 * Marks of a mapped range; PAST_TEXT_GONE may be on an unmapped one. They are kept as flags of
 * struct attr, beside VMA_MAPPED.
 */
enum past_mark {
	PAST_HEAP = 1 << 0,	  /* moved away from [heap] */
	PAST_BSS = 1 << 1,	  /* a module's data that has no file (.bss) */
	PAST_W = 1 << 9,	  /* was writable, and may be again */
	PAST_X = 1 << 10,	  /* was executable, likewise */
	PAST_RELRO = 1 << 11,	  /* its module made it read-only after writing to it */
	PAST_STACK = 1 << 12,	  /* mapped as a stack (MAP_STACK), or moved away from one */
	PAST_GUARD = 1 << 13,	  /* part of a stack that was never accessible yet */
	PAST_TEXT_GONE = 1 << 14, /* was a file's text, and unmapped or mapped over since */
};

/* Who turned READ_IMPLIES_EXEC on. */
enum past_implied {
	IMPLIED_UNSEEN,
	IMPLIED_BY_SYSTEM,  /* exec, because the program's ELF header asks for it */
	IMPLIED_BY_PROGRAM, /* personality(2) */
};

struct past {
	struct aspace *marks;
	struct {
		uint64_t start, end, ts_ns;
	} writable[PAST_WRITABLE]; /* ranges, and when they became writable */
	/* of the mremap at hand: the marks that go with the memory, where it goes */
	struct aspace *moved;	 /* NULL: none goes */
	uint64_t moved_since_ns; /* when that memory became writable; 0: not remembered */
	uint64_t begun_ns;	 /* time of exec or fork, or of the start; 0: not known */
	bool is_whole;		 /* set when all was seen from exec on */
	enum past_implied implied;
	struct loading loading;
	uint8_t nr_stacks;   /* mappings with MAP_STACK, modulo 256 */
	uint64_t nr_dropped; /* changes that found no room, since exec: a child lacks its parent's */
	uint64_t nr_told;    /* those of them that judge_take_dropped() gave */
};

struct past *past_new(void);
struct past *past_clone(const struct past *p);
void past_free(struct past *p);
/* Remember no range any more. */
void past_empty(struct past *p);

/* The marks that any part of the range has; *ret_all (may be NULL): those that every part has. */
unsigned int past_marks(const struct past *p, uint64_t start, uint64_t end, unsigned int *ret_all);
/* True if both addresses were mapped as parts of one stack. */
bool past_same_stack(const struct past *p, uint64_t a, uint64_t b);
/* The time when the range last became writable; 0: not remembered. */
uint64_t past_writable_since(const struct past *p, uint64_t start, uint64_t end);
/* A call is about to be applied to as. */
void past_call(struct past *p, const struct aspace *as, const struct event *ev);
/* A mapping that a snapshot found, of which it is not known how it came there. */
void past_seen(struct past *p, const struct change *ch);
/*
 * Remember a change that has been judged. turns: enum turn of detector.h; marks and marks_all:
 * those of past_marks() on its range.
 */
void past_change(struct past *p, const struct change *ch, unsigned int turns, unsigned int marks,
		 unsigned int marks_all);

#endif
