/* SPDX-License-Identifier: BSD-2-Clause */
/* What /proc tells of a process beside its mappings. */
#ifndef SOURCE_PROCFACTS_H
#define SOURCE_PROCFACTS_H

#include <stdint.h>

#include "core/fact.h"
#include "util/buf.h"

/* Its path in the unified hierarchy; nothing if there is none. */
void procfacts_cgroup(uint32_t pid, struct buf *ret);
/* All facts of a process that /proc has; those that it has no more are left out. Words lie in room. */
void procfacts_read(uint32_t pid, struct buf *room, struct facts *ret);

#endif
