/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Return addresses of a thread's functions, from its registers and its stack as they were at a
 * call.
 */
#ifndef SOURCE_UNWIND_H
#define SOURCE_UNWIND_H

#include "core/stack.h"
#include "source/module.h"

/*
 * Finds the module of an address; false if the address is not in code. *ret_module is NULL if
 * nothing is known of the code.
 */
typedef bool unwind_code_fn(void *ctx, uint64_t addr, struct module **ret_module,
			    uint64_t *ret_module_addr);

struct unwound {
	uint64_t addr[STACK_MAX_FRAMES];
	bool is_exact[STACK_MAX_FRAMES]; /* set if it was interrupted: nothing returns there */
	size_t nr;			 /* at least 1 */
	bool is_cut;			 /* set if there are more, which could not be found */
};

/* Walks up from raw, at most STACK_MAX_FRAMES addresses; ctx is for code. */
void unwind(const struct raw_stack *raw, unwind_code_fn *code, void *ctx, struct unwound *ret);

#endif
