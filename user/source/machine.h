/* SPDX-License-Identifier: BSD-2-Clause */
/* Conditions of the whole machine, of which the kernel side knows nothing. */
#ifndef SOURCE_MACHINE_H
#define SOURCE_MACHINE_H

#include "core/conditions.h"
#include "core/event.h"

/* All zero: nothing was read yet. */
struct machine {
	uint64_t read_ns; /* CLOCK_MONOTONIC; 0: never */
	struct conditions known;
};

/*
 * Add to c what the failed call ev can have been refused for. It is read at most every tenth of a
 * second, so that a process whose calls fail in a storm costs no more.
 */
void machine_add(struct machine *m, const struct event *ev, struct conditions *c);

#endif
