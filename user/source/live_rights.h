/* SPDX-License-Identifier: BSD-2-Clause */
/* Rights that the kernel side takes once it is attached. */
#ifndef SOURCE_LIVE_RIGHTS_H
#define SOURCE_LIVE_RIGHTS_H

#include <stdint.h>

#include "util/allow.h"

struct live;

/* Reading /proc of all processes takes these (util/caps.h). */
#define LIVE_PROC_CAPS (CAP_SET(CAP_SYS_PTRACE) | CAP_SET(CAP_DAC_READ_SEARCH))

struct live_rights {
	uint64_t caps;		 /* capabilities that it needs still, as this kernel shows */
	struct allow_list calls; /* static */
};

/* Capabilities in ret are in use then, and no others, which can be taken up again. */
void live_rights(const struct live *lv, struct live_rights *ret);

#endif
