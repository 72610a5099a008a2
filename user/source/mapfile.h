/* SPDX-License-Identifier: BSD-2-Clause */
/* A file that a process has mapped, opened for reading. */
#ifndef SOURCE_MAPFILE_H
#define SOURCE_MAPFILE_H

#include <stdint.h>

#include "core/object.h"

/*
 * A descriptor of the file that pid has mapped at [start, end), had through the process or by its
 * path. -1 if it can't be had, or is another file than obj by now.
 */
int mapfile_open(uint32_t pid, uint64_t start, uint64_t end, const struct object *obj);

#endif
