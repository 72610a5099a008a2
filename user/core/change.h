/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A change: the range [start, end) became something else, because of an event.
 * All that sinks and detectors see of address spaces.
 */
#ifndef CORE_CHANGE_H
#define CORE_CHANGE_H

#include "core/event.h"
#include "core/proc.h"

/* Who made the call: module and offset where the mirror knows them. */
struct caller {
	uint64_t addr;		  /* 0: not known */
	const struct object *obj; /* NULL: addr is in no known mapping */
	uint64_t off;		  /* of addr in obj, bytes; from the mapping's start if anonymous */
};

/*
 * The word at the stack pointer is the return address of the function that made the call if that
 * pushed no frame, as libc's do; else the call's own place is the best that is known. So it is if
 * that is code of no file, which need not have been called.
 */
struct caller caller_of(const struct aspace *as, const struct event *ev);
/* The same, taking it that code of a file made the call: one look-up less. */
struct caller caller_of_libc(const struct aspace *as, const struct event *ev);

/* The code at ip itself. */
struct caller caller_at(const struct aspace *as, uint64_t ip);

/* Borrowed for the callback. */
struct change {
	const struct event *ev;
	const struct proc *proc;
	uint64_t start, end;
	struct attr before, after;
	struct caller caller;
	bool differs;	 /* found by a check: the mirror was wrong */
	uint64_t number; /* among all of the stream that are news, from 1; 0: it is none */
};

/* Does it tell more than that a snapshot found nothing mapped where nothing was known? */
static inline bool change_is_counted(const struct change *ch)
{
	return ch->ev->type == EVENT_CALL || !attr_is_unknown(&ch->before) ||
	       attr_is_mapped(&ch->after);
}

#endif
