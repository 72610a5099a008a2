/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract of a source: the outside world as one stream of events. Readers see no difference
 * between the running kernel, a recording and a scan of /proc.
 *
 * An event, with the strings and arrays in it, is valid until the reader's event() returns. Events
 * come in the order of the stream, one at a time, and only from within feed, drain, snapshot and
 * check; event() calls none of these. When event() returns other than 0, the source feeds nothing
 * more, and returns that value.
 */
#ifndef CORE_SOURCE_H
#define CORE_SOURCE_H

#include "core/event.h"

struct id_list;
struct proc;
struct run_info;

/* The receiver of events. */
struct source_reader {
	int (*event)(void *ctx, const struct event *ev);
	/* The process as all events so far left it; NULL: not known. */
	const struct proc *(*find)(void *ctx, uint32_t pid);
	void *ctx;
};

enum source_state {
	SOURCE_RESTS, /* all waiting events were fed */
	SOURCE_HAS_MORE,
	SOURCE_ENDED, /* the next feed begins anew */
};

/*
 * Callbacks return 0 or more, or -errno, which may be the reader's. fd, drain, snapshot, share
 * and check are NULL for a source that always has something to feed until its end.
 */
struct source_ops {
	/* Fills in all that the source knows, and the rest with zeros; the strings are borrowed. */
	void (*info)(const void *priv, struct run_info *ret);
	/* Feed a bounded number of events. An enum source_state. */
	int (*feed)(void *priv, const struct source_reader *to);
	/* The part that was fed, and the total, in a unit of the source; NULL: it can't say. */
	void (*progress)(void *priv, uint64_t *ret_done, uint64_t *ret_total);
	/* A file descriptor, readable when events wait, but maybe late: also feed now and then. */
	int (*fd)(const void *priv);
	/* Feed all waiting events and all losses so far; to be called before a run ends. */
	int (*drain)(void *priv, const struct source_reader *to);
	/*
	 * Feed pid's whole address space as EVENT_RANGE, after other waiting events. -ESRCH if the
	 * process is gone, -ENOENT if it has no memory (a kernel thread, a zombie).
	 */
	int (*snapshot)(void *priv, uint32_t pid, const struct source_reader *to);
	/*
	 * From now on feed the calls of those, too, who share memory with one of these processes
	 * already, and list them in *ret; wanted NULL: all are fed. To be called before the first
	 * snapshot. -EAGAIN: there may be more of them than were found.
	 */
	int (*share)(void *priv, const struct id_list *wanted, struct id_list *ret);
	/*
	 * Feed an EVENT_RANGE with check set, read while the address space did not change. -EAGAIN
	 * if it kept changing; other errors as of snapshot.
	 */
	int (*check)(void *priv, uint32_t pid, const struct source_reader *to);
	/* Names that nobody holds are about to be freed: forget objects that are not held (object.h). */
	void (*forget)(void *priv);
	void (*close)(void *priv);
};

struct source {
	const struct source_ops *ops; /* NULL: none */
	void *priv;
};

#endif
