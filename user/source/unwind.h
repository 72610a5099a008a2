/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the registers and the stack of a thread, as they were at a call, to the
 * addresses to which its functions will return.
 */
#ifndef SOURCE_UNWIND_H
#define SOURCE_UNWIND_H

#include "core/stack.h"
#include "source/module.h"

/* What an address is: false if it is no code. *ret_module is NULL if nothing is known of that. */
typedef bool unwind_code_fn(void *ctx, uint64_t addr, struct module **ret_module,
			    uint64_t *ret_module_addr);

struct unwound {
	uint64_t addr[STACK_MAX_FRAMES];
	bool is_exact[STACK_MAX_FRAMES]; /* an interrupted instruction: nothing returns there */
	size_t nr;			 /* at least 1 */
	bool is_cut;			 /* there are more, which could not be found */
};

void unwind(const struct raw_stack *raw, unwind_code_fn *code, void *ctx, struct unwound *ret);

#endif
