/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pieces: the regions of one address space as they are now, each with the time and the call that
 * made it so, which a mirror does not keep. Pieces never overlap. Equal neighbours are not joined,
 * so that a region that changes to and fro stays one region; but the heap, which grows, is one
 * piece, and from PIECES_MAX on new pieces are joined with equal neighbours.
 */
#ifndef SINK_PIECES_H
#define SINK_PIECES_H

#include <bsd/sys/tree.h>

#include "core/change.h"

#define PIECES_MAX (1u << 16) /* as many mappings as Linux lets a process have by default */

struct piece {
	uint64_t start, end;
	struct attr attr;
	uint64_t since_ns; /* CLOCK_BOOTTIME, as all times here */
	bool by_call;	   /* set when a call made it so: tid and caller are valid */
	const char *what;  /* name of that call, or of another event; static */
	uint32_t tid;
	struct caller caller;
	RB_ENTRY(piece) link;
};

RB_HEAD(piece_tree, piece);

struct pieces {
	struct piece_tree tree;
	size_t nr;
	uint64_t heap_bytes, mapped_bytes, wx_bytes; /* of all pieces */
};

/* Called for a piece that is over: it lasted from p->since_ns to ts_ns. */
typedef void piece_over_fn(void *ctx, const struct piece *p, uint64_t ts_ns);

void pieces_init(struct pieces *ps);
void pieces_done(struct pieces *ps);
/*
 * From ts_ns on, [like->start, like->end) has like's state; no piece is added if that is unmapped.
 * Pieces that were there are over; their parts on either side begin anew.
 */
void pieces_put(struct pieces *ps, const struct piece *like, uint64_t ts_ns, piece_over_fn *fn,
		void *ctx);
/* From ts_ns on, the state of every piece is unknown. */
void pieces_lose(struct pieces *ps, uint64_t ts_ns, piece_over_fn *fn, void *ctx);
/* The piece that holds addr, or the next above it; NULL if there is none. */
struct piece *pieces_find(const struct pieces *ps, uint64_t addr);
/* The next piece by address; NULL after the last. */
struct piece *pieces_next(struct piece *p);

#endif
