/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A compressed recording, unpacked to a file that is gone once it is closed. Contents may be
 * anything: they have to begin as a database does, and can't fill the disk.
 */
#ifndef SOURCE_UNZST_H
#define SOURCE_UNZST_H

#include <stdbool.h>

struct sqlite3;

/* Where files are unpacked: $TMPDIR, or /var/tmp. */
const char *unzst_folder(void);
/* True if the file begins as zstd(1) writes it. */
bool unzst_is_packed(int fd);
/*
 * The database in the file, read-only. 0, or -errno, with *ret_why and *ret_try set (static; NULL
 * for what the -errno says). fd is read from its start.
 */
int unzst_open(int fd, struct sqlite3 **ret, const char **ret_why, const char **ret_try);

#endif
