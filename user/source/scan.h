/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc as a source: each named process once, as it is now. Needs no BPF. */
#ifndef SOURCE_SCAN_H
#define SOURCE_SCAN_H

#include "core/object.h"
#include "core/source.h"
#include "core/whom.h"

struct reader;

/*
 * A stream of one EVENT_RANGE, with the identity of the process, for each of pids, in their order.
 * pids, objects and r (NULL: they are read here) are borrowed. The stream fails at a process that can't be read, as
 * procmaps_event() does.
 */
struct source scan_source(const struct id_list *pids, struct object_table *objects,
			  struct reader *r);

#endif
