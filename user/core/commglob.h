/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Globs over comm, compiled for the kernel side: a bit-parallel automaton
 * (struct commglob of control.h) that takes one step for each byte, without a branch.
 */
#ifndef CORE_COMMGLOB_H
#define CORE_COMMGLOB_H

#include <stdbool.h>
#include <stdint.h>

#include "control.h"

/*
 * Adds globs, with commas between them, to those in g, which begins as zero. They have *, ?, [a-z],
 * [!a-z] and \c as in glob(7), 15 tokens at most (more match no name), and some 60 in all. 0, or
 * -EINVAL, and g is as before.
 */
int commglob_add(struct commglob *g, const char *globs);
/* True if one of them matches; the kernel side's steps (bpf/filter.bpf.h), in user space. */
bool commglob_matches(const struct commglob *g, const char *comm);

#endif
