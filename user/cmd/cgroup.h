/* SPDX-License-Identifier: BSD-2-Clause */
/* Cgroups of the unified hierarchy (cgroups(7)) by path. */
#ifndef CMD_CGROUP_H
#define CMD_CGROUP_H

#include <stdint.h>

/*
 * Finds the cgroup of *path: a directory, or a path as in /proc/<pid>/cgroup. *path was allocated,
 * and is replaced by the latter form. *ret_id is the id that BPF helpers use, *ret_level the depth
 * below the root. 0, or -errno.
 */
int cgroup_find(char **path, uint64_t *ret_id, uint32_t *ret_level);

#endif
