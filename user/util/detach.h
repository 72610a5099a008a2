/* SPDX-License-Identifier: BSD-2-Clause */
/* A forked process becomes one that works for another, and outlives nobody. */
#ifndef UTIL_DETACH_H
#define UTIL_DETACH_H

/*
 * Leaves the session, ignores signals that a terminal or a closed pipe brings, and closes all
 * descriptors but fd, which is 3 then; the first three are /dev/null. 3, or -1.
 */
int detach(int fd);

#endif
