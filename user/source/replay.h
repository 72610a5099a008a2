/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A recording as a source. Anybody may have made it: the file is opened read-only, and all that is
 * read is checked; a failed check is an error, and never more.
 */
#ifndef SOURCE_REPLAY_H
#define SOURCE_REPLAY_H

#include "core/object.h"
#include "core/source.h"

struct replay;
struct sqlite3;

/* Metadata of a recording. Strings are never NULL, come from outside, and are the replay's. */
struct replay_info {
	const char *version, *arguments, *what, *tier, *boot_id, *host, *kernel, *machine;
	const char *hook; /* empty in older recordings */
	uint64_t format;  /* the version of its format */
	uint64_t start_ns, boot_to_wall_ns;
	uint64_t end_ns;	/* of the last event, if it was cut */
	uint64_t max_map_count; /* 0: not known */
	uint64_t page_bytes;	/* of the machine that it is of */
	bool is_named;		/* set if it is of named processes or of a command */
	bool was_cut;		/* set if the recorder did not come to its end */
	bool is_ahead; /* set if the recorder knew kinds of events or facts that are not known here */
};

/* A failure, for one sentence: "cannot read 'FILE': WHY". Static. */
struct replay_fault {
	const char *why, *try; /* why is NULL for what the -errno says; try may be NULL */
};

/*
 * Opens the recording at path, whose page_bytes (abi.h) are the ones from then on. objects is
 * borrowed until the close. 0, or -errno with *ret_fault set.
 */
int replay_open(const char *path, struct object_table *objects, struct replay **ret,
		struct replay_fault *ret_fault);
/* Opens the recording in db, which is taken over whatever the result. As replay_open(). */
int replay_open_db(struct sqlite3 *db, struct object_table *objects, struct replay **ret,
		   struct replay_fault *ret_fault);
void replay_close(struct replay *r);
const struct replay_info *replay_info(const struct replay *r);
/* The database, for queries: read-only, and defended against what may be in it. Borrowed. */
struct sqlite3 *replay_db(struct replay *r);

/*
 * The source (core/source.h), whose close is replay_close(). Events come as they were; -EBADMSG:
 * the recording is damaged. Progress is in blocks.
 */
struct source replay_source(struct replay *r);

/*
 * Counts of skipped events, and of skipped facts, in what was fed until now: their kinds are not
 * known here.
 */
void replay_skipped(const struct replay *r, uint64_t *ret_events, uint64_t *ret_facts);

/* A place in the stream: behind all events until ts_ns, or behind the one that made change nr. */
struct replay_place {
	uint64_t ts_ns;
	uint64_t change; /* 0: ts_ns counts */
};

/*
 * Moves the stream to the last key frame before the place, or to its start; all that follows is fed
 * from there. *ret_changes counts the changes made until there. 0, or -errno.
 */
int replay_seek(struct replay *r, const struct replay_place *place, uint64_t *ret_changes);
/* True if the event that is being read is one of a key frame, which repeats what is known. */
bool replay_in_key(const struct replay *r);

#endif
