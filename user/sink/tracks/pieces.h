/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The regions of one address space as they are now, each with when and how it came to
 * be: what a mirror does not keep. They never overlap. Neighbours are not joined as
 * mappings are, so that a region which changes to and fro stays the same region; but the
 * heap, which grows, is one, and if there are PIECES_MAX new ones are joined where they can be.
 */
#ifndef SINK_PIECES_H
#define SINK_PIECES_H

#include <bsd/sys/tree.h>

#include "core/change.h"

#define PIECES_MAX (1u << 16) /* as many mappings as Linux lets a process have by default */

struct piece {
	uint64_t start, end;
	struct attr attr;
	uint64_t since_ns;
	/* how it came to be */
	bool by_call;
	const char *what; /* call or event, static */
	uint32_t tid;
	struct caller caller;
	RB_ENTRY(piece) link;
};

RB_HEAD(piece_tree, piece);

struct pieces {
	struct piece_tree tree;
	size_t nr;
	uint64_t heap_bytes, mapped_bytes, wx_bytes;
};

/* Told of a piece that is over: from its since_ns to ts_ns. */
typedef void piece_over_fn(void *ctx, const struct piece *p, uint64_t ts_ns);

void pieces_init(struct pieces *ps);
void pieces_done(struct pieces *ps);
/*
 * From ts_ns on [like->start, like->end) is as like has it, or nothing if that is not mapped. What is
 * left of pieces on either side begins anew.
 */
void pieces_put(struct pieces *ps, const struct piece *like, uint64_t ts_ns, piece_over_fn *fn,
		void *ctx);
/* From ts_ns on it is not known what any of them is. */
void pieces_lose(struct pieces *ps, uint64_t ts_ns, piece_over_fn *fn, void *ctx);
/* The piece that holds addr, or the next above it; NULL if there is none. */
struct piece *pieces_find(const struct pieces *ps, uint64_t addr);
struct piece *pieces_next(struct piece *p);

#endif
