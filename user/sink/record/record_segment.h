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

/* path is that of the recording that is being written; in pieces, or in one. keep 0: all. */
struct segments *segments_new(const char *path, bool compress, bool in_pieces, uint64_t keep);
/*
 * The names that the last file will need beside path are free: else they are made so (force), or
 * it is -EEXIST. 0, or -errno.
 */
int segments_claim(const struct segments *s, bool force);
/*
 * The file at path is whole and closed: it becomes the next of path.000001, path.000002, … that is
 * free; in the background it is compressed to that and ".zst", and gets a ".sha256" beside it. The
 * oldest are removed. 0, or -errno, also of what went on in the background.
 */
int segments_close_one(struct segments *s);
/*
 * The file at path is the last one, and keeps its name; of a run in pieces it gets a ".sha256", too.
 * Waits for what goes on. 0, or -errno.
 */
int segments_close_last(struct segments *s);
void segments_free(struct segments *s);

#endif
