/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader of others' files, with a sentence on stderr for each that could not be read. */
#ifndef CMD_READING_H
#define CMD_READING_H

#include <stdint.h>

struct reader;

struct reading {
	struct reader *reader; /* NULL: not begun */
	uint64_t nr;	       /* files that could not be read */
};

/* Begins, with reader_new()'s wait_ns; due before anything is opened that others should not inherit. */
void reading_begin(struct reading *rd, uint64_t wait_ns);
/* Ends, and sums up. */
void reading_end(struct reading *rd);

#endif
