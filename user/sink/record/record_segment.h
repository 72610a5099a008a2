/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Closed recordings of a run that is recorded in pieces: their names, how many are
 * kept, their compression and their checksums.
 */
#ifndef SINK_RECORD_SEGMENT_H
#define SINK_RECORD_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

struct segments;

/* path: of the recording that is being written. keep: closed ones that are kept; 0: all. */
struct segments *segments_new(const char *path, bool compress, bool in_pieces, uint64_t keep);
/*
 * Make sure that the names which the last file needs beside path are free: files there are removed
 * if force, else it is -EEXIST. 0, or -errno.
 */
int segments_claim(const struct segments *s, bool force);
/*
 * The file at path, closed by now, becomes the next of path.000001, path.000002, … that is free.
 * A thread compresses it to that name and ".zst", and writes a ".sha256" beside it. More files than
 * are to be kept are removed, the oldest first. 0, or -errno, of the thread before it too.
 */
int segments_close_one(struct segments *s);
/*
 * The file at path, closed by now, is the last one, and keeps its name; it is compressed as the
 * others are, and gets a ".sha256" if there are others or it is compressed. Waits for the thread.
 * 0, or -errno.
 */
int segments_close_last(struct segments *s);
void segments_free(struct segments *s); /* waits, too; s may be NULL */

#endif
