/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A recording as a source. It may come from anybody: it is opened read-only, and
 * all that is read is checked; what cannot be is an error, never more.
 */
#ifndef SOURCE_REPLAY_H
#define SOURCE_REPLAY_H

#include "core/event.h"
#include "core/object.h"

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

typedef int replay_event_fn(void *ctx, const struct event *ev);

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

/* Asked before each block is read: done of total are. Other than 0 ends the run with that. */
typedef int replay_watch_fn(void *ctx, uint64_t done, uint64_t total);
void replay_watch(struct replay *r, replay_watch_fn *fn, void *ctx);

/* Feed every event, as it was. 0, the first error of fn, or -EBADMSG: it is damaged. */
int replay_run(struct replay *r, replay_event_fn *fn, void *ctx);

/* Of what was fed until now: events of kinds, and facts, that are not known here. */
void replay_skipped(const struct replay *r, uint64_t *ret_events, uint64_t *ret_facts);

/* A place in the stream: behind all events until ts_ns, or behind the one that made change nr. */
struct replay_place {
	uint64_t ts_ns;
	uint64_t change; /* 0: ts_ns counts */
};

/* Within fn: is the event of a key frame, which repeats what is known? */
bool replay_in_key(const struct replay *r);

/*
 * Feed a key frame before the place and then what follows it, until fn returns other than 0 or the
 * stream ends. *ret_changes counts the changes made until the key frame, before the first
 * call of fn. Results as replay_run().
 */
int replay_run_to(struct replay *r, const struct replay_place *place, replay_event_fn *fn,
		  void *ctx, uint64_t *ret_changes);

#endif
