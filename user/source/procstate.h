/* SPDX-License-Identifier: BSD-2-Clause */
/* State of a process at this moment, from /proc: needs the right to read its maps, and no BPF. */
#ifndef SOURCE_PROCSTATE_H
#define SOURCE_PROCSTATE_H

#include "core/hardening.h"
#include "core/object.h"

struct reader;

/*
 * The state of pid, with r to read files: those that it can't are not known, for procstate_done(). 0; -ESRCH; -ENOENT if pid has no memory of its own (a
 * kernel thread, a zombie); -EACCES; or another -errno: then there is nothing to free.
 */
int procstate_read(struct object_table *objects, struct reader *r, uint32_t pid,
		   struct proc_state *ret);
void procstate_done(struct proc_state *s);

#endif
