/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc as a source: each process that is named once, as it is now. Needs no BPF. */
#ifndef SOURCE_SCAN_H
#define SOURCE_SCAN_H

#include "core/object.h"
#include "core/source.h"
#include "core/whom.h"

/*
 * A stream of one EVENT_RANGE for each of pids, with who it is, in their order. Both are borrowed.
 * It fails at one that can't be looked at, as procmaps_event() does.
 */
struct source scan_source(const struct id_list *pids, struct object_table *objects);

#endif
