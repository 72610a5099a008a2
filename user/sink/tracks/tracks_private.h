/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The collector's two parts: tracks_sink.c follows processes and their address spaces;
 * tracks_tell.c puts into words what happens there, and gives tracks their numbers.
 */
#ifndef SINK_TRACKS_PRIVATE_H
#define SINK_TRACKS_PRIVATE_H

#include <uthash.h>

#include "sink/tracks/pieces.h"
#include "sink/tracks/tracks.h"

struct region {
	uint64_t start;
	uint64_t uuid;
	UT_hash_handle hh;
};

/* A process, as long as it lives, or an address space of its does. */
struct who {
	uint32_t pid;
	uint64_t start_ns;
	char comm[17];
	uint64_t uuid; /* 0: not told yet */
	uint64_t size_uuid[NR_TRACK_SIZES];
	struct space *space;
	unsigned int nr_refs;
	UT_hash_handle hh; /* by pid, while it lives */
};

/* An address space, told under the first process that had it. */
struct space {
	uint64_t mm_id;
	struct who *owner;
	const struct object *exe; /* NULL: not known */
	uint64_t uuid;		  /* of the group; 0: not told yet */
	struct pieces pieces;
	uint64_t last_ns; /* time does not run backwards here: an earlier one counts as this */
	struct region *regions; /* that were told */
	bool has_sizes;
	uint64_t sizes[NR_TRACK_SIZES]; /* as told last */
	bool is_lost;			/* until a snapshot heals it */
	unsigned int nr_users;
	UT_hash_handle hh; /* by mm_id */
};

struct tracks {
	struct tracks_config cfg;
	const struct track_writer *w;
	bool begun;
	uint64_t last_uuid, main_uuid;
	uint64_t nr_regions, nr_dropped; /* living tracks; slices that found no room */
	struct who *whos;
	struct space *spaces;
	struct space *space; /* of the event at hand; NULL: none */
};

/* What a piece_over_fn needs. */
struct over {
	struct tracks *t;
	struct space *space;
	bool by_call;
};

/* What comes before all else. */
void tell_begin(struct tracks *t);
/* A piece_over_fn, of a struct over: a slice. */
void tell_over(void *ctx, const struct piece *p, uint64_t ts_ns);
/* Sizes that are not as they were told last, at s->last_ns. */
void tell_sizes(struct tracks *t, struct space *s);
/* Moments; w NULL: of the whole trace. */
void tell_loss(struct tracks *t, struct who *w, const struct event *ev);
void tell_exec(struct tracks *t, struct who *w, const struct event *ev, const struct proc *proc);
void tell_exit(struct tracks *t, struct who *w, const struct event *ev);
void tell_fault(struct tracks *t, struct who *w, const struct event *ev, const struct proc *proc);
void tell_finding(struct tracks *t, struct who *w, const struct finding *f);
/* Slices that found no room, if there are. */
void tell_dropped(struct tracks *t, uint64_t ts_ns);

#endif
