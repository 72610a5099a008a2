/* SPDX-License-Identifier: BSD-2-Clause */
/* A look at processes that run: their mappings as they are now, which need no BPF. */
#ifndef CMD_LOOK_H
#define CMD_LOOK_H

#include "cmd/request.h"

/* Shows the processes of -p to the outputs of the verb: a stream of nothing else. An exit status. */
int look_now(struct request *req);
/* Shows a recording, if one is named, or of a trace, if its duration is; quietly. */
int look_run(struct request *req);

#endif
