/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Things that rows name by number: each is written as a row of its own when it comes first. Memory
 * is bounded: a full table drops all that it holds, and things that come again are written again,
 * under new numbers. So it is for the stream, which names objects and stacks by the same numbers.
 */
#ifndef SINK_RECORD_THINGS_H
#define SINK_RECORD_THINGS_H

#include <uthash.h>

#include "core/event.h"

struct record_db;

struct thing {
	UT_hash_handle hh;
	uint32_t number; /* from 1 on */
	bool has_build;	 /* of an object: set when its build is in the stream */
	uint8_t key[];
};

/* Things of one sort; max is set, all else begins as zero. */
struct things {
	struct thing *all, *last;
	uint32_t max;	     /* things in memory */
	uint32_t nr_written; /* and the highest number */
};

/*
 * The thing with that key: bytes that no other of its sort has. Valid until the next call; *ret_new
 * is set if the thing's row is still to be written.
 */
struct thing *things_find(struct things *t, const void *key, size_t len, bool *ret_new);
void things_done(struct things *t);

/* Mapped objects: files, anonymous memory and the rest. */
struct record_objects;

struct record_objects *record_objects_new(struct record_db *db);
/* Forget those that nobody holds (core/object.h): they come again under new numbers. */
void record_objects_forget(struct record_objects *o);
void record_objects_free(struct record_objects *o);
/* The number of obj, whose row is written when it is new; 0: obj is NULL. */
uint32_t record_objects_number(struct record_objects *o, const struct object *obj);
/*
 * The bytes of a name in hexadecimal, in raw, if what is shown of it is something else; NULL if the
 * bytes are what is shown.
 */
const char *record_raw(struct buf *raw, const struct buf *shown, const char *name, size_t len);
/* True once in a file for each object whose build is known: the stream has to name the build. */
bool record_objects_build_is_new(struct record_objects *o, const struct object *obj);

#endif
