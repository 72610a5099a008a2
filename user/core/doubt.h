/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Doubts: what makes the verdicts of a run uncertain. Records were lost, memory was never known, or
 * detectors had no room for what they had to remember. Processes are named while there is room.
 */
#ifndef CORE_DOUBT_H
#define CORE_DOUBT_H

#include <stdbool.h>
#include <stdint.h>

#include "util/buf.h"

#define DOUBT_NAMED 8

struct proc;
struct totals;

/* A process of which something is not known. */
struct doubt {
	uint32_t pid;
	char comm[17];
	uint64_t lost; /* its records */
	bool unread;   /* set when its memory was not known while it made calls, or until its end */
	uint64_t given_up; /* mappings that were more than its share; 0: its mirror was kept */
	bool dropped;	   /* set when there was no room for all that is to be remembered of it */
};

struct doubts {
	struct doubt named[DOUBT_NAMED];
	unsigned int nr_named;
	uint64_t nr_unread;   /* address spaces whose memory was not known */
	uint64_t nr_given_up; /* and those whose mirror had more mappings than its share */
};

/* Records of p were lost. */
void doubts_lose(struct doubts *d, const struct proc *p, uint64_t lost);
/* The memory of p was not known, and will not be. */
void doubts_unread(struct doubts *d, const struct proc *p);
/* The mirror of p had nr mappings, more than its share, and was given up. */
void doubts_give_up(struct doubts *d, const struct proc *p, uint64_t nr);

/* Detectors have no room for all that is to be remembered of p. */
void doubts_drop(struct doubts *d, const struct proc *p);

/* True if all that there was to find could be found. */
bool totals_are_certain(const struct totals *t);
/*
 * Put why the stream is not all that happened: "3 records were lost (node 42: 2), the memory of 1
 * process was not known (sh 43)"; nothing if it is.
 */
void totals_put_doubts(struct buf *b, const struct totals *t);
/* Put what detectors had no room for: "3 changes found no room in what is remembered (node 42)". */
void totals_put_dropped(struct buf *b, const struct totals *t);

#endif
