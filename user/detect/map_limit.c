/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * map-limit: calls fail with ENOMEM in a process that has almost as many mappings as it may. The
 * mirror joins mappings that the kernel keeps apart, so "almost" is nine tenths.
 */
#include "core/refusal.h"
#include "detect/detectors.h"
#include "util/fmt.h"

#include <errno.h>

static const struct rule rules[] = { { .id = "map-limit", .technique = NULL }, { 0 } };

/* True if the call failed as it does at the limit, or because of it for all that is known. */
static bool can_be_limit(const struct view *v)
{
	const struct event_call *c = &v->ev->call;
	struct refusal r;

	if (!call_is_refused(c) && c->ret != -ENOMEM &&
	    !(c->ret == -EAGAIN && c->id == MPW_CALL_MADVISE))
		return false;
	refusal_find(v->proc->mm, v->ev, &r);
	if (facts_have(&v->ev->facts, MPW_FACT_CONDITIONS))
		return r.nr && r.cause[0].id == REFUSAL_MAP_COUNT;
	return !r.nr || r.cause[r.nr - 1].id == REFUSAL_MEMORY;
}

static void failed(struct view *v)
{
	const struct facts *facts = &v->ev->facts;
	uint64_t nr = aspace_nr_vmas(v->proc->mm->as), max = v->thresholds->max_map_count;
	struct finding *f;

	/* The kernel's own count, in which splits without a change of rights are, too. */
	if (facts_have(facts, MPW_FACT_MAP_COUNT))
		nr = facts->value[MPW_FACT_MAP_COUNT].number;
	if (!can_be_limit(v) || nr < max - max / 10)
		return;
	f = view_raise(v, rules, SEVERITY_MEDIUM, FOLD_PROCESS);
	if (!f)
		return;
	buf_puts(&f->why, call_name(v->ev->call.id));
	buf_puts(&f->why, call_is_refused(&v->ev->call) ? " was refused: the process has " :
							  " failed with ENOMEM: the process has ");
	fmt_count(&f->why, nr, "mapping");
	buf_puts(&f->why, ", and vm.max_map_count allows ");
	buf_dec(&f->why, max);
}

const struct detector detector_map_limit = {
	.name = "map-limit",
	.rules = rules,
	.failed = failed,
};
