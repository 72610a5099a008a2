/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of mirrors and of detectors' pasts, and its limit. A live trace can't
 * ask for more than the kernel has mappings. A recording can: a fork is a few bytes
 * there, and a copy of a mirror here.
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
	size_t at_most; /* ranges, an upper bound */
};

/* True if after ev, which made nr_changes, all ranges are fewer than max. judge may be NULL. */
bool weight_fits(struct weight *w, const struct event *ev, unsigned int nr_changes,
		 struct proctab *procs, const struct judge *judge, size_t max);

#endif
