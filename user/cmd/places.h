/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel side does not tell: /proc is asked for a process's place when it is first seen, and
 * at exec, and for the build of a file when it is first mapped as code. The answers are
 * events, and go through the pipeline right behind the event that made the question.
 */
#ifndef CMD_PLACES_H
#define CMD_PLACES_H

#include "core/pipeline.h"

struct places;

/* Questions come up from then on, in a sink that the pipeline owns; pl is borrowed. */
struct places *places_new(struct pipeline *pl);
/* Ask, and feed the answers, after each event. 0, or -errno as pipeline_feed(). */
int places_ask(struct places *p, const struct event *ev);

#endif
