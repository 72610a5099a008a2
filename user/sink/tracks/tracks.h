/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What trace viewers are shown. The collector (tracks_sink.c) makes of the stream, on its way:
 * processes; for each of their address spaces a group of tracks, one for each address
 * where a region begins, on which slices are the region's states; moments; and sizes.
 * The encoders (perfetto.c, chrome.c) write it down.
 *
 * A slice is told when it is over, so that regions to which nothing ever happens need
 * not be told at all. The slices of one track come in the order of time, and never
 * overlap: no two regions begin at one address at a time.
 */
#ifndef SINK_TRACKS_H
#define SINK_TRACKS_H

#include "sink/sinks.h"

enum track_size { SIZE_HEAP, SIZE_MAPPED, SIZE_WX, NR_TRACK_SIZES };

/* Told before what is on it. uuid is unique in the trace, and never 0. */
struct track {
	uint64_t uuid, parent; /* parent 0: none */
	uint32_t pid;	       /* 0: of the whole trace */
	const char *name;      /* escaped */
	uint64_t start_ns;     /* of a process; 0: not known */
};

#define TRACK_NOTES_MAX 8

/* Beside a name: key and escaped text. */
struct track_notes {
	const char *key[TRACK_NOTES_MAX];
	struct buf text[TRACK_NOTES_MAX];
	unsigned int nr;
};

struct track_event {
	const struct track *track;
	uint64_t ts_ns, end_ns; /* a moment has no end */
	const char *category, *name;
	struct track_notes *notes;
};

struct track_writer {
	void (*begin)(struct out *out, const struct run_info *run);
	/* Tracks of a process, of the regions of an address space, of a region. */
	void (*process)(struct out *out, const struct track *t);
	void (*group)(struct out *out, const struct track *t);
	void (*region)(struct out *out, const struct track *t);
	void (*size)(struct out *out, const struct track *t);
	void (*slice)(struct out *out, const struct track_event *e);
	void (*moment)(struct out *out, const struct track_event *e);
	void (*value)(struct out *out, const struct track *size, uint64_t ts_ns, uint64_t bytes);
	void (*end)(struct out *out);
};

extern const struct track_writer perfetto_writer, chrome_writer;

#endif
