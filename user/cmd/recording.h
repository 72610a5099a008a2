/* SPDX-License-Identifier: BSD-2-Clause */
/* What all verbs that read a recording do alike. */
#ifndef CMD_RECORDING_H
#define CMD_RECORDING_H

#include "core/sink.h"
#include "source/replay.h"

/* NULL after a sentence on stderr. */
struct replay *recording_open(const char *path, struct object_table *objects);
/* What the sinks want to know; borrows from info. */
void recording_run_info(const struct replay_info *info, struct run_info *ret);
/* Says on stderr if the recorder was cut off, and when. */
void recording_tell_cut(const struct replay_info *info);

#endif
