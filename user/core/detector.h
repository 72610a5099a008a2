/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract of a detector. The judge (judge.h) calls a detector for changes that
 * make one of the turns in its table, and for failed calls; the detector raises
 * findings. A detector's state, for each address space and for all, is plain memory
 * that starts as zero: the same events give the same findings for ever.
 */
#ifndef CORE_DETECTOR_H
#define CORE_DETECTOR_H

#include "core/finding.h"
#include "core/past.h"
#include "core/rules.h"

/* The ways in which a change turns the rights of its range. */
enum turn {
	TURN_MAPS = 1 << 0, /* a mapping that was not there: over nothing, or over another */
	TURN_GETS_X = 1 << 1,
	TURN_GETS_W = 1 << 2,
	TURN_GETS_WX = 1 << 3, /* W and X at once, which the range had not before */
	TURN_LOSES_X = 1 << 4, /* also by being unmapped, or mapped over */
	TURN_OPENS = 1 << 5,   /* a mapping without any right gets one */
	TURN_LEAVES = 1 << 6,  /* a mapping is there no longer: unmapped, or mapped over */
	TURN_SEEN = 1 << 7,    /* found by a snapshot: how it came there is not known */
	TURN_CHANGES = 1 << 8, /* any change but those of TURN_SEEN */
	TURN_TAKES = 1 << 9,   /* a mapping that stays loses a right, or does so for all we know */
};

struct judge;
struct detector;

/* One change or event as a detector sees it. */
struct view {
	struct judge *judge;
	const struct detector *detector;
	const struct event *ev;
	const struct proc *proc;
	const struct change *ch; /* of a failed call: the range it named, before equal to after */
	struct past *past;
	unsigned int turns; /* enum turn */
	unsigned int marks; /* enum past_mark, of any part of the range */
	bool taken;	    /* set when a finding on the whole process covers the change */
	bool is_late; /* set when a snapshot shows what happened before: by whom is not known */
	uint64_t event_nr; /* counts events: pieces of one call have one number */
	const struct thresholds *thresholds;
	void *state;  /* of this address space */
	void *global; /* of the detector */
};

/* Nanoseconds from ts_ns to the event; 0 if ts_ns is later: a recording can hold any time. */
static inline uint64_t view_since(const struct view *v, uint64_t ts_ns)
{
	return v->ev->ts_ns > ts_ns ? v->ev->ts_ns - ts_ns : 0;
}

struct detector {
	const char *name;
	const struct rule *rules; /* end with an all-NULL one */
	unsigned int turns;	  /* enum turn: changes with one of these come to change() */
	size_t state_bytes, global_bytes;
	void (*change)(struct view *v);
	void (*failed)(struct view *v);
	void (*fault)(struct view *v); /* v->ch is its page, if any, before equal to after */
	void (*write)(struct view *v); /* EVENT_WRITE: v->ch is its range, before equal to after */
	void (*ended)(struct view *v); /* EVENT_EXIT: v->ch has no range */
	/* A new address space and its state are copies of the parent's; v->state is the copy. */
	void (*forked)(struct view *v);
	/* The address space is gone: unlink its state from the global one. v->ch is NULL. */
	void (*gone)(struct view *v);
	/* Hold the objects of the state, and of the global one (object.h); v->ch is NULL. */
	void (*hold)(struct view *v);
	void (*hold_global)(void *global);
	/* All address spaces are gone: free what the global state points to. */
	void (*done)(void *global);
};

/*
 * Raise a finding: the change met a rule. Returns the finding, borrowed: the detector writes the
 * sentence into its why, which is empty. NULL if the change was counted in a reported finding, or
 * the user does not want it.
 */
struct finding *view_raise(struct view *v, const struct rule *rule, enum severity severity,
			   enum fold fold);
/* True if the user turned the rule off: other rules may not rely on its findings. */
bool view_is_off(const struct view *v, const struct rule *rule);

/* A change that would meet the rule is counted in jit-like: say so in the finding of its region. */
void view_count_elsewhere(struct view *v, const struct rule *rule);

/* True if the caller is known, and is code of no file. */
bool view_called_by_stray(const struct view *v);
/* True for a stack: the main one, one that grows down, or one mapped as such (MAP_STACK). */
bool view_is_stack(const struct view *v);
/* True for the main stack, also for a part of it that has grown unseen. */
bool view_is_main_stack(const struct view *v);
/* True for [heap], and for what was moved away from it. */
bool view_is_heap(const struct view *v);
/* True for data of a module: of its file, or its .bss. */
bool view_is_data(const struct view *v);
/* True if the dynamic loader made the call, for a module that it works on. */
bool view_called_by_loader(const struct view *v);
/* True if the dynamic loader made the call, and has just mapped a module. */
bool view_is_loading(const struct view *v);
/*
 * True if code of the module that obj is made the call. libc and the loader have the instruction
 * that makes everybody's calls, and never do such a thing to themselves.
 */
bool view_called_by_itself(const struct view *v, const struct object *obj);
/* True if exec mapped it, for all we know: a snapshot may have found it after that. */
bool view_is_by_exec(const struct view *v);
/* True if READ_IMPLIES_EXEC gave the right to execute, and exec had turned it on. */
bool view_is_implied(const struct view *v);
/* True if all calls of the address space since its exec were seen. */
bool view_is_whole(const struct view *v);

/* For sentences: "64K of [anon]", " by libfoo.so+0x123", "rw-". */
void why_range(struct buf *why, const struct change *ch);
void why_caller(struct buf *why, const struct change *ch);
/* The code, behind the word; nothing if it is not known. */
void why_code(struct buf *why, const char *word, const struct caller *c);
void why_name(struct buf *why, const struct object *obj);
void why_prot(struct buf *why, const struct attr *a);
/* " (rw- -> r-x)" */
void why_rights(struct buf *why, const struct change *ch);
/* ", because READ_IMPLIES_EXEC …", if that gave the right to execute. */
void why_implied(struct buf *why, const struct view *v);
void why_comm(struct buf *why, const char comm[17]);

#endif
