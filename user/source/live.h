/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The running kernel as a source: loads the BPF programs, attaches them, and turns records of the
 * ring buffer into events, losses included.
 */
#ifndef SOURCE_LIVE_H
#define SOURCE_LIVE_H

#include "core/object.h"
#include "core/source.h"
#include "core/whom.h"

struct live;

enum live_tier { LIVE_TIER_BEST, LIVE_TIER_TRUTH, LIVE_TIER_INFERENCE };

/* The places of programs on calls: tracepoints, or the calls' own functions. */
enum live_hook { LIVE_HOOK_TRACEPOINT, LIVE_HOOK_FUNCTION };

/* Calls by the 32-bit entry: 32-bit programs, and int 0x80. */
enum live_compat {
	LIVE_COMPAT_NONE,   /* this kernel has no such calls */
	LIVE_COMPAT_UNSEEN, /* this kernel has them, and they are not seen */
	LIVE_COMPAT_SEEN,
};

struct reader;

struct live_config {
	const struct whom *whom; /* borrowed until live_open() returns */
	uint64_t cgroup_id;	 /* of whom->cgroup; see cgroup.h */
	uint32_t cgroup_level;
	uint64_t ring_bytes; /* rounded up to a power of two; at least a page */
	enum live_tier tier;
	enum live_hook hook;
	bool compat; /* set to see compat calls even at a cost to every call of the machine */
	struct reader *reader; /* borrowed until the close */
	bool stack;	       /* set to get the start of the caller's stack with each call */
	bool verify;	       /* set to check mirrors when processes leave, where the kernel can */
	bool verbose;	       /* set to let libbpf write to stderr */
};

/* A failure, for one sentence: "cannot WHAT: WHY (TRY)". */
struct live_fault {
	const char *what, *try; /* static; try may be NULL */
	bool unsupported;	/* set if this kernel or user lacks what is needed */
};

/*
 * Loads and attaches. objects is borrowed until the close. 0, or -errno with *ret_fault set: then
 * nothing is left attached. Events flow into the ring from here on.
 */
int live_open(const struct live_config *cfg, struct object_table *objects, struct live **ret,
	      struct live_fault *ret_fault);
/*
 * The source (core/source.h), whose close frees lv. Its info leaves out which processes are traced.
 */
struct source live_source(struct live *lv);

/*
 * The -errno with which the kernel refused the programs of the truth tier, though it has all that
 * they need; 0: it did not.
 */
int live_truth_refused(const struct live *lv);
/* The parts of live_open(), in nanoseconds. */
struct live_start {
	uint64_t look_ns, load_ns, attach_ns; /* at the kernel's BTF; of programs; to tracepoints */
};
struct live_start live_start(const struct live *lv);
/* Whether calls by the 32-bit entry are seen. */
enum live_compat live_compat(const struct live *lv);
/* True if short records go into lanes, and false if all CPUs share one ring. */
bool live_has_lanes(const struct live *lv);
/*
 * Names of traced calls that have no tracepoint in this kernel; NULL-ended, static but for the
 * array, which is lv's.
 */
const char *const *live_missing(const struct live *lv);

#endif
