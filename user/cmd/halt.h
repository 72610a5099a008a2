/* SPDX-License-Identifier: BSD-2-Clause */
/* A stop at a moment: a sink that ends the stream of a recording behind a place. */
#ifndef CMD_HALT_H
#define CMD_HALT_H

#include "core/sink.h"
#include "source/replay.h"

struct halt {
	struct replay *r; /* borrowed */
	struct replay_place place;
	uint64_t nr_changes; /* of the stream so far; set by the owner where it starts later */
	uint64_t last_ns;    /* time of the last event before the stop */
};

/* The sink, to be added before all others, who do not see what it stops; h outlives it. */
struct sink halt_sink(struct halt *h);
/* True if the stream ended before the place, which is a change that never was. */
bool halt_was_missed(const struct halt *h);
/* The time at which what the others saw ended. */
uint64_t halt_end_ns(const struct halt *h);

#endif
