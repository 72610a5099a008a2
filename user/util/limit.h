/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounds of this process's own memory. */
#ifndef UTIL_LIMIT_H
#define UTIL_LIMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

/*
 * Lets the address space grow by that many bytes and no more. True if that is a new limit: *ret_was
 * (may be NULL) is the old one then, for setrlimit(2).
 */
bool limit_memory(uint64_t more_bytes, struct rlimit *ret_was);

#endif
