/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts about a process from /proc, beside its mappings. */
#ifndef SOURCE_PROCFACTS_H
#define SOURCE_PROCFACTS_H

#include <stdint.h>

#include "core/fact.h"
#include "util/buf.h"

/* Adds to ret the path of the cgroup in the unified hierarchy; nothing if there is none. */
void procfacts_cgroup(uint32_t pid, struct buf *ret);
/*
 * All facts about a process that /proc has; others are left out. Words are borrowed from room,
 * whose old contents are gone.
 */
void procfacts_read(uint32_t pid, struct buf *room, struct facts *ret);

#endif
