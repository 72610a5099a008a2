/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A traced process may choose both the file and its path. So a file is opened only after it was
 * found to be a regular one, and the one that the kernel named. FUSE, which could keep a reader
 * waiting for ever, serves only the user who mounted it (without allow_other).
 */
#include "source/mapfile.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/*
 * True if st is of the file obj. Their devices may differ: /proc/<pid>/maps has that of the file
 * system, stat(2) that of a subvolume (btrfs) or a layer (overlayfs). Those have no major number.
 */
static bool is_same_file(const struct stat *st, const struct object *obj)
{
	if (!S_ISREG(st->st_mode) || st->st_ino != obj->ino)
		return false;
	if (dev_major(obj->dev) == 0 && major(st->st_dev) == 0)
		return true;
	return dev_major(obj->dev) == major(st->st_dev) && dev_minor(obj->dev) == minor(st->st_dev);
}

/*
 * The file is looked at before it is opened for reading: opening a device or a FIFO can do
 * anything.
 */
static int open_same(const char *path, int flags, const struct object *obj)
{
	int fd = open(path, O_PATH | O_CLOEXEC | flags), file = -1;
	char self[64];
	struct stat st;

	if (fd < 0)
		return -1;
	if (!fstat(fd, &st) && is_same_file(&st, obj)) {
		snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
		file = open(self, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	}
	close(fd);
	return file;
}

int mapfile_open(uint32_t pid, uint64_t start, uint64_t end, const struct object *obj)
{
	char path[PATH_MAX + 64];
	int fd;

	/*
	 * The mapping's own file, deleted or not; gone if the mapping was cut or its process ended.
	 */
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/map_files/%" PRIx64 "-%" PRIx64, pid, start,
		 end);
	fd = open_same(path, 0, obj);
	if (fd >= 0 || obj->name[0] != '/' || obj->name_len >= PATH_MAX)
		return fd;
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/root%s", pid, obj->name);
	fd = open_same(path, O_NOFOLLOW, obj);
	return fd >= 0 ? fd : open_same(obj->name, O_NOFOLLOW, obj);
}
