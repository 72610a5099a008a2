/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of the judge: its structures, and the turns of a change. */
#ifndef CORE_JUDGE_PRIVATE_H
#define CORE_JUDGE_PRIVATE_H

#include "core/judge.h"

#define DETECTORS_MAX 32
#define PENDING_MAX   32

/* The judge's side of one address space. */
struct suspect {
	struct mm *mm;
	struct past *past;
	struct finding **findings; /* by id */
	size_t nr_findings;
	struct finding *last; /* the one that got the latest change */
	bool exec_is_due;     /* set from an exec that came without its mappings to the snapshot */
	struct suspect *prev, *next;
	char state[] __attribute__((aligned(8))); /* of all detectors */
};

struct judge {
	const struct detector *const *detectors; /* borrowed */
	unsigned int nr_detectors;
	struct rules *rules; /* borrowed */
	size_t state_at[DETECTORS_MAX], state_bytes;
	void *global[DETECTORS_MAX];
	unsigned int turns; /* those of all detectors */
	finding_fn *fn;
	void *ctx;
	int err;
	struct suspect *suspects;
	struct finding *pending[PENDING_MAX];
	unsigned int nr_pending;
	uint64_t nr_findings, nr_events;
	struct verdicts verdicts;
};

/*
 * The turns (enum turn) of a change. at_exec: what a snapshot finds was mapped by an exec, or
 * since.
 */
unsigned int turns_of(const struct change *ch, bool at_exec);

#endif
