/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mappings as lines of /proc/<pid>/maps (proc_pid_maps(5)), and how two address spaces differ.
 * is_tty: names are escaped for a terminal; else newlines alone are, as the kernel does it.
 */
#ifndef SINK_MAPS_LIST_H
#define SINK_MAPS_LIST_H

#include "core/aspace.h"
#include "util/buf.h"

/* Writes [start, end) as it was, after a "-", and as it is, after a "+"; no line where unmapped. */
void maps_change(struct buf *b, uint64_t start, uint64_t end, const struct attr *before,
		 const struct attr *after, bool is_tty);
/* Writes all mappings of as, by address. */
void maps_list(struct buf *b, const struct aspace *as, bool is_tty);
/*
 * Writes the way from one address space to another, by address: "-" before a mapping that vanished,
 * "+" before one that appeared, and both for a range that became something else.
 */
void maps_diff(struct buf *b, const struct aspace *from, const struct aspace *to, bool is_tty);

#endif
