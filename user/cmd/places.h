/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Facts that the kernel side does not send: /proc is asked for the place of a process when that is
 * first seen, and at exec, and for the build of a file when that is first mapped as code. Answers
 * are events, and go through the pipeline right behind the event that raised the question.
 */
#ifndef CMD_PLACES_H
#define CMD_PLACES_H

#include "core/pipeline.h"

struct places;
struct reader;

/* Collects questions from then on, in a sink that the pipeline owns and frees; pl and r are
 * borrowed. */
struct places *places_new(struct pipeline *pl, struct reader *r);
/* Asks, and feeds the answers; due after each event. 0, or -errno as pipeline_feed(). */
int places_ask(struct places *p, const struct event *ev);

#endif
