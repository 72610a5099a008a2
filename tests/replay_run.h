/* SPDX-License-Identifier: BSD-2-Clause */
/* A recording's stream for tests that feed something else than a run. */
#ifndef TESTS_REPLAY_RUN_H
#define TESTS_REPLAY_RUN_H

#include "source/replay.h"

typedef int replay_event_fn(void *ctx, const struct event *ev);

/* From the last key frame before the place. 0, -errno, or the first that fn returns. */
static inline int replay_run_to(struct replay *r, const struct replay_place *place,
				replay_event_fn *fn, void *ctx, uint64_t *ret_changes)
{
	const struct source_reader reader = { .event = fn, .ctx = ctx };
	const struct source source = replay_source(r);
	int state = replay_seek(r, place, ret_changes);

	if (state)
		return state;
	do {
		state = source.ops->feed(source.priv, &reader);
	} while (state == SOURCE_HAS_MORE);
	return state == SOURCE_ENDED ? 0 : state;
}

/* All of it. */
static inline int replay_run(struct replay *r, replay_event_fn *fn, void *ctx)
{
	uint64_t nr_changes;

	return replay_run_to(r, &(struct replay_place){ 0 }, fn, ctx, &nr_changes);
}

#endif
