/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What systemd's MemoryDenyWriteExecute= would refuse of what a process did. There are two
 * ways in which it is made, and they differ: prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN)
 * (Linux 6.3, used by systemd since 254) looks at what mappings are and become; the seccomp
 * filter, where that is missing, at arguments alone.
 */
#ifndef CORE_MDWE_H
#define CORE_MDWE_H

#include "core/change.h"

enum mdwe {
	MDWE_ALLOWS,
	MDWE_UNKNOWN, /* what the mapping was is not known */
	MDWE_REFUSES,
};

/* The rights that a call asks for by its arguments; 0: none, or that is not said there. */
uint16_t mdwe_asked(const struct event_call *c);

/*
 * Would the seccomp filter refuse this call (with EPERM)? It refuses the old mmap of 32-bit
 * programs whatever that asks for, which is not told from the new one here.
 */
bool mdwe_filter_refuses(const struct event_call *c);

/*
 * Would the prctl's kernel refuse it (with EACCES)? as is the mirror after the call; worst is
 * the worst that mdwe_change() said of its changes. A call that failed for want of rights or of
 * memory counts as an attempt.
 */
enum mdwe mdwe_call(const struct event_call *c, const struct aspace *as, enum mdwe worst);

/* Does the answer depend on what the range that it names was before the call? */
bool mdwe_needs_past(const struct event_call *c);

/* One change of a call: does a mapping gain X that it had not? */
enum mdwe mdwe_change(const struct change *ch);

/*
 * A mapping that an exec made, or that was found, whoever made it: could it be there under the
 * prctl? The loader maps segments as mmap(2) does, but the stack and memory behind the last byte
 * of a file (bss) by ways that are not asked.
 */
enum mdwe mdwe_loaded(const struct attr *a);
enum mdwe mdwe_found(const struct attr *a);

#endif
