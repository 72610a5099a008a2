/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A change: the range [start, end) became something else, because of an event.
 * Sinks and detectors see nothing else of address spaces.
 */
#ifndef CORE_CHANGE_H
#define CORE_CHANGE_H

#include "core/event.h"
#include "core/proc.h"

/* The code that made a call: module and offset where the mirror knows them. */
struct caller {
	uint64_t addr;		  /* 0: not known */
	const struct object *obj; /* NULL: addr is in no known mapping */
	uint64_t off;		  /* offset of addr in obj, bytes; in the mapping if anonymous */
	bool is_copy; /* set when obj put the memory at addr over its own code (copies.h) */
	/* the function, where the event has a stack, as in struct frame; NULL: not known */
	const char *symbol;
	uint64_t symbol_off;
};

/*
 * The caller of the function with the system call. The word at the stack pointer (event_call.link)
 * is its address if the function pushed no frame, as libc's do. The answer is the call's own place
 * (event_call.ip) if the word points to no code, or if that place is code of no file, which need
 * not have been called by anybody.
 */
struct caller caller_of(const struct mm *mm, const struct event *ev);
/* caller_of(), on the assumption that a file's code made the call: one look-up less. */
struct caller caller_of_libc(const struct mm *mm, const struct event *ev);

/* The module and offset of ip itself. */
struct caller caller_at(const struct mm *mm, uint64_t ip);

/* The code that an EVENT_FAULT is of: where it is none, that which jumped there, if that is known. */
struct caller caller_of_fault(const struct mm *mm, const struct event *ev);
/* The code of another module that called the function with the fault; no obj: not known. */
struct caller caller_behind_fault(const struct mm *mm, const struct event *ev);

/* Borrowed for the callback. */
struct change {
	const struct event *ev;
	const struct proc *proc;
	uint64_t start, end;
	struct attr before, after;
	struct caller caller;
	bool differs;	 /* set when a check found that the mirror was wrong */
	uint64_t number; /* among the counted changes of the stream, from 1; 0: not counted */
};

/*
 * True if the caller is obj's own code: the program's, or a library's that called another's function.
 * Where both are one library, others may have called it.
 */
bool caller_is_own(const struct change *ch, const struct object *obj);

/* False if a snapshot found nothing mapped where nothing was known; true for all other changes. */
static inline bool change_is_counted(const struct change *ch)
{
	return ch->ev->type == EVENT_CALL || !attr_is_unknown(&ch->before) ||
	       attr_is_mapped(&ch->after);
}

/*
 * False if nobody knows whether anything was in the range that is unmapped now: its bytes are those
 * of addresses, and not of memory.
 */
static inline bool change_has_size(const struct change *ch)
{
	return attr_is_mapped(&ch->before) || attr_is_mapped(&ch->after);
}

#endif
