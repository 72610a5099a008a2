/* SPDX-License-Identifier: BSD-2-Clause */
/* Moments of a recording, as people write them. */
#ifndef CMD_MOMENT_H
#define CMD_MOMENT_H

#include <stdbool.h>

#include "source/replay.h"

#define MOMENT_FORMS_LIVE "12:03:04.5, 2026-11-24T12:03:04Z, or +1.5s"
#define MOMENT_FORMS	  "12:03:04.5, 2026-11-24T12:03:04Z, +1.5s, or #123, a change's number"

/*
 * A time of day (local, or UTC; the first after the recording's start), RFC 3339, "+" and a
 * duration since the start, or "#" and the number of a change. Fractions go to the end of their
 * microsecond: what happened in .512311 has happened. 0, -EINVAL, or -ERANGE: not in the recording.
 */
int moment_parse(const char *s, const struct replay_info *info, bool utc, struct replay_place *ret);
/*
 * A moment of a live trace that begins now: the time, CLOCK_BOOTTIME; 0 for no text. An exit status,
 * after a sentence if it is no success.
 */
int moment_ahead(const char *text, bool utc, uint64_t *ret_ns);

#endif
