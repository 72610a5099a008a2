/* SPDX-License-Identifier: BSD-2-Clause */
/* Globs over names that may be hostile: time is bounded by both lengths' product. */
#ifndef UTIL_GLOB_H
#define UTIL_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True if all of s matches: *, ?, [a-z], [!a-z] and \c, as in glob(7), but * and ? match a slash, too.
 * A bracket without its end is itself, and so is one that begins the glob: names such as [heap] do.
 */
bool glob_matches(const char *glob, const char *s, size_t len);
/* Likewise; a glob without a slash may also match what is behind the last one of s. */
bool glob_matches_path(const char *glob, const char *s, size_t len);

#endif
