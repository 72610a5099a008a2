/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sums of changes by key: program, mapping, caller, transition. Memory is bounded: keys that find
 * no room are summed up as others.
 */
#ifndef SINK_TALLY_H
#define SINK_TALLY_H

#include <uthash.h>

#include "core/change.h"

struct tally {
	uint64_t changes, failed; /* by calls */
	uint64_t bytes;		  /* of all ranges that changed, as far as they are known */
	uint64_t unsized;	  /* changes whose bytes are not known */
	/* bytes of these that came and went; a mapping over another counts for both */
	uint64_t mapped, unmapped;
	/* of a caller, as the first that is known has it */
	const char *symbol;
	uint64_t symbol_off;
};

void tally_change(struct tally *t, const struct change *ch);
void tally_add(struct tally *t, const struct tally *more);
/* False if there were changes, and the bytes of none are known. */
bool tally_has_bytes(const struct tally *t);

#define TALLY_WORDS 3 /* of a key */

struct tally_row {
	uint64_t key[TALLY_WORDS];
	struct tally sum;
	UT_hash_handle hh;
};

/* All zero: empty. */
struct tally_table {
	struct tally_row *rows; /* owned: hash by key */
	struct tally_row *last; /* found before; NULL: none */
	struct tally others;
};

/*
 * The sums under key, added if need be; others' if there is no room. Valid until the table is done.
 */
struct tally *tally_at(struct tally_table *t, const uint64_t key[TALLY_WORDS]);
/* The caller that such a row is of. */
struct caller tally_caller(const struct tally_row *row);
void tally_table_done(struct tally_table *t);

#endif
