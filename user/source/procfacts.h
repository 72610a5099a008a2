/* SPDX-License-Identifier: BSD-2-Clause */
/* What /proc tells of a process beside its mappings. */
#ifndef SOURCE_PROCFACTS_H
#define SOURCE_PROCFACTS_H

#include <stdint.h>

#include "util/buf.h"

/* Its arguments as a JSON array; nothing if it is gone. */
void procfacts_cmdline(uint32_t pid, struct buf *ret);
/* Its path in the unified hierarchy; nothing if there is none. */
void procfacts_cgroup(uint32_t pid, struct buf *ret);
/* The inode of its namespace of a kind ("pid", "mnt", "net", "user"); 0: not known. */
uint64_t procfacts_namespace(uint32_t pid, const char *kind);

#endif
