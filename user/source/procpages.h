/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of a running process, from /proc/<pid>/smaps, numa_maps, and PAGEMAP_SCAN. */
#ifndef SOURCE_PROCPAGES_H
#define SOURCE_PROCPAGES_H

#include "core/object.h"
#include "core/page_rows.h"

struct reader;

/*
 * Reads all of pid's mappings, in this thread but for guard regions, which r reads, and measures how
 * long that can have held its mmap_lock.
 * What the kernel does not have (NUMA, guard regions) stays 0. 0, -ESRCH, -ENOENT if it has no memory,
 * or another -errno. procpages_done() frees the rows in either case.
 */
int procpages_read(struct object_table *objects, struct reader *r, uint32_t pid,
		   struct page_rows *ret);
void procpages_done(struct page_rows *rows);

/* Parts of that, from the files' texts. 0, or -EINVAL. */
int procpages_parse_smaps(struct object_table *objects, const char *text, size_t len,
			  struct page_rows *ret);
void procpages_parse_numa(const char *text, size_t len, struct page_rows *rows);

#endif
