/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scope of an output: which changes it shows, by where they were, and from what to what. A
 * mirror and a judge see all changes, whatever is shown.
 */
#ifndef CORE_SCOPE_H
#define CORE_SCOPE_H

#include "core/finding.h"

/* Rights on one side of a change. */
struct scope_side {
	bool is_any; /* set for whatever there is, or nothing */
	bool is_mapped; /* set if there is a mapping, with these of the rights in mask; else there is none */
	uint8_t mask, rights; /* VMA_PROT */
};

/* All zero: all is in it. What was said must all hold. */
struct scope {
	uint64_t lo, hi;     /* a part of [lo, hi); hi 0: anywhere */
	uint64_t min_bytes;  /* of a range */
	const char *mapping; /* glob (util/glob.h) on the name that was or is mapped; NULL: any */
	uint8_t gained, ceased; /* rights, one of which comes or goes; 0 and 0: any, or none */
	bool has_turn;		/* set when from and to are asked for */
	struct scope_side from, to;
};

/* True if anything is asked for. */
bool scope_is_some(const struct scope *s);
/* True if changes of rights are asked for. */
bool scope_asks_rights(const struct scope *s);

/* "x", "+x", "-w,+x": rights that come or go, that come, that go. 0, or -EINVAL. */
int scope_parse_rights(struct scope *s, const char *text);
/* "rw-:r-x", "rw-->r-x", ":?wx", "r-x:": empty for what is not mapped, ? for any right. 0, or -EINVAL. */
int scope_parse_turn(struct scope *s, const char *text);
/* "7f21c0000000", "0x7f21c0000000-0x7f21c0010000", "7f21c0000000+64K". 0, or -EINVAL. */
int scope_parse_range(struct scope *s, const char *text);

bool scope_has_change(const struct scope *s, const struct change *ch);
/*
 * True if an event that is no change is in it: a call in vain, by what it asked for; a fault and a
 * write, by their place; others only where nothing is asked for. Losses always are. A call that ran is
 * what its changes are.
 */
bool scope_has_event(const struct scope *s, const struct event *ev, const struct proc *p);
/* True if a finding has a part in it, as far as its first changes are kept. */
bool scope_has_finding(const struct scope *s, const struct finding *f);
/* True if a part of the range is where addresses are asked for. */
bool scope_has_addr(const struct scope *s, uint64_t start, uint64_t end);
/* True if a mapping is in it, by its place alone: no right of it changes. */
bool scope_has_mapping(const struct scope *s, uint64_t start, uint64_t end,
		       const struct object *obj);

#endif
