/* SPDX-License-Identifier: BSD-2-Clause */
/* Landlock in the words of Linux 6.18: older headers and kernels have less of it. */
#include "util/fence.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule	    445
#define SYS_landlock_restrict_self  446
#endif

/* struct landlock_ruleset_attr; each version of the kernel's takes the start that it knows. */
struct fence_asks {
	uint64_t files;
	uint64_t net;	/* version 4 */
	uint64_t scope; /* version 6: signals, abstract sockets */
};

#define FILES_1	  ((1ULL << 13) - 1)
#define REFER	  (1ULL << 13) /* version 2 */
#define TRUNCATE  (1ULL << 14) /* version 3 */
#define DEVICES	  (1ULL << 15) /* version 5 */
#define ALL_NET	  3
#define ALL_SCOPE 3

#define READS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITES                                                                    \
	(READS | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_MAKE_REG | TRUNCATE)
/* Rights that a file can have which is no folder. */
#define OF_FILE (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE)

int fence_version(void)
{
	long n = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return n > 0 ? n : 0;
}

int fence_begin(struct fence *f)
{
	int version = fence_version();
	struct fence_asks a = {
		.files = FILES_1 | (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0) |
			 (version >= 5 ? DEVICES : 0),
		.net = ALL_NET,
		.scope = ALL_SCOPE,
	};
	size_t len = version >= 6 ? sizeof(a) :
		     version >= 4 ? offsetof(struct fence_asks, scope) :
				    offsetof(struct fence_asks, net);

	f->files = a.files;
	f->fd = syscall(SYS_landlock_create_ruleset, &a, len, 0);
	return f->fd < 0 ? -errno : 0;
}

static void allow_below(const struct fence *f, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = rights & f->files,
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};
	struct stat st;

	if (rule.parent_fd < 0)
		return;
	if (!fstat(rule.parent_fd, &st) && !S_ISDIR(st.st_mode))
		rule.allowed_access &= OF_FILE;
	syscall(SYS_landlock_add_rule, f->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
}

void fence_read(const struct fence *f, const char *path)
{
	allow_below(f, path, READS);
}

void fence_write(const struct fence *f, const char *path)
{
	allow_below(f, path, WRITES);
}

int fence_close(struct fence *f)
{
	int err = syscall(SYS_landlock_restrict_self, f->fd, 0) ? -errno : 0;

	close(f->fd);
	return err;
}
