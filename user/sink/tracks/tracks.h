/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tracks for trace viewers. The collector (tracks_sink.c) turns the stream, as it comes, into
 * processes; for each of their address spaces a group of tracks, one for each address where a
 * region begins, with the region's states as slices; moments; and sizes. The encoders (perfetto.c,
 * chrome.c) write them.
 *
 * A slice is written when it is over, so that a region to which nothing ever happens needs no
 * track. Slices of one track come in order of time and never overlap: no two regions begin at one
 * address at a time.
 */
#ifndef SINK_TRACKS_H
#define SINK_TRACKS_H

#include "core/sink.h"
#include "util/out.h"

enum track_size { SIZE_HEAP, SIZE_MAPPED, SIZE_WX, NR_TRACK_SIZES };

/* A track is written before its events. */
struct track {
	uint64_t uuid, parent; /* uuid: unique in the trace, never 0; parent 0: none */
	uint32_t pid;	       /* 0: of the whole trace */
	const char *name;      /* escaped */
	uint64_t start_ns;     /* of a process; 0: not known */
};

#define TRACK_NOTES_MAX 8

/* Notes on an event, shown beside its name. */
struct track_notes {
	const char *key[TRACK_NOTES_MAX]; /* static */
	struct buf text[TRACK_NOTES_MAX]; /* escaped */
	unsigned int nr;
};

struct track_event {
	const struct track *track;   /* only uuid and pid are valid */
	uint64_t ts_ns, end_ns;	     /* CLOCK_BOOTTIME; end_ns: of a slice */
	const char *category, *name; /* our own words */
	struct track_notes *notes;
};

/* An encoder. Bytes go into out->buf; the caller commits them. */
struct track_writer {
	void (*begin)(struct out *out, const struct run_info *run);
	/* Tracks: of a process, of an address space, of one region of it, of a size. */
	void (*process)(struct out *out, const struct track *t);
	void (*group)(struct out *out, const struct track *t);
	void (*region)(struct out *out, const struct track *t);
	void (*size)(struct out *out, const struct track *t);
	/* Events, each on its track. */
	void (*slice)(struct out *out, const struct track_event *e);
	void (*moment)(struct out *out, const struct track_event *e);
	void (*value)(struct out *out, const struct track *size, uint64_t ts_ns, uint64_t bytes);
	void (*end)(struct out *out);
};

extern const struct track_writer perfetto_writer, chrome_writer;

#endif
