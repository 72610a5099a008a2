/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions by which a thread came to a call: as the kernel's raw material, of
 * which a source makes frames, and as these frames, which all others see.
 */
#ifndef CORE_STACK_H
#define CORE_STACK_H

#include <stddef.h>

#include "core/vma.h"

#define STACK_MAX_FRAMES 64
#define STACK_SYMBOL_MAX 512 /* bytes of a function's name; the rest is cut off */

/* Registers by their DWARF numbers, the last is the instruction pointer; and the stack's begin. */
struct raw_stack {
	const uint64_t *reg;
	const unsigned char *data; /* from the stack pointer on */
	size_t len;
};

/* One function that has not returned; the innermost is where the call was made. */
struct frame {
	uint64_t addr; /* of the instruction that comes next; 0: the last frame, where more are not known */
	const struct object *obj; /* NULL: nothing is known there */
	uint64_t off;		  /* of addr in obj, as in struct caller */
	const char *symbol;	  /* raw bytes from outside, NUL-ended; NULL: not known */
	uint64_t symbol_off;	  /* of addr from the symbol */
};

struct stack {
	const struct frame *frames; /* innermost first */
	size_t nr;
};

#endif
