/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events that fuzz targets decoded go through a pipeline with all detectors and every kind of
 * output, into the void. After each event the mirrors' invariants must hold.
 */
#ifndef TESTS_FUZZ_SHOW_H
#define TESTS_FUZZ_SHOW_H

#include "core/event.h"
#include "core/object.h"
#include "core/rules.h"
#include "core/sink.h"
#include "util/out.h"

#define SHOW_OUTS  7
#define SHOW_PAIRS 3 /* that take turns to be the last two: they take longer */

struct pipeline;

struct show {
	struct object_table *objects;
	struct pipeline *pl;
	struct rules rules;
	struct run_info run;
	struct out out[SHOW_OUTS];
	bool is_binary; /* the last of them */
	uint64_t end_ns;
};

/* The entry point that libFuzzer calls, here and in each target. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The length of the input says which of the slower outputs there are, if any. */
void show_init(struct show *s, size_t len);
/* Apply ev, and look at the mirrors that it touched. Always 0. */
int show_feed(struct show *s, const struct event *ev);
/* Ends the stream, looks at what was printed, and frees all. */
void show_done(struct show *s);

/* As aspace.h promises: mappings in order, apart, none empty, none that continues the one before. */
void show_check_mirror(const struct aspace *as);

#endif
