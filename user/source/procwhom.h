/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a process that runs already is wanted. */
#ifndef SOURCE_PROCWHOM_H
#define SOURCE_PROCWHOM_H

#include "core/whom.h"

/*
 * True if w wants pid, by /proc/PID/stat, status and cgroup (proc(5)). A process that is gone is
 * not wanted by a w that asks for anything.
 */
bool procwhom_wants(const struct whom *w, uint32_t pid);

#endif
