/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mappings as a source saw them, and the mirror's: no source sees all that the mirror knows, and
 * the kernel does some things by itself.
 */
#ifndef CORE_SEEN_H
#define CORE_SEEN_H

#include "core/aspace.h"
#include "core/event.h"

/*
 * The state of a piece of a mapping that ev's source saw as "seen", with those parts of "was", the
 * mirror's state of the piece, that the source can't see; above is the mirror's state behind the
 * piece.
 */
struct attr seen_attr(const struct event *ev, struct attr seen, const struct attr *was,
		      const struct attr *above);

/*
 * True if a snapshot's difference is none: a stack that has grown downward by faults, or a split
 * stack, whose parts get and lose the name "[stack]". end is the end of the difference.
 */
bool seen_is_stack(const struct aspace *as, uint64_t end, const struct attr *before,
		   const struct attr *after);

/*
 * True if the kernel made or removed the mapping by itself: [uprobes] when a probe is hit, and the
 * ring of io_setup(2).
 */
bool seen_is_kernels(const struct attr *before, const struct attr *after);

#endif
