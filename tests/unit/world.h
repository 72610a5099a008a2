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

#include "core/cast.h"
#include "core/pipeline.h"
#include "sink/timeline/timeline_sink.h"

#define LIB	 0x7f2100000000ULL
#define JIT	 0x7f3200000000ULL
#define HEAP	 0x55d0c0000000ULL
#define PAGES(n) ((n)*page_bytes)
#define MS	 1000000ULL
#define R	 VMA_R
#define RW	 (VMA_R | VMA_W)
#define RX	 (VMA_R | VMA_X)

extern const struct object node, libc, bash, hostile, anon, v8, heap;

/* A process as the events of it say: it is known to the pipeline from its first one on. */
struct task {
	uint32_t pid;
	uint64_t mm; /* key of its address space */
	uint64_t start_ns;
	char comm[17];
};

/* A run by hand: events go through a pipeline to the timeline. */
struct world {
	struct run_info run;
	struct timeline_config cfg;
	struct out out;
	struct object_table *objects;
	struct pipeline *pl;
	struct sink sink;
	uint64_t now, last_mm;
	FILE *file;
	char *page;
};

void world_init(struct world *w, int width);
void world_start(struct world *w);
void world_done(struct world *w);
const char *finish(struct world *w);
struct task task_new(struct world *w, uint32_t pid, const char *comm);
/* One call that has one effect. obj NULL: unmapped. */
void call(struct world *w, const struct task *t, uint64_t start, uint64_t nr_pages,
	  const struct object *obj, uint16_t prot);
/* A process of that pid and name writes into t's memory. */
void wrote(struct world *w, const struct task *t, uint64_t addr, uint32_t pid, const char *comm);
void refused(struct world *w, const struct task *t);
/* The task runs node, as a snapshot finds it. */
void attach(struct world *w, const struct task *t);
/* Records were lost; t NULL: anybody's. */
void lose(struct world *w, const struct task *t, uint64_t nr);
/* A snapshot finds what the mirror has. */
void heal(struct world *w, const struct task *t);
void exec(struct world *w, struct task *t, const struct object *exe, const char *comm);
struct task fork_from(struct world *w, const struct task *parent, uint32_t pid, bool shared);
void leave(struct world *w, const struct task *t, uint32_t code);
void toggle_jit(struct world *w, const struct task *t, unsigned int n, uint64_t every_ns);
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
