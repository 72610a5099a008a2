/* SPDX-License-Identifier: BSD-2-Clause */
/* What /proc tells of a process at this moment; needs the right to read its maps, and no BPF. */
#ifndef SOURCE_PROCSTATE_H
#define SOURCE_PROCSTATE_H

#include "core/hardening.h"
#include "core/object.h"
#include "source/procmaps.h"

/*
 * The state of pid, and its mappings in maps, which is empty. 0; -ESRCH; -ENOENT if it has no memory of
 * its own (a kernel thread, a zombie); -EACCES; or another -errno: then there is nothing to free.
 */
int procstate_read(struct object_table *objects, uint32_t pid, struct proc_state *ret,
		   struct seen_list *maps);
void procstate_done(struct proc_state *s);

#endif
