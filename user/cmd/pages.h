/* SPDX-License-Identifier: BSD-2-Clause */
/* maps --pages: the pages behind the mappings of a process that runs. */
#ifndef CMD_PAGES_H
#define CMD_PAGES_H

#include "cmd/request.h"

/* Prints them. An exit status. */
int pages_show(const struct request *req, uint32_t pid, bool as_json);

#endif
