/* SPDX-License-Identifier: BSD-2-Clause */
/* Mappings as lines of /proc/<pid>/maps, and what differs between two address spaces. */
#ifndef SINK_MAPS_LIST_H
#define SINK_MAPS_LIST_H

#include "core/aspace.h"
#include "util/buf.h"

/*
 * The line before with a "-" in front, and that after with a "+", as the kernel writes them
 * (proc_pid_maps(5)). is_tty: names are escaped for a terminal, where the kernel escapes newlines
 * only.
 */
void maps_change(struct buf *b, uint64_t start, uint64_t end, const struct attr *before,
		 const struct attr *after, bool is_tty);
/* All mappings. */
void maps_list(struct buf *b, const struct aspace *as, bool is_tty);
/*
 * What is to be done to a to make it b: "+" and "-" before lines of what appeared and what vanished,
 * and both where a range became something else, in order of addresses.
 */
void maps_diff(struct buf *b, const struct aspace *from, const struct aspace *to, bool is_tty);

#endif
