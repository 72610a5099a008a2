/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why the kernel refused a call: found from its arguments, the mirror, and the conditions that ride
 * on the call (conditions.h). Where these prove one cause it is the only one; else all that are
 * possible are named.
 */
#ifndef CORE_REFUSAL_H
#define CORE_REFUSAL_H

#include "core/aspace.h"
#include "core/event.h"
#include "core/proc.h"
#include "util/buf.h"

/* X(ID, word): words are in recordings, in JSON, and in the names of rules. */
#define REFUSALS(X)                                                                          \
	X(RLIMIT_AS, "rlimit-as")                                                            \
	X(RLIMIT_DATA, "rlimit-data")                                                        \
	X(RLIMIT_MEMLOCK, "rlimit-memlock")                                                  \
	X(MAP_COUNT, "max-map-count")                                                        \
	X(OVERCOMMIT, "overcommit")                                                          \
	X(NO_ROOM, "no-room")		/* no free range is big enough */                    \
	X(HOLE, "hole")			/* a part of the range is not mapped */              \
	X(IN_WAY, "in-the-way")		/* a mapping is where the call wants one */          \
	X(BELOW_HEAP, "below-heap")	/* the break would be below the start of the heap */ \
	X(SEVERAL, "several")		/* the range is not in one mapping */                \
	X(NO_HUGE_PAGE, "no-huge-page") /* none is free */                                   \
	X(HUGE_SIZE, "huge-size")	/* the kernel has no huge pages of this size */      \
	X(HUGE_ALIGN, "huge-align")	/* the range is not of whole huge pages */           \
	X(ALIGN, "alignment")                                                                \
	X(EMPTY, "empty")	      /* no bytes were asked for */                          \
	X(FLAGS, "flags")	      /* that are missing, or do not go together */          \
	X(FILE_MODE, "file-mode")     /* how the file was opened */                          \
	X(FILE_APPEND, "file-append") /* the file may be appended to alone */                \
	X(FILE_SEAL, "file-seal")     /* F_SEAL_WRITE */                                     \
	X(NO_EXEC, "noexec")	      /* the file's mount */                                 \
	X(MDWE, "mdwe")                                                                      \
	X(SEALED, "mseal")                                                                   \
	X(MIN_ADDR, "min-addr")                                                              \
	X(LSM, "lsm")                                                                        \
	X(DRIVER, "driver") /* the file's own mmap, or its file system */                    \
	X(DESCRIPTOR, "descriptor")                                                          \
	X(SEGMENT, "segment") /* of System V shared memory: there is none, or no right */    \
	X(LOCKED, "locked")   /* memory that mlock(2) holds, or that is of a file */         \
	X(MEMORY, "memory")   /* the kernel itself found none */

enum refusal_cause {
#define REFUSAL_ID(ID, word) REFUSAL_##ID,
	REFUSALS(REFUSAL_ID)
#undef REFUSAL_ID
		NR_REFUSALS
};

struct reason {
	enum refusal_cause id;
	/* bytes, mappings or pages, as the limit counts; allowed 0 and used 0: not known */
	uint64_t allowed, used, asked;
	uint64_t start, end;   /* a range of addresses: of a hole, a mapping, … ; 0, 0: none */
	const struct vma *vma; /* NULL: none. Borrowed until the mirror's next change */
};

#define REFUSAL_CAUSES 6

struct refusal {
	unsigned int nr; /* 0: not known */
	struct reason cause[REFUSAL_CAUSES];
	uint64_t lsm;	     /* a bit per enum condition: security modules, for REFUSAL_LSM */
	uint64_t huge_bytes; /* of a huge page; 0: not known */
};

/* Why ev, a call that failed (event_is_failed()), was refused, by the mirror in mm. */
void refusal_find(const struct mm *mm, const struct event *ev, struct refusal *ret);
/* True if the call asks for the right to execute. */
bool refusal_wants_x(const struct event_call *c);
/* The state of the address that a failed call named; all zero: it named none, or nothing is known. */
struct attr failed_place(const struct event_call *c, const struct mm *mm);
/* "rlimit-as", … */
const char *refusal_word(enum refusal_cause id);
/* " (rlimit-as or overcommit)", of a bit per enum refusal_cause; nothing for 0. */
void word_causes(struct buf *b, uint32_t causes);
/* The sentence: "RLIMIT_AS of 256M: 250M used, 16M asked". Nothing if no cause is known. */
void word_refusal(struct buf *b, const struct event *ev, const struct refusal *r);

/*
 * "ENOMEM"; "refused: 64K of [anon] is in the way"; "EPERM, maybe by a seccomp filter"; "answered by
 * a seccomp filter"; "maybe answered by its tracer". ev is a call that failed, did not run
 * (event_is_vain()), or may not have (event_is_undecided()). word_outcome() is the part before the
 * reason, word_reason() the rest, ": 64K of [anon] is in the way", or nothing.
 */
void word_outcome(struct buf *b, const struct event *ev);
void word_reason(struct buf *b, const struct mm *mm, const struct event *ev);
void word_failure(struct buf *b, const struct mm *mm, const struct event *ev);

#endif
