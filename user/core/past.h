/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What detectors need to know of an address space that its mirror no longer
 * shows: what ranges were since they were mapped, and since when they are
 * writable. In bounded memory: changes past PAST_MARKS ranges are not remembered,
 * and counted; times are remembered of the last PAST_WRITABLE ranges.
 */
#ifndef CORE_PAST_H
#define CORE_PAST_H

#include "core/aspace.h"
#include "core/change.h"

#define PAST_MARKS    4096
#define PAST_WRITABLE 32

/* Of a range that is mapped, but for PAST_TEXT_GONE. */
enum past_mark {
	PAST_W = 1 << 9, /* was writable; it may be still. Above enum vma_flags */
	PAST_X = 1 << 10,
	PAST_RELRO = 1 << 11,	  /* its module made it read-only after writing to it */
	PAST_STACK = 1 << 12,	  /* mapped as a stack (MAP_STACK) */
	PAST_GUARD = 1 << 13,	  /* of a stack, and never accessible yet */
	PAST_TEXT_GONE = 1 << 14, /* unmapped, or mapped over since: was text of a file */
};

struct past {
	struct aspace *marks;
	struct {
		uint64_t start, end, ts_ns;
	} writable[PAST_WRITABLE];	   /* became so */
	uint64_t begun_ns;		   /* exec, or when the process started; 0: not known */
	const struct object *exe, *loader; /* as exec mapped them; NULL: not known, or none */
	uint8_t nr_stacks;		   /* mapped as such, modulo 256 */
	uint64_t nr_dropped;		   /* changes that found no room */
};

struct past *past_new(void);
struct past *past_clone(const struct past *p);
void past_free(struct past *p);

/* All marks that any part of the range has; in *ret_all (may be NULL) those that every part has. */
unsigned int past_marks(const struct past *p, uint64_t start, uint64_t end, unsigned int *ret_all);
/* Were both addresses mapped as a part of one stack? */
bool past_same_stack(const struct past *p, uint64_t a, uint64_t b);
/* When it last became writable; 0: not remembered. */
uint64_t past_writable_since(const struct past *p, uint64_t start, uint64_t end);
/* Is it the dynamic loader, as exec mapped it? By its name if no exec was seen that did. */
bool past_is_loader(const struct past *p, const struct object *module);

/* Take a change in, after it has been judged; turns are those of detector.h, marks its range's. */
void past_change(struct past *p, const struct change *ch, unsigned int turns, unsigned int marks,
		 unsigned int marks_all);

#endif
