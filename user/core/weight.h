/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How much the mirrors and what detectors remember take. A kernel pays for each
 * mapping that it has, and so bounds what a live trace can ask for. A recording is
 * paid for by nobody: a fork is some bytes in it, and a copy of a mirror here.
 */
#ifndef CORE_WEIGHT_H
#define CORE_WEIGHT_H

#include <stdbool.h>
#include <stddef.h>

struct event;
struct judge;
struct proctab;

/* In ranges of some 80 bytes each: 1.3 GB. 10,000 processes of 1,000 mappings fit. */
#define WEIGHT_MAX (1u << 24)

struct weight {
	size_t at_most;
};

/* ev was applied, with nr_changes. Is all that is kept less than max? judge may be NULL. */
bool weight_fits(struct weight *w, const struct event *ev, unsigned int nr_changes,
		 struct proctab *procs, const struct judge *judge, size_t max);

#endif
