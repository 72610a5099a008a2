/* SPDX-License-Identifier: BSD-2-Clause */
/* Another program as a filter: text in, text out. */
#ifndef UTIL_HELPER_H
#define UTIL_HELPER_H

#include "util/buf.h"

#define HELPER_MS 10000 /* then it is ended */

/*
 * Runs argv (found in PATH) with in as its input; its output is added to ret, and what it says of
 * errors is not shown. It has no terminal to ask at. Its exit status, or -errno: -ETIMEDOUT.
 */
int helper_run(char *const argv[], const char *in, struct buf *ret);
/* A file in memory with this text, which a helper finds by its path. A descriptor, or -errno. */
int helper_file(const char *text, char ret_path[32]);

#endif
