/* SPDX-License-Identifier: BSD-2-Clause */
/* A recording as the input of a verb. */
#ifndef CMD_INPUT_H
#define CMD_INPUT_H

#include "cmd/request.h"
#include "source/replay.h"
#include "util/buf.h"

/* The recording at path; NULL after a sentence on stderr. objects is borrowed. */
struct replay *input_open(const char *path, struct object_table *objects);
/* Complains that the recording could not be read to its end: err is of run_go(). */
void input_complain(int err);
/*
 * The place for a moment in text; NULL stands for the end. EXIT_FINE, or another status after a
 * sentence on stderr.
 */
int input_moment(struct replay *r, const char *text, bool utc, struct replay_place *ret);
/* The time of --since, in CLOCK_BOOTTIME; 0 if it was not given. Likewise. */
int input_since(struct replay *r, const struct request *req, uint64_t *ret_ns);
/* "from 2026-… to 2026-…". */
void input_put_span(struct buf *b, const struct replay_info *info);
/* Warns of events and facts that were fed and not understood: none to two sentences. */
void input_warn_skipped(const struct replay *r);

#endif
