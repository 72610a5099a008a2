/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of functions as their source has them, for those that C++ and Rust compilers put into files.
 * The library that does it has a history: a name may cost seconds, or the process. So it is for
 * the reader's workers alone (reader_worker.c).
 */
#ifndef SOURCE_DEMANGLE_H
#define SOURCE_DEMANGLE_H

#include <stdbool.h>

#include "util/buf.h"

#define DEMANGLE_MAX 1024 /* bytes of a name; a longer one stays as it is */

/* True if name may be one that demangle() knows. */
bool demangle_is_mangled(const char *name);
/*
 * Adds what name stands for, without the types of its parameters, and no more than max bytes of it.
 * False: it is no such name, and nothing was added.
 */
bool demangle(const char *name, struct buf *ret, size_t max);

#endif
