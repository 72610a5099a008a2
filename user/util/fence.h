/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which files may be opened, by where they are: Landlock, landlock(7). Descriptors that are open
 * stay as they are. Inside, a process can't look at others either: /proc/<pid> of those outside shows it
 * no more than it shows a stranger.
 */
#ifndef UTIL_FENCE_H
#define UTIL_FENCE_H

#include <stdbool.h>
#include <stdint.h>

struct fence {
	int fd;		/* of the rules */
	uint64_t files; /* rights that are asked for */
};

/* Begins, with nothing allowed. 0, or -errno: -ENOSYS or -EOPNOTSUPP if the kernel has none (5.13). */
int fence_begin(struct fence *f);
/* Allows to read, or also to write, make and remove, the file or what is below the folder, if there is one. */
void fence_read(const struct fence *f, const char *path);
void fence_write(const struct fence *f, const char *path);
/*
 * Holds from now on for this thread and those that it makes; PR_SET_NO_NEW_PRIVS has to be set. Ends
 * the use of f. 0, or -errno.
 */
int fence_close(struct fence *f);
/* Version of this kernel's Landlock; 0: it has none. */
int fence_version(void);

#endif
