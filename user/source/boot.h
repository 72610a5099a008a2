/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts about this boot of the machine. */
#ifndef SOURCE_BOOT_H
#define SOURCE_BOOT_H

#include "core/sink.h"

/* The facts about a run that begins, or began, at start_ns of this boot; the rest is zero. */
void boot_run_info(uint64_t start_ns, struct run_info *ret);

#endif
