/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The check of a recording's seals: the chain over its blocks, and every table against the rows that
 * are sealed with them.
 */
#ifndef CMD_SEALS_H
#define CMD_SEALS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/seal.h"

struct buf;
struct replay;

struct seals_found {
	bool has_seals; /* unset: it was made before there were any */
	uint64_t nr_seals, nr_blocks, nr_rows;
};

/*
 * Compares, and puts a line for each difference. 0, or -errno: -EINTR after a signal, if the progress
 * handler of r's database says so.
 */
int seals_check(struct replay *r, struct buf *wrong, struct seals_found *ret);
/* The last seal, as it stands there; "" if there is none. */
void seals_last(struct replay *r, char ret[SEAL_HEX]);
/* The last seal of the recording before, likewise. */
void seals_follows(struct replay *r, char ret[SEAL_HEX]);

#endif
