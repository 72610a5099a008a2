/* SPDX-License-Identifier: BSD-2-Clause */
/* The two sources that a trace can have; the request says what is shown of it. */
#ifndef CMD_TRACE_H
#define CMD_TRACE_H

#include "cmd/request.h"

/*
 * Traces the running kernel. Returns the exit status, after a sentence on stderr if it is no
 * success.
 */
int trace_live(struct request *req);
/* Shows the recording req->input as if it happened now. Returns as trace_live(). */
int trace_recording(struct request *req);

#endif
