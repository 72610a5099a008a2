/* SPDX-License-Identifier: BSD-2-Clause */
/* Which boot of the machine it is, and when that began. */
#ifndef SOURCE_BOOT_H
#define SOURCE_BOOT_H

#include "core/sink.h"

/* The facts about a run that begins, or began, at start_ns of this boot; the rest is zero. */
void boot_run_info(uint64_t start_ns, struct run_info *ret);

#endif
