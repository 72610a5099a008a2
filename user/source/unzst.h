/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A compressed recording, unpacked to a file that goes when it is closed. What is packed may be
 * anything: it has to begin as a database does, and can't fill the disk.
 */
#ifndef SOURCE_UNZST_H
#define SOURCE_UNZST_H

#include <stdbool.h>

struct sqlite3;

/* Does the file begin as zstd(1) writes it? */
bool unzst_is_packed(int fd);
/*
 * The database in it, read-only. 0, or -errno, with *ret_why and *ret_try set (static; NULL for
 * what the -errno says). fd is read from its begin.
 */
int unzst_open(int fd, struct sqlite3 **ret, const char **ret_why, const char **ret_try);

#endif
