/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The running kernel as a source: loads the BPF programs, attaches them, and
 * turns what comes through the ring buffer into events, losses included.
 */
#ifndef SOURCE_LIVE_H
#define SOURCE_LIVE_H

#include "core/object.h"
#include "core/source.h"
#include "core/whom.h"

struct live;

enum live_tier { LIVE_TIER_BEST, LIVE_TIER_TRUTH, LIVE_TIER_INFERENCE };

/* Calls by the 32-bit entry: 32-bit programs, and int 0x80. */
enum live_compat {
	LIVE_COMPAT_NONE,   /* this kernel has no such calls */
	LIVE_COMPAT_UNSEEN, /* they are not seen */
	LIVE_COMPAT_SEEN,
};

struct live_config {
	const struct whom *whom; /* borrowed until live_open() returns */
	uint64_t cgroup_id;	 /* of whom->cgroup; see cgroup.h */
	uint32_t cgroup_level;
	uint64_t ring_bytes; /* rounded up to a power of two; at least a page */
	enum live_tier tier;
	bool compat;  /* see compat calls even where that taxes every call of the machine */
	bool stack;   /* calls have the begin of the caller's stack with them */
	bool verify;  /* check mirrors when processes leave, where the kernel can */
	bool verbose; /* what libbpf says goes to stderr */
};

/* Why something did not work, for one sentence: "cannot WHAT: WHY (TRY)". */
struct live_fault {
	const char *what, *try; /* static; try may be NULL */
	bool unsupported;	/* this kernel or this user lacks what is needed */
};

/*
 * Load and attach. objects is borrowed. 0, or -errno with *ret_fault set; nothing is left
 * attached then. Events flow into the ring from here on.
 */
int live_open(const struct live_config *cfg, struct object_table *objects, struct live **ret,
	      struct live_fault *ret_fault);
/* The contract's view of it, which closes it. Its info says nothing of who is traced. */
struct source live_source(struct live *lv);

/* Why it refused the programs that would, though it should know how: -errno, or 0. */
int live_truth_refused(const struct live *lv);
/* What of compat calls? */
enum live_compat live_compat(const struct live *lv);
/* Names of traced calls that this kernel has no tracepoint for; NULL-ended. */
const char *const *live_missing(const struct live *lv);

#endif
