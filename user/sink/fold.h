/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows that repeat, one by one or in turns (a stack, its guard, a stack, its guard). */
#ifndef SINK_FOLD_H
#define SINK_FOLD_H

#include <stdbool.h>
#include <stddef.h>

struct row_fold {
	size_t nr; /* rows */
	/* True if the rows of these numbers read alike but for where they are. */
	bool (*is_alike)(const void *rows, size_t a, size_t b);
	const void *rows; /* borrowed */
};

/*
 * The number of rows from at on that come in turns, of which *ret_turns follow each other, so that most
 * rows are hidden; 1, and one turn, where a note in their place would be no shorter.
 */
size_t fold_period(const struct row_fold *f, size_t at, size_t *ret_turns);

#endif
