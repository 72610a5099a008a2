/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A copy of an ELF file in memory with what module.h reads of it, at its own offsets: headers,
 * notes, symbols, and tables for unwinding. The rest is a hole.
 */
#ifndef SOURCE_ELFCOPY_H
#define SOURCE_ELFCOPY_H

#include <stdint.h>

/* Copies from the regular file in to the empty file out. 0, or -errno. */
int elfcopy(int in, int out);
/* Copies bytes [from, to) to those of out from at on; they end early where in ends. 0, or -errno. */
int elfcopy_bytes(int in, uint64_t from, uint64_t to, int out, uint64_t at);

#endif
