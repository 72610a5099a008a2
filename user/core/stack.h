/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stack of a thread at a call: the raw registers and bytes from the kernel, of
 * which a source makes frames; and these frames, which all others see.
 */
#ifndef CORE_STACK_H
#define CORE_STACK_H

#include <stddef.h>

#include "core/vma.h"

#define STACK_MAX_FRAMES 64
#define STACK_SYMBOL_MAX 512 /* bytes of a function's name; the rest is cut off */

/* Registers and the begin of the stack, see struct mpw_stack. */
struct raw_stack {
	const uint64_t *reg; /* MPW_NR_REGS, by DWARF number; the instruction pointer is last */
	const unsigned char *data; /* from the stack pointer on */
	size_t len;
	bool is_exact; /* set if the instruction pointer is not behind a call, but where a fault was */
};

/* One function that has not returned; the innermost made the call. */
struct frame {
	uint64_t addr; /* next instruction; 0: the frames end here, and more are not known */
	const struct object *obj; /* NULL: no mapping is known there */
	uint64_t off;		  /* of addr in obj, as in struct caller */
	const char *symbol;	  /* raw bytes from outside, NUL-ended; NULL: not known */
	uint64_t symbol_off;	  /* of addr from the symbol */
	bool lasts;		  /* set if symbol lives as long as objects do (object_symbol()) */
};

struct stack {
	const struct frame *frames; /* innermost first */
	size_t nr;
};

#endif
