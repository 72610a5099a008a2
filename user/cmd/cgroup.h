/* SPDX-License-Identifier: BSD-2-Clause */
/* Cgroups of the unified hierarchy (cgroups(7)) by path. */
#ifndef CMD_CGROUP_H
#define CMD_CGROUP_H

#include <stdint.h>

/*
 * *path is that of the directory, or as /proc/<pid>/cgroup shows it, which it is made to be; it was
 * allocated. Sets the id that BPF helpers use and the depth below the root. 0, or -errno.
 */
int cgroup_find(char **path, uint64_t *ret_id, uint32_t *ret_level);

#endif
