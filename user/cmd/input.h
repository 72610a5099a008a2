/* SPDX-License-Identifier: BSD-2-Clause */
/* What all verbs that read a recording do alike. */
#ifndef CMD_RECORDING_H
#define CMD_RECORDING_H

#include "source/replay.h"
#include "util/buf.h"

/* NULL after a sentence on stderr. */
struct replay *recording_open(const char *path, struct object_table *objects);
/* It could not be read to its end: err of run_go(). */
void recording_complain(int err);
/* "from 2026-… to 2026-…". */
void recording_put_span(struct buf *b, const struct replay_info *info);
/* Says how much of what was fed from it was not understood: 0 to two sentences. */
void recording_tell_skipped(const struct replay *r);

#endif
