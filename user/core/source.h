/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract of a source: the outside world as one stream of events. The running kernel, a
 * recording and a scan of /proc differ in how they keep it, and in nothing that a reader sees.
 *
 * An event, with the strings and arrays that it points to, is valid until the reader's event()
 * returns: who wants it for longer copies it. Events come in the order of the stream, one at a
 * time, and from within feed, drain, snapshot and check only; event() calls none of these. When it
 * returns other than 0 the source feeds nothing more, and returns that.
 */
#ifndef CORE_SOURCE_H
#define CORE_SOURCE_H

#include "core/event.h"

struct proc;
struct run_info;

/* Where events go. */
struct source_reader {
	int (*event)(void *ctx, const struct event *ev);
	/* The process as all events so far left it, or NULL: it is not known. */
	const struct proc *(*find)(void *ctx, uint32_t pid);
	void *ctx;
};

enum source_state {
	SOURCE_RESTS, /* all that waited was fed */
	SOURCE_HAS_MORE,
	SOURCE_ENDED, /* and begins anew with the next feed */
};

/*
 * Callbacks return 0 or more, or -errno, which may be the reader's. Those from fd to check are
 * NULL where a source goes to its end by itself: it always has something to feed until then.
 */
struct source_ops {
	/* Fills in all that the source knows, and the rest with zeros; lends its strings. */
	void (*info)(const void *priv, struct run_info *ret);
	/* Feed a bounded number of events. An enum source_state. */
	int (*feed)(void *priv, const struct source_reader *to);
	/* How much was fed of how much there is, in a unit of its own; NULL: nobody knows. */
	void (*progress)(void *priv, uint64_t *ret_done, uint64_t *ret_total);
	/* Readable when events wait, but maybe late: feed now and then without it, too. */
	int (*fd)(const void *priv);
	/* Feed all that waits now, and losses that would be told of later: before an end. */
	int (*drain)(void *priv, const struct source_reader *to);
	/*
	 * Bring pid's whole address space into the stream, as EVENT_RANGE. Other events that wait
	 * are fed before. -ESRCH if it is gone, -ENOENT if it has no memory (a kernel thread, a
	 * zombie).
	 */
	int (*snapshot)(void *priv, uint32_t pid, const struct source_reader *to);
	/*
	 * Feed an EVENT_RANGE that checks pid's mirror, taken while nothing happens to it. -EAGAIN
	 * if it never kept still; else as snapshot.
	 */
	int (*check)(void *priv, uint32_t pid, const struct source_reader *to);
	void (*close)(void *priv);
};

struct source {
	const struct source_ops *ops; /* NULL: none */
	void *priv;
};

#endif
