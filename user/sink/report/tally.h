/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sums of changes by key: program, mapping, caller, transition. Memory is bounded: what finds no
 * room is summed up as others.
 */
#ifndef SINK_TALLY_H
#define SINK_TALLY_H

#include <uthash.h>

#include "core/change.h"

struct tally {
	uint64_t changes, failed; /* by calls */
	uint64_t bytes;		  /* of all ranges that changed */
	uint64_t mapped,
		unmapped; /* of those, bytes that came and went; one mapped over another: both */
};

void tally_change(struct tally *t, const struct change *ch);
void tally_add(struct tally *t, const struct tally *more);

#define TALLY_WORDS 3

struct tally_row {
	uint64_t key[TALLY_WORDS];
	struct tally sum;
	UT_hash_handle hh;
};

struct tally_table {
	struct tally_row *rows, *last;
	struct tally others;
};

/* The sums under key. */
struct tally *tally_at(struct tally_table *t, const uint64_t key[TALLY_WORDS]);
void tally_table_done(struct tally_table *t);

#endif
