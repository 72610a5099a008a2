/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The running kernel as a source: loads the BPF programs, attaches them, and
 * turns what comes through the ring buffer into events, losses included.
 */
#ifndef SOURCE_LIVE_H
#define SOURCE_LIVE_H

#include "core/event.h"
#include "core/object.h"
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

typedef int live_event_fn(void *ctx, const struct event *ev);

/*
 * Load and attach. objects is borrowed. 0, or -errno with *ret_fault set; nothing is left
 * attached then. Events flow into the ring from here on.
 */
int live_open(const struct live_config *cfg, struct object_table *objects, struct live **ret,
	      struct live_fault *ret_fault);
void live_close(struct live *lv);

/*
 * Wait at most timeout_ms for events (0: do not wait) and feed them to fn. Returns after a
 * bounded number, so that the caller can look at other things: 1 if more is waiting, 0 if the
 * ring was drained, -EINTR on a signal, or the first error of fn.
 */
int live_poll(struct live *lv, int timeout_ms, live_event_fn *fn, void *ctx);

/* Feed all that waits in the ring now. 0, -EINTR, or the first error of fn. */
int live_drain(struct live *lv, live_event_fn *fn, void *ctx);

/* Tell of losses that the kernel counts elsewhere, now and not at the next look: before the end. */
int live_tell_misses(struct live *lv, live_event_fn *fn, void *ctx);

/*
 * Bring pid's whole address space into the stream, as EVENT_RANGE. Other events that wait are
 * fed before. 0, -ESRCH if it is gone, -ENOENT if it has no memory (kernel thread, zombie), or
 * another -errno, of fn too.
 */
int live_snapshot(struct live *lv, uint32_t pid, live_event_fn *fn, void *ctx);

/*
 * Feed an EVENT_RANGE that checks pid's mirror against /proc/<pid>/maps. Because that can't be read
 * at a point of the stream, it is read while nothing happens: stamp() must change with every
 * event of the process. 0, -EAGAIN if it never kept still, or as live_snapshot().
 */
typedef uint64_t live_stamp_fn(void *ctx, uint32_t pid);
int live_check(struct live *lv, uint32_t pid, live_stamp_fn *stamp, live_event_fn *fn, void *ctx);

/* Does the kernel read ranges back (truth), or are they inferred? */
bool live_is_truth(const struct live *lv);
/* Why it refused the programs that would, though it should know how: -errno, or 0. */
int live_truth_refused(const struct live *lv);
/* What of compat calls? */
enum live_compat live_compat(const struct live *lv);
/* Names of traced calls that this kernel has no tracepoint for; NULL-ended. */
const char *const *live_missing(const struct live *lv);

#endif
