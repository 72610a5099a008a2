/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The collector's two parts: tracks_sink.c follows lives and spaces; tracks_write.c puts their
 * events into words, and numbers the tracks.
 */
#ifndef SINK_TRACKS_PRIVATE_H
#define SINK_TRACKS_PRIVATE_H

#include <uthash.h>

#include "core/cast.h"
#include "sink/tracks/pieces.h"
#include "sink/tracks/tracks.h"
#include "sink/tracks/tracks_sink.h"

/* The track of regions that begin at one address of a space. */
struct region {
	uint64_t start;
	uint64_t uuid;
	UT_hash_handle hh;
};

/* A life's tracks, kept until the life and every space that it owns are over. */
struct tracks_life {
	struct life *life; /* held */
	uint64_t uuid;	   /* 0: not written yet, as below */
	uint64_t size_uuid[NR_TRACK_SIZES];
	unsigned int nr_refs; /* of the life, and of each space that it owns */
	struct tracks_life *prev, *next;
};

/* A space's tracks. */
struct tracks_space {
	struct tracks_life *owner; /* the first life that had the space */
	const struct object *exe;  /* NULL: not known */
	uint64_t uuid;		   /* of the group; 0: not written yet */
	struct pieces pieces;
	uint64_t last_ns;		/* of the last event: here time never runs backwards */
	struct region *regions;		/* owned: hash by start of those that were written */
	bool has_sizes;			/* set when sizes have been written */
	uint64_t sizes[NR_TRACK_SIZES]; /* bytes, as last written */
	struct tracks_space *prev, *next;
};

struct tracks {
	struct tracks_config cfg;
	const struct track_writer *w;
	unsigned int slot;		 /* in the cast's lives and spaces */
	bool begun;			 /* set when the head has been written */
	uint64_t last_uuid, main_uuid;	 /* main: of the track of the whole trace */
	uint64_t nr_regions, nr_dropped; /* of all spaces; slices that found no room */
	struct tracks_life *lives;	 /* owned */
	struct tracks_space *spaces;	 /* owned */
	struct tracks_space *space;	 /* of the event at hand; NULL: none */
};

/* Context of tracks_write_slice(). */
struct over {
	struct tracks *t;
	struct tracks_space *space;
	bool by_call; /* set when a call ends the piece */
};

/* All append to t->cfg.out->buf; the caller commits it. */

/* The head, once, before all else. */
void tracks_write_begin(struct tracks *t);
/* A piece_over_fn; ctx is a struct over. */
void tracks_write_slice(void *ctx, const struct piece *p, uint64_t ts_ns);
/* Sizes that are not as last written, at s->last_ns. */
void tracks_write_sizes(struct tracks *t, struct tracks_space *s);
/* Moments; tl NULL: of the whole trace. */
void tracks_write_loss(struct tracks *t, struct tracks_life *tl, const struct event *ev);
void tracks_write_exec(struct tracks *t, struct tracks_life *tl, const struct event *ev,
		       const struct proc *proc);
void tracks_write_exit(struct tracks *t, struct tracks_life *tl, const struct event *ev);
void tracks_write_write(struct tracks *t, struct tracks_life *tl, const struct event *ev,
			const struct proc *proc);
void tracks_write_fault(struct tracks *t, struct tracks_life *tl, const struct event *ev,
			const struct proc *proc);
void tracks_write_finding(struct tracks *t, struct tracks_life *tl, const struct finding *f);
/* How many slices found no room, if any. */
void tracks_write_dropped(struct tracks *t, uint64_t ts_ns);

#endif
