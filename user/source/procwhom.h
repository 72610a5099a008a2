/* SPDX-License-Identifier: BSD-2-Clause */
/* Of a process that runs already: is it wanted? */
#ifndef SOURCE_PROCWHOM_H
#define SOURCE_PROCWHOM_H

#include "core/whom.h"

/* From /proc/PID/status, comm and cgroup (proc(5)). One that is gone is not wanted if anything is asked. */
bool procwhom_wants(const struct whom *w, uint32_t pid);

#endif
