/* SPDX-License-Identifier: BSD-2-Clause */
/* Modules of processes that run already: whether the prctl would let them be loaded. */
#include "sink/audit/audit_private.h"

enum mdwe audit_module(const struct proc_state *s, const struct proc_module *m)
{
	/*
	 * The loader makes text executable again after relocations, and the stack executable for a
	 * library. For the program itself the kernel makes the stack so, and asks nobody.
	 */
	if (m->has_text_relocs || (m->wants_exec_stack && m != s->modules))
		return MDWE_REFUSES;
	return m->dirty_text_bytes ? MDWE_UNKNOWN : MDWE_ALLOWS;
}

void audit_check_modules(struct audit_sums *sums, const struct proc_state *s)
{
	size_t i;

	for (i = 0; i < s->nr_modules; i++) {
		enum mdwe answer = audit_module(s, &s->modules[i]);

		sums->nr_prctl += answer == MDWE_REFUSES;
		sums->nr_filter += answer == MDWE_REFUSES;
		sums->nr_text_changed += answer == MDWE_UNKNOWN;
	}
}
