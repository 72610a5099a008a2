/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts about a process from /proc, beside its mappings and its identity (procmaps.h). */
#ifndef SOURCE_PROCFACTS_H
#define SOURCE_PROCFACTS_H

#include <stdint.h>

#include "core/fact.h"
#include "util/buf.h"

/*
 * Wanted facts (a bit per enum mpw_fact) about a process that /proc has; none if the process is
 * gone. Words are borrowed from room, whose old contents are gone. Arguments are not among them: they
 * lie in the process's own memory, and are for reader.h.
 */
void procfacts_read(uint32_t pid, uint32_t wanted, struct buf *room, struct facts *ret);
/* The inode of pid's mount namespace, of the caller's for pid 0; 0: not known. */
uint32_t procfacts_mnt_ns(uint32_t pid);

#endif
