/* SPDX-License-Identifier: BSD-2-Clause */
/* A run by hand, for tests of sinks: processes, calls and losses without a kernel. */
#ifndef TESTS_UNIT_WORLD_H
#define TESTS_UNIT_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sink/sinks.h"

#define LIB	 0x7f2100000000ULL
#define JIT	 0x7f3200000000ULL
#define HEAP	 0x55d0c0000000ULL
#define TOP	 (1ULL << 47)
#define PAGES(n) ((n)*PAGE_BYTES)
#define MS	 1000000ULL
#define R	 VMA_R
#define RW	 (VMA_R | VMA_W)
#define RX	 (VMA_R | VMA_X)

extern const struct object node, libc, bash, hostile, anon, v8, heap;

/* A run by hand: the part of the pipeline that the sink sees. */
struct world {
	struct run_info run;
	struct timeline_config cfg;
	struct out out;
	struct sink sink;
	struct event ev;
	struct proc *acting;
	unsigned int nr_changes;
	uint64_t now, last_id;
	struct totals totals;
	FILE *file;
	char *page;
};

void world_init(struct world *w, int width);
void world_start(struct world *w);
void world_done(struct world *w);
const char *finish(struct world *w);
struct proc *proc_new(struct world *w, uint32_t pid, const char *comm, struct mm *mm);
void proc_free(struct proc *p);
void begin(struct world *w, enum event_type type, struct proc *p, struct proc *child);
void end(struct world *w);
/* obj NULL: unmapped. */
void map(struct world *w, uint64_t start, uint64_t nr_pages, const struct object *obj,
	 uint16_t prot);
/* One call that has one effect. */
void call(struct world *w, struct proc *p, uint64_t start, uint64_t nr_pages,
	  const struct object *obj, uint16_t prot);
void attach(struct world *w, struct proc *p);
/* As the pipeline does it: the new address space is there before sinks are told. */
void exec(struct world *w, struct proc *p, const struct object *exe, const char *comm);
struct proc *fork_from(struct world *w, struct proc *parent, uint32_t pid, bool shared);
void leave(struct world *w, struct proc *p, uint32_t code);
void toggle_jit(struct world *w, struct proc *p, unsigned int n, uint64_t every_ns);
unsigned int nr_lines(const char *page);
/* Columns of the widest line; all that these pages print is one column wide. */
unsigned int widest(const char *page);
/* The line that holds needle, copied. */
const char *line_with(const char *page, const char *needle);
/* The columns of the lane whose line holds needle. */
const char *chart_of(const char *page, const char *needle);
void assert_has(const char *page, const char *needle);
void assert_has_not(const char *page, const char *needle);

#endif
