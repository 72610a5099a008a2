/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that systemd's MemoryDenyWriteExecute= would have refused. systemd has two ways, and they
 * differ: prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN) (Linux 6.3, used since systemd 254) looks at
 * mappings before and after; the seccomp filter, on older kernels, at arguments alone.
 */
#ifndef CORE_MDWE_H
#define CORE_MDWE_H

#include "core/change.h"

enum mdwe {
	MDWE_ALLOWS,
	MDWE_UNKNOWN, /* the mapping's rights before are not known */
	MDWE_REFUSES,
};

/* The rights (enum vma_flags) in a call's arguments; 0: none, or the call has no such argument. */
uint16_t mdwe_asked(const struct event_call *c);

/*
 * True if the seccomp filter would refuse the call (with EPERM). The old mmap of 32-bit programs,
 * which the filter refuses whatever its arguments are, counts as the new one here.
 */
bool mdwe_filter_refuses(const struct event_call *c);

/*
 * The kernel's answer to the call under the prctl (refused: EACCES). as is the mirror after the
 * call; worst is the highest answer of mdwe_change() to its changes. A failed call counts as an
 * attempt, unless it failed because its arguments make no sense.
 */
enum mdwe mdwe_call(const struct event_call *c, const struct aspace *as, enum mdwe worst);

/* True for a success, and for a failure that might be none another time: the arguments make sense. */
bool mdwe_is_attempt(const struct event_call *c);

/* True if the answer depends on the rights that the call's range had before. */
bool mdwe_needs_past(const struct event_call *c);

/* The answer to one change of an mprotect: refused if the mapping gains X, or is W and X after. */
enum mdwe mdwe_change(const struct change *ch);

/*
 * Whether a mapping that an exec made, or that a snapshot found, could exist under the prctl. The
 * kernel's ELF loader maps segments as mmap(2) does, but the stack and the memory behind a file's
 * last byte (bss) in ways that the prctl does not check.
 */
enum mdwe mdwe_loaded(const struct attr *a);
enum mdwe mdwe_found(const struct attr *a);

#endif
