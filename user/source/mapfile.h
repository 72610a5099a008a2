/* SPDX-License-Identifier: BSD-2-Clause */
/* The very file that a process has mapped, opened for reading. */
#ifndef SOURCE_MAPFILE_H
#define SOURCE_MAPFILE_H

#include <stdint.h>

#include "core/object.h"

/*
 * A file descriptor of what pid has mapped at [start, end), as long as it can be had: through the
 * process, or by its path. -1 if not, or if it is another file than obj by now.
 */
int mapfile_open(uint32_t pid, uint64_t start, uint64_t end, const struct object *obj);

#endif
