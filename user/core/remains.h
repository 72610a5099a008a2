/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pieces of what is mapped, as it was made, each with what it is used as. The pieces of an address
 * space are its mirror's mappings exactly, cut where their makers differ.
 */
#ifndef CORE_REMAINS_H
#define CORE_REMAINS_H

#include "core/makers.h"

/* Uses of memory, as far as its name, its rights and its neighbours show. */
enum mapping_use {
	USE_ANON, /* private anonymous memory */
	USE_HEAP,
	USE_ARENA,	  /* of malloc: 64M, of which the lower part is in use */
	USE_STACK,	  /* of the first thread */
	USE_THREAD_STACK, /* of another, or of a coroutine */
	USE_GUARD,	  /* any access faults: a small part without rights beside others' memory */
	USE_RESERVED,	  /* addresses without rights */
	USE_JIT,	  /* executable, and of no file */
	USE_CODE,	  /* executable, of a file */
	USE_FILE,
	USE_SHARED,  /* writable by others, too: a file's view, a memfd, SysV or anonymous memory */
	USE_SPECIAL, /* the kernel's: [vdso] */
	USE_UNKNOWN,
	NR_MAPPING_USES,
};

/* Borrowed for the callback. */
struct piece_made {
	uint64_t start, end;
	struct attr attr; /* of start */
	enum mapping_use use;
	const struct made *made; /* NULL: who made it is not known */
};

typedef void piece_fn(void *ctx, const struct piece_made *p);

/* Calls fn for each piece, by address. */
void remains_each(const struct aspace *as, const struct makers *m, piece_fn *fn, void *ctx);
/* "anon", "thread stack", …: static. */
const char *use_name(enum mapping_use use);
/*
 * Who made or changed it, in at most max_cols columns (0: any): a caller, or "exec", "there before"
 * for what was mapped already, "not seen" after a loss or where it is not remembered.
 */
size_t word_maker(struct buf *b, const struct maker *m, size_t max_cols);

#endif
