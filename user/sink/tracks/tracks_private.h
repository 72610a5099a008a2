/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The collector's two parts: tracks_sink.c follows processes and their address spaces;
 * tracks_write.c puts into words what happens there, and gives tracks their numbers.
 */
#ifndef SINK_TRACKS_PRIVATE_H
#define SINK_TRACKS_PRIVATE_H

#include <uthash.h>

#include "core/cast.h"
#include "sink/tracks/pieces.h"
#include "sink/tracks/tracks.h"

struct region {
	uint64_t start;
	uint64_t uuid;
	UT_hash_handle hh;
};

/* What is told of a life, as long as that or an address space of its lasts. */
struct tracks_life {
	struct life *life; /* held */
	uint64_t uuid;	   /* 0: not told yet */
	uint64_t size_uuid[NR_TRACK_SIZES];
	unsigned int nr_refs; /* of the life, and of each space that it owns */
	struct tracks_life *prev, *next;
};

/* An address space, told under the first life that had it. */
struct tracks_space {
	struct tracks_life *owner;
	const struct object *exe; /* NULL: not known */
	uint64_t uuid;		  /* of the group; 0: not told yet */
	struct pieces pieces;
	uint64_t last_ns; /* time does not run backwards here: an earlier one counts as this */
	struct region *regions; /* that were told */
	bool has_sizes;
	uint64_t sizes[NR_TRACK_SIZES]; /* as told last */
	struct tracks_space *prev, *next;
};

struct tracks {
	struct tracks_config cfg;
	const struct track_writer *w;
	unsigned int slot; /* in lives and spaces */
	bool begun;
	uint64_t last_uuid, main_uuid;
	uint64_t nr_regions, nr_dropped; /* living tracks; slices that found no room */
	struct tracks_life *lives;	 /* all there are */
	struct tracks_space *spaces;	 /* all there are */
	struct tracks_space *space;	 /* of the event at hand; NULL: none */
};

/* What a piece_over_fn needs. */
struct over {
	struct tracks *t;
	struct tracks_space *space;
	bool by_call;
};

/* What comes before all else. */
void tracks_write_begin(struct tracks *t);
/* A piece_over_fn, of a struct over: a slice. */
void tracks_write_slice(void *ctx, const struct piece *p, uint64_t ts_ns);
/* Sizes that are not as they were told last, at s->last_ns. */
void tracks_write_sizes(struct tracks *t, struct tracks_space *s);
/* Moments; tl NULL: of the whole trace. */
void tracks_write_loss(struct tracks *t, struct tracks_life *tl, const struct event *ev);
void tracks_write_exec(struct tracks *t, struct tracks_life *tl, const struct event *ev,
		       const struct proc *proc);
void tracks_write_exit(struct tracks *t, struct tracks_life *tl, const struct event *ev);
void tracks_write_fault(struct tracks *t, struct tracks_life *tl, const struct event *ev,
			const struct proc *proc);
void tracks_write_finding(struct tracks *t, struct tracks_life *tl, const struct finding *f);
/* Slices that found no room, if there are. */
void tracks_write_dropped(struct tracks *t, uint64_t ts_ns);

#endif
