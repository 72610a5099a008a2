/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages behind mappings: how many bytes there are of which kind, as the kernel counts them. */
#ifndef CORE_PAGE_ROWS_H
#define CORE_PAGE_ROWS_H

#include <stddef.h>

#include "core/vma.h"

/*
 * Sums, X(ID, name, field of /proc/<pid>/smaps, about). Names are JSON's keys, too.
 */
#define PAGE_SUMS(X)                                                                           \
	X(RSS, rss, "Rss:", "in memory")                                                       \
	X(PSS, pss, "Pss:", "in memory, each page divided by those who share it")              \
	X(PRIVATE_DIRTY, private_dirty, "Private_Dirty:", "changed, and of nobody else")       \
	X(ANON, anonymous, "Anonymous:", "in memory, and of no file: of its mapping, copies")  \
	X(SWAP, swap, "Swap:", "swapped out")                                                  \
	X(THP_ANON, thp_anon, "AnonHugePages:", "in transparent huge pages")                   \
	X(THP_SHMEM, thp_shmem, "ShmemPmdMapped:", "likewise, of shared memory")               \
	X(THP_FILE, thp_file, "FilePmdMapped:", "likewise, of a file")                         \
	X(HUGETLB_SHARED, hugetlb_shared, "Shared_Hugetlb:", "in reserved huge pages, shared") \
	X(HUGETLB_PRIVATE, hugetlb_private, "Private_Hugetlb:", "likewise, private")           \
	X(LOCKED, locked, "Locked:", "locked in memory")

enum page_sum {
#define PAGE_SUM_ID(ID, name, field, about) PAGES_##ID,
	PAGE_SUMS(PAGE_SUM_ID)
#undef PAGE_SUM_ID
		NR_PAGE_SUMS
};

#define PAGE_NODES 64 /* those behind are summed up in the last */

struct page_row {
	uint64_t start, end;
	struct attr attr;
	uint64_t sum[NR_PAGE_SUMS]; /* bytes */
	uint64_t page_bytes;	    /* size of a page here: more than others' in hugetlbfs */
	uint64_t guards;	    /* bytes of guard regions */
	uint64_t node[PAGE_NODES];  /* bytes on each NUMA node */
	char policy[32];	    /* of NUMA: "default", "bind:0"; "" where it is not known */
};

/* A process's rows, by address. */
struct page_rows {
	struct page_row *v; /* owned */
	size_t nr, cap;
	unsigned int nr_nodes; /* the highest that has pages, and one more; 0: not known */
	bool has_guards;       /* set where the kernel says which parts are guard regions */
	/* reads of files that hold the process's mmap_lock while they are made */
	uint64_t nr_reads, longest_ns, all_ns;
};

#endif
