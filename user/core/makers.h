/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who made what is mapped: a range for each mapping as it was made, however the kernel joins them,
 * cut where a later call changed a part. It is kept beside a mirror where an output asks for it
 * (pipeline_keep_makers()). Memory is bounded: what finds no room is not remembered, and counted.
 */
#ifndef CORE_MAKERS_H
#define CORE_MAKERS_H

#include <bsd/sys/tree.h>
#include <uthash.h>

#include "core/change.h"

#define MAKER_RANGES_MAX 131072 /* of one address space */
#define MAKER_TOTAL_MAX	 524288 /* of all: some 50 MB */
#define MAKERS_MAX	 65536

#define MAKER_FRAMES	    3 /* functions of a stack that tell makers apart, behind the library's */
#define MAKER_FUNCTIONS_MAX 192

/* Code that makes or changes mappings: equal pointers are one place. Owned by the maker table. */
struct maker {
	struct {
		uint8_t type; /* enum event_type */
		uint8_t call; /* enum mpw_call, of an EVENT_CALL */
		bool is_late; /* set for a snapshot that found what nobody saw come: a record was lost */
		bool is_stack; /* set if the memory was asked for as a stack (MAP_STACK) */
		/* with a stack, the innermost function outside of the library that made the call */
		struct caller caller;
		char functions[MAKER_FUNCTIONS_MAX]; /* of maker_functions() */
	} key;					     /* compared as bytes */
	UT_hash_handle hh;
};

/* A range, as one call made it and, at most, another changed it since. */
struct made {
	uint64_t start, end;
	uint64_t made_ns, changed_ns; /* changed_ns 0: its rights are those that it was made with */
	const struct maker *maker, *changer; /* changer NULL: nobody changed it */
	uint16_t was;			     /* enum vma_flags before the change */
	RB_ENTRY(made) by_start;
};

struct maker_table;
struct makers;

/*
 * "malloc < push < main", escaped, NUL-ended: the innermost functions of s outside of the library that
 * made the call; "" if none is known. Returns the frame of the first; NULL: it is not in s.
 */
const struct frame *maker_functions(const struct stack *s, const struct caller *caller,
				    char ret[MAKER_FUNCTIONS_MAX]);

struct maker_table *maker_table_new(void);
void maker_table_free(struct maker_table *t);
/* Ranges and makers that found no room. */
uint64_t maker_table_dropped(const struct maker_table *t);

/* Take over a change of an address space, whose makers are *m; NULL: none are known yet. */
void makers_change(struct makers **m, struct maker_table *t, const struct change *ch);
/* A copy for a forked child: m itself, until either changes. */
struct makers *makers_share(struct makers *m);
void makers_put(struct makers *m); /* NULL: nothing happens */
/* The range that holds addr, or the first above; NULL if there is none, or m is NULL. */
const struct made *makers_find(const struct makers *m, uint64_t addr);

#endif
