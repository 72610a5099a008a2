/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A glob over comm, compiled for the kernel side: a bit-parallel automaton
 * (struct commglob of control.h) that takes one step for each byte, without a branch.
 */
#ifndef CORE_COMMGLOB_H
#define CORE_COMMGLOB_H

#include <stdbool.h>
#include <stdint.h>

#include "control.h"

/* Globs have *, ?, [a-z], [!a-z] and \c as in glob(7), and at most 31 tokens. 0, or -EINVAL. */
int commglob_compile(const char *pattern, struct commglob *ret);
/* The kernel side's steps (bpf/filter.bpf.h), in user space. */
bool commglob_matches(const struct commglob *g, const char *comm);

#endif
