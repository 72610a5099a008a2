/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract of a detector. The judge (judge.h) calls it for those changes that
 * make one of the turns it asks for, and for failed calls; it raises findings.
 * Its state, per address space and for all, is plain memory that starts as zero:
 * given the same events, it gives the same findings for ever.
 */
#ifndef CORE_DETECTOR_H
#define CORE_DETECTOR_H

#include "core/finding.h"
#include "core/past.h"
#include "core/rules.h"

/* How a change turns the rights of its range. */
enum turn {
	TURN_MAPS = 1 << 0, /* a mapping that was not there: over nothing, or over another */
	TURN_GETS_X = 1 << 1,
	TURN_GETS_W = 1 << 2,
	TURN_GETS_WX = 1 << 3, /* has both at once, and had not */
	TURN_LOSES_X = 1 << 4, /* also by being unmapped, or mapped over */
	TURN_OPENS = 1 << 5,   /* a mapping without any right gets one */
	TURN_LEAVES = 1 << 6,  /* a mapping is not there any more: unmapped, or mapped over */
	TURN_SEEN = 1 << 7,    /* found by a snapshot: what it was before is not known */
	TURN_CHANGES = 1 << 8, /* any change but those of TURN_SEEN */
	TURN_TAKES = 1 << 9,   /* a right is taken away, where the mapping stays */
};

struct judge;
struct detector;

/* One change or event as a detector sees it. */
struct view {
	struct judge *judge;
	const struct detector *detector;
	const struct event *ev;
	const struct proc *proc;
	const struct change *ch; /* for failed calls: what was asked for, before equal to after */
	struct past *past;
	unsigned int turns; /* enum turn */
	unsigned int marks; /* enum past_mark, of any part of the range */
	bool taken;	    /* is part of a verdict on the whole process: no finding of its own */
	const struct thresholds *thresholds;
	void *state;  /* of this address space */
	void *global; /* of the detector */
};

/* How long before the event was that? 0 if it came after it: a recording can say anything. */
static inline uint64_t view_since(const struct view *v, uint64_t ts_ns)
{
	return v->ev->ts_ns > ts_ns ? v->ev->ts_ns - ts_ns : 0;
}

struct detector {
	const char *name;
	const struct rule *rules; /* ends with an all-NULL one */
	unsigned int turns;	  /* which changes it is asked about; enum turn */
	size_t state_bytes, global_bytes;
	void (*change)(struct view *v);
	void (*failed)(struct view *v);
	void (*fault)(struct view *v); /* a SIGSEGV, as a change of the page that changes nothing */
	/* A new address space is a copy of another, its state too (v's is the copy's). */
	void (*forked)(struct view *v);
	/* The address space is gone: unlink its state from the global one. v->ch is NULL. */
	void (*gone)(struct view *v);
};

/* What becomes one finding. */
enum fold {
	FOLD_REGION,  /* changes of the same range, or of ranges that touch */
	FOLD_PROCESS, /* all changes of an address space */
};

/*
 * The change met a rule. NULL: it is counted in a finding that was told, or is not wanted.
 * Else put the sentence into why, which is empty.
 */
struct finding *view_raise(struct view *v, const struct rule *rule, enum severity severity,
			   enum fold fold);
/* Does the user want nothing of the rule? Then others may not rely on it. */
bool view_is_off(const struct view *v, const struct rule *rule);

/* Is the caller known, and code of no file? */
bool view_called_by_stray(const struct view *v);
/* Is it a stack: the main one, one that grows down, or one mapped as such (MAP_STACK)? */
bool view_is_stack(const struct view *v);
/* Was the call made by the dynamic loader? */
bool view_called_by_loader(const struct view *v);

/* For sentences: "64K of [anon]", " by libfoo.so+0x123", "rw-". */
void why_range(struct buf *why, const struct change *ch);
void why_caller(struct buf *why, const struct change *ch);
void why_name(struct buf *why, const struct object *obj);
void why_prot(struct buf *why, const struct attr *a);
void why_comm(struct buf *why, const char comm[17]);

#endif
