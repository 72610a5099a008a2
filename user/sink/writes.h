/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes into memory by a process's number (EVENT_WRITE), as marks for pictures: where, when, by
 * whom, in bounded memory. Where there is no more room, those of one writer into one place become one
 * within a quantum of time, which doubles; at last they become one whatever the place, and the rest is
 * counted.
 */
#ifndef SINK_WRITES_H
#define SINK_WRITES_H

#include "core/event.h"
#include "util/buf.h"

#define WRITES_MAX 16384

/* A write, or several of one writer. */
struct write_mark {
	uint64_t space; /* number that the output gave the address space */
	uint64_t first_ns, last_ns, nr;
	uint64_t start, end;	   /* of all; equal: it is not known where, or at several places */
	struct event_write writer; /* of the first, see core/event.h */
	bool is_self;		   /* set when a process wrote into itself */
	bool is_shown;		   /* for the output */
};

struct writes {
	struct write_mark *v; /* owned; in the order of time, until writes_sort() */
	size_t nr, max;	      /* max 0: WRITES_MAX */
	unsigned int quantum_shift;
	bool is_full;
	uint64_t nr_dropped; /* writes that found no room */
};

/* Adds ev, an EVENT_WRITE, unless it wrote nothing. True if it is one of v. */
bool writes_add(struct writes *w, uint64_t space, const struct event *ev);
void writes_done(struct writes *w);
/* Sorts by space, then time: to be called when all were added. */
void writes_sort(struct writes *w);
/* Those of a space, *ret_nr of them; after writes_sort(). */
struct write_mark *writes_of(const struct writes *w, uint64_t space, size_t *ret_nr);

/* True if it wrote into [start, end). */
bool write_mark_in(const struct write_mark *w, uint64_t start, uint64_t end);
/* True for the writes of one writer in one way. */
bool write_mark_by_one(const struct write_mark *a, const struct write_mark *b);
/* "written 3 times by gdb 77 with ptrace", nr being 3; the name is not escaped. */
void write_mark_put(struct buf *b, const struct write_mark *w, uint64_t nr);

#endif
