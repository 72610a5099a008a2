/* SPDX-License-Identifier: BSD-2-Clause */
/* What /proc tells of a process at this moment; needs the right to read its maps, and no BPF. */
#ifndef SOURCE_PROCSTATE_H
#define SOURCE_PROCSTATE_H

#include "core/hardening.h"
#include "core/object.h"

/*
 * The state of pid. 0; -ESRCH; -ENOENT if it has no memory of its own (a kernel thread, a
 * zombie); -EACCES; or another -errno: then there is nothing to free.
 */
int procstate_read(struct object_table *objects, uint32_t pid, struct proc_state *ret);
void procstate_done(struct proc_state *s);

#endif
