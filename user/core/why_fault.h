/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a thread got a signal: parts of the sentence of the detector of faults. */
#ifndef CORE_WHY_FAULT_H
#define CORE_WHY_FAULT_H

#include "core/detector.h"
#include "core/trail.h"

/* A fault as it was when it came: it may be explained later, when the process ends by it. */
struct fault_seen {
	struct event_fault f;
	uint64_t ts_ns;
	uint32_t tid;
	int sig;
	uint64_t sp;	    /* stack pointer; 0: not known */
	uint64_t bad;	    /* what a register held that is no address; 0: nothing */
	uint64_t stack_max; /* RLIMIT_STACK; 0: not known */
	bool has_file;	    /* set when file_bytes and fs_magic are known */
	bool has_room;	    /* set when fs_room is known */
	uint64_t file_bytes, fs_magic, fs_room; /* see struct mpw_fault_rec */
	struct attr at;				/* what was mapped at the address */
	struct caller by, called_by;		/* called_by.obj NULL: not known */
	uint64_t step;				/* number of the last step of the trail before it */
	char comm[17];				/* of the thread */
};

/* The fault of v's event. */
void fault_see(const struct view *v, const struct trail *t, struct fault_seen *ret);
/* True if the memory allows the access now. */
bool fault_is_mended(const struct view *v, const struct fault_seen *s);

/* "write to 7f00 in [anon] (r--) by app+0x123, called by app+0x456" */
void why_access(struct buf *why, const struct fault_seen *s);
/* "made r-- (rw- before) 28 us before by app+0x123" */
void why_fault(struct buf *why, const struct view *v, const struct trail *t,
	       const struct fault_seen *s);

#endif
