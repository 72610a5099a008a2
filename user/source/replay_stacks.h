/* SPDX-License-Identifier: BSD-2-Clause */
/* The stacks of a recording, as its events name them. */
#ifndef SOURCE_REPLAY_STACKS_H
#define SOURCE_REPLAY_STACKS_H

#include <sqlite3.h>

#include "core/object.h"
#include "core/stack.h"
#include "util/buf.h"

/* All zero is empty. */
struct replay_stacks {
	struct object_table *table; /* borrowed: it keeps the names of functions */
	struct frame *all;	    /* by number, less one */
	size_t nr_all, cap_all;
	struct frame *frames; /* of all stacks, one stack after the other */
	size_t nr_frames, cap_frames;
	struct stack *stacks;
	size_t nr_stacks, cap_stacks;
	struct buf name; /* of the frame that is being read */
};

/* 0, also for a recording that has none; or -errno. replay_stacks_done() is due in either case. */
int replay_stacks_read(struct replay_stacks *rs, sqlite3 *db, struct object_table *table,
		       const struct object *const *objects, size_t nr_objects);
void replay_stacks_done(struct replay_stacks *rs);

#endif
