/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mappings at the end of the stream, or when their process ended: sums of pieces that were
 * made alike, and of each address space by right and by use. Memory is bounded: pieces that find no
 * row are summed up as others.
 */
#ifndef SINK_MAPPED_H
#define SINK_MAPPED_H

#include "core/remains.h"
#include "sink/report/report_sink.h"

#define NR_PROTS 8 /* R, W, X as a number */

/* Pieces of one address space. */
struct mapped_space {
	bool is_known; /* set when it was looked at */
	uint64_t bytes[NR_PROTS];
	uint64_t nr_of_use[NR_MAPPING_USES], bytes_of_use[NR_MAPPING_USES];
};

struct mapped_row {
	struct {
		const struct object *exe;    /* NULL: not known */
		const struct maker *maker;   /* NULL: not known */
		const struct object *obj;    /* what is mapped */
		uint64_t use, prot, is_over; /* prot: 0 of files, whose segments are summed up */
	} key;
	uint64_t nr, bytes, least, most; /* pieces; bytes of all, of the smallest, of the largest */
	uint64_t first_ns, last_ns;	 /* when they were made; 0: not known */
	UT_hash_handle hh;
};

/* All zero: empty. */
struct mapped_table {
	struct mapped_row *rows; /* owned: hash by key */
	struct mapped_row others;
};

/* Sums up the pieces of one address space; in rows only those that cfg asks for. */
void mapped_add(struct mapped_table *t, const struct aspace *as, const struct makers *m,
		const struct object *exe, bool is_over, const struct report_config *cfg,
		struct mapped_space *ret);
/*
 * Rows of those that live, or that are over: most bytes first, those that read alike summed up. To be
 * freed.
 */
struct mapped_row *mapped_rows(const struct mapped_table *t, bool is_over, size_t *ret_nr);
void mapped_done(struct mapped_table *t);

#endif
