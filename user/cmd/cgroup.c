/* SPDX-License-Identifier: BSD-2-Clause */
/* A cgroup's id is its directory's file handle (name_to_handle_at(2), as in kernfs). */
#include "cmd/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "util/mem.h"

/* The mount point of the unified hierarchy. */
static int find_mount(char *ret, size_t size)
{
	FILE *f = setmntent("/proc/self/mounts", "re");
	struct mntent *m;
	int err = -ENOENT;

	if (!f)
		return -errno;
	while (err && (m = getmntent(f)))
		if (!strcmp(m->mnt_type, "cgroup2") && strlen(m->mnt_dir) < size) {
			strcpy(ret, m->mnt_dir);
			err = 0;
		}
	endmntent(f);
	return err;
}

static int handle_id(const char *dir, uint64_t *ret_id)
{
	struct {
		struct file_handle fh;
		uint64_t id;
	} h = { .fh.handle_bytes = sizeof(uint64_t) };
	int mount_id;

	if (name_to_handle_at(AT_FDCWD, dir, &h.fh, &mount_id, 0))
		return -errno;
	memcpy(ret_id, h.fh.f_handle, sizeof(*ret_id));
	return 0;
}

int cgroup_find(char **path, uint64_t *ret_id, uint32_t *ret_level)
{
	char root[PATH_MAX], joined[2 * PATH_MAX], dir[PATH_MAX];
	struct statfs fs;
	uint32_t level = 0;
	const char *p;
	int err = find_mount(root, sizeof(root));

	if (err)
		return err;
	snprintf(joined, sizeof(joined), "%s", *path);
	if (statfs(joined, &fs) || fs.f_type != CGROUP2_SUPER_MAGIC)
		snprintf(joined, sizeof(joined), "%s/%s", root, *path);
	if (!realpath(joined, dir) || statfs(dir, &fs))
		return -errno;
	if (fs.f_type != CGROUP2_SUPER_MAGIC || strncmp(dir, root, strlen(root)))
		return -ENOENT;
	for (p = dir + strlen(root); *p; p++)
		level += *p == '/';
	err = handle_id(dir, ret_id);
	if (err)
		return err;
	*ret_level = level;
	free(*path);
	*path = mem_strdup(dir[strlen(root)] ? dir + strlen(root) : "/");
	return 0;
}
