/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recording FILE NR_CHANGES: writes a recording of that many changes as fast as can be,
 * by eight processes of a thousand mappings each, and says how long it took. What reads
 * large recordings is measured with it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pipeline.h"
#include "sink/record/record_sink.h"
#include "util/clock.h"
#include "wire.h"

#define NR_PROCS    8
#define NR_VMAS	    1000
#define BASE	    0x7f0000000000ULL
#define FLUSH_EVERY 256

static struct vma_seen seen[NR_VMAS];
static bool is_on[NR_PROCS][NR_VMAS];

static void seed(struct pipeline *pl, struct object_table *objects, uint64_t start_ns)
{
	struct event ev = { .type = EVENT_RANGE, .has_range = true, .hi = MPW_TASK_MAX };
	uint32_t i;

	for (i = 0; i < NR_VMAS; i++)
		seen[i] = (struct vma_seen){
			.start = BASE + 2 * i * page_bytes,
			.end = BASE + (2 * i + 1) * page_bytes,
			.attr = { .flags = VMA_MAPPED | VMA_R,
				  .obj = object_simple(objects, OBJECT_ANON) },
		};
	ev.seen = seen;
	ev.nr_seen = NR_VMAS;
	strcpy(ev.comm, "bench");
	for (i = 1; i <= NR_PROCS; i++) {
		ev.ts_ns = start_ns;
		ev.start_ns = 1000000000 + i;
		ev.pid = ev.tid = ev.mm = 1000 + i;
		pipeline_feed(pl, &ev);
	}
}

/* The n-th call: it changes what the process has there, for the kernel said so. */
static int call(struct pipeline *pl, uint64_t n, uint64_t ts_ns, const struct object *anon)
{
	unsigned int p = n / 64 % NR_PROCS, v = n * 7919 % NR_VMAS;
	uint64_t addr = BASE + 2 * v * page_bytes, prot = (is_on[p][v] ^= true) ? 3 : 1;
	uint32_t pid = 1001 + p;
	struct vma_seen s = { addr,
			      addr + page_bytes,
			      { .flags = VMA_MAPPED | prot, .obj = anon } };
	struct event ev = {
		.type = EVENT_CALL,
		.ts_ns = ts_ns,
		.mm = pid,
		.pid = pid,
		.tid = pid,
		.comm = "bench",
		.has_range = true,
		.lo = addr,
		.hi = addr + page_bytes,
		.seen = &s,
		.nr_seen = 1,
		.call = { .id = MPW_CALL_MPROTECT,
			  .arg = { addr, page_bytes, prot },
			  .ip = 0x7f1000000000 + n % 16 },
	};

	return pipeline_feed(pl, &ev);
}

int main(int argc, char **argv)
{
	struct object_table *objects = object_table_new();
	struct pipeline *pl = pipeline_new(objects);
	struct run_info run = { .what = "bench", .tier = "truth", .start_ns = 1000000000 };
	struct record_config cfg = { .force = true, .arguments = "", .run = &run, .pipeline = pl };
	uint64_t n, nr = argc > 2 ? strtoull(argv[2], NULL, 0) : 0,
		    start = clock_ns(CLOCK_MONOTONIC);
	struct totals totals;
	struct sink sink;

	cfg.path = argc > 1 ? argv[1] : "";
	run.boot_to_wall_ns = clock_ns(CLOCK_REALTIME) - run.start_ns;
	if (!nr || record_sink_new(&cfg, &sink))
		return 1;
	pipeline_add_sink(pl, sink);
	seed(pl, objects, run.start_ns);
	for (n = 0; n < nr; n++) {
		if (call(pl, n, run.start_ns + 1000 * n, object_simple(objects, OBJECT_ANON)) ||
		    (n % FLUSH_EVERY == 0 && pipeline_flush(pl)))
			return 1;
	}
	if (pipeline_finish(pl, run.start_ns + 1000 * n, &totals))
		return 1;
	pipeline_free(pl);
	object_table_free(objects);
	printf("%.2f\n", (clock_ns(CLOCK_MONOTONIC) - start) / 1e9);
	return totals.changes != nr;
}
