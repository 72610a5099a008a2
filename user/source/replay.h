/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A recording as a source. It may come from anybody: it is opened read-only, and
 * all that is read is checked; what cannot be is an error, never more.
 */
#ifndef SOURCE_REPLAY_H
#define SOURCE_REPLAY_H

#include "core/object.h"
#include "core/source.h"

struct replay;
struct sqlite3;

/* What it says of itself. Strings are never NULL, and come from outside. */
struct replay_info {
	const char *version, *arguments, *what, *tier, *boot_id, *host, *kernel, *machine;
	uint64_t format; /* the version of its format */
	uint64_t start_ns, boot_to_wall_ns;
	uint64_t end_ns;	/* of the last event, if it was cut */
	uint64_t max_map_count; /* 0: not known */
	bool is_named;		/* of processes or a command */
	bool was_cut;		/* the recorder did not come to its end */
	bool is_ahead; /* its recorder knew kinds of events or facts that this reader does not */
};

/* Why it can't be read, for one sentence: "cannot read 'FILE': WHY". Static. */
struct replay_fault {
	const char *why, *try; /* why: NULL for what the -errno says; try may be NULL */
};

/* objects is borrowed. 0, or -errno with *ret_fault set. */
int replay_open(const char *path, struct object_table *objects, struct replay **ret,
		struct replay_fault *ret_fault);
/* The same of a database that is open, which it takes over, whatever the result. */
int replay_open_db(struct sqlite3 *db, struct object_table *objects, struct replay **ret,
		   struct replay_fault *ret_fault);
void replay_close(struct replay *r);
const struct replay_info *replay_info(const struct replay *r);
/* The file, for those who query it: read-only, and defended against what may be in it. */
struct sqlite3 *replay_db(struct replay *r);

/*
 * The contract's view of it, which closes it. All its events come as they were; -EBADMSG: it is
 * damaged. Its progress is in blocks.
 */
struct source replay_source(struct replay *r);

/* Of what was fed until now: events of kinds, and facts, that are not known here. */
void replay_skipped(const struct replay *r, uint64_t *ret_events, uint64_t *ret_facts);

/* A place in the stream: behind all events until ts_ns, or behind the one that made change nr. */
struct replay_place {
	uint64_t ts_ns;
	uint64_t change; /* 0: ts_ns counts */
};

/*
 * The next to be fed is a key frame before the place, or the stream's begin, and then all that follows
 * it. *ret_changes counts the changes made until there. 0, or -errno.
 */
int replay_seek(struct replay *r, const struct replay_place *place, uint64_t *ret_changes);
/* Is the event that is being read one of a key frame, which repeats what is known? */
bool replay_in_key(const struct replay *r);

#endif
