/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A count walks over all processes, so one is made only when the additions since the last could be
 * too much. Then at least an eighth must be free, or the next count would come too soon.
 */
#include "core/weight.h"

#include <stdlib.h>

#include "core/judge.h"
#include "core/past.h"
#include "core/proctab.h"
#include "util/mem.h"

#define PROC_RANGES 96 /* a process without any mapping: some 7 KB, mostly detectors' state */
#define RANGE_BYTES 80 /* size of a mirror's range, to weigh the words of facts */
#define ROOM_NS	    1000000000ULL
#define NO_USER	    UINT64_MAX /* of processes whose user is not known */

static size_t nr_of(const struct aspace *as)
{
	return as ? aspace_nr_vmas(as) : 0;
}

size_t weight_of(const struct mm *mm)
{
	return nr_of(mm->as) + nr_of(mm->stale) + nr_of(mm->copies) + nr_of(mm->hidden) +
	       judge_nr_marks(mm);
}

/* Each process has its part of a shared address space. */
static size_t weight_of_proc(const struct proc *p)
{
	return PROC_RANGES + weight_of(p->mm) / p->mm->nr_users +
	       facts_bytes(&p->facts) / RANGE_BYTES;
}

static size_t count(const struct proctab *procs)
{
	const struct proc *p;
	size_t n = 0;

	for (p = proctab_next(procs, NULL); p; p = proctab_next(procs, p))
		n += weight_of_proc(p);
	return n;
}

static size_t room_of(const struct weight *w)
{
	return w->max - w->max / 8;
}

bool weight_is_over(struct weight *w, const struct event *ev, unsigned int nr_changes,
		    struct proctab *procs)
{
	const struct proc *child;

	w->at_most += PROC_RANGES + 2 * (ev->nr_seen + nr_changes);
	if (ev->type == EVENT_FORK) {
		child = proctab_find(procs, ev->child.pid);
		w->at_most += PAST_MARKS + (child ? weight_of(child->mm) : 0);
	}
	if (ev->facts.has)
		w->at_most += facts_bytes(&ev->facts) / RANGE_BYTES + 1;
	if (w->at_most < w->max)
		return false;
	w->at_most = count(procs);
	return w->at_most >= room_of(w);
}

bool weight_has_room(struct weight *w, const struct proctab *procs, size_t nr, uint64_t now_ns)
{
	if (!w->counted_ns || now_ns - w->counted_ns >= ROOM_NS) {
		w->counted = count(procs);
		w->counted_ns = now_ns;
	}
	if (w->counted + nr > room_of(w) - w->max / 8)
		return false;
	w->counted += nr;
	return true;
}

/* ---- who pays ---- */

/* A process, and what it weighs. */
struct burden {
	struct proc *proc;
	uint64_t uid;
	size_t nr, order;
};

/* A user's processes, from the heaviest that has not paid. */
struct debtor {
	struct burden *next, *end;
	size_t nr; /* of all that have not paid */
};

/* By user, then the heaviest; of equal ones the youngest, a copy, comes first. */
static int compare_burdens(const void *va, const void *vb)
{
	const struct burden *a = va, *b = vb;

	if (a->uid != b->uid)
		return a->uid < b->uid ? -1 : 1;
	if (a->nr != b->nr)
		return a->nr > b->nr ? -1 : 1;
	return a->order > b->order ? -1 : 1;
}

static struct burden *list_burdens(struct proctab *procs, size_t *ret_nr)
{
	struct burden *all = NULL;
	size_t nr = 0;
	struct proc *p;

	for (p = proctab_next(procs, NULL); p; p = proctab_next(procs, p))
		nr++;
	all = mem_grow(NULL, nr, sizeof(*all));
	for (nr = 0, p = proctab_next(procs, NULL); p; p = proctab_next(procs, p), nr++)
		all[nr] = (struct burden){ .proc = p,
					   .uid = facts_have(&p->facts, MPW_FACT_UID) ?
							  facts_number(&p->facts, MPW_FACT_UID) :
							  NO_USER,
					   .nr = weight_of_proc(p),
					   .order = nr };
	qsort(all, nr, sizeof(*all), compare_burdens);
	*ret_nr = nr;
	return all;
}

/* A debtor for each run of equal users. */
static struct debtor *list_debtors(struct burden *all, size_t nr, size_t *ret_nr)
{
	struct debtor *users = mem_grow(NULL, nr, sizeof(*users));
	size_t i, nr_users = 0;

	for (i = 0; i < nr; i++) {
		if (!i || all[i].uid != all[i - 1].uid)
			users[nr_users++] = (struct debtor){ .next = &all[i] };
		users[nr_users - 1].end = &all[i + 1];
		users[nr_users - 1].nr += all[i].nr;
	}
	*ret_nr = nr_users;
	return users;
}

static struct debtor *heaviest(struct debtor *users, size_t nr)
{
	struct debtor *best = users;
	size_t i;

	for (i = 1; i < nr; i++)
		if (users[i].nr > best->nr)
			best = &users[i];
	return best;
}

void weight_make_room(struct weight *w, struct proctab *procs, weight_give_fn *give, void *ctx)
{
	size_t nr, nr_users, total = count(procs);
	struct burden *all = list_burdens(procs, &nr);
	struct debtor *users = list_debtors(all, nr, &nr_users), *u;

	while (total >= room_of(w)) {
		u = heaviest(users, nr_users);
		if (u->next == u->end)
			break;
		if (2 * weight_of_proc(u->next->proc) > u->next->nr) /* no sharer has paid */
			give(ctx, u->next->proc);
		total -= u->next->nr;
		u->nr -= u->next->nr;
		u->next++;
	}
	free(users);
	free(all);
	w->at_most = count(procs);
}
