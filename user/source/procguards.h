/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guard regions of a process (madvise(2): MADV_GUARD_INSTALL, Linux 6.13), which no list of mappings
 * has. The kernel names them since 6.15 (PAGEMAP_SCAN of /proc/<pid>/pagemap).
 */
#ifndef SOURCE_PROCGUARDS_H
#define SOURCE_PROCGUARDS_H

#include "source/procmaps.h"

/*
 * All guard regions of pid as they are now, in an EVENT_GUARDS that borrows them from l, read by
 * r, or here if that is NULL. 0;
 * -EOPNOTSUPP if the kernel does not name them; -ESRCH, -EACCES, or another -errno.
 */
int procguards_event(struct seen_list *l, struct reader *r, uint32_t pid, struct event *ret);
/* The regions alone, added to l; may wait for ever. */
int procguards_scan(struct seen_list *l, uint32_t pid);

#endif
