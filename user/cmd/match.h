/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel side's filters, asked of a process that runs already. */
#ifndef CMD_MATCH_H
#define CMD_MATCH_H

#include "cmd/trace_options.h"

/* Does it match -u, -n and -c, as far as these are given? One that is gone matches nothing. */
bool match_process(const struct trace_options *o, uint32_t pid);

#endif
