/* SPDX-License-Identifier: BSD-2-Clause */
/* A mirror that was given up may have a few ranges, so that what its process does is shown. */
#include "core/give_up.h"

#include <string.h>

#include "core/judge.h"
#include "core/makers.h"
#include "core/pipeline_private.h"
#include "util/escape.h"
#include "util/fmt.h"

#define REST 4096 /* ranges */

static void drop(struct aspace **as)
{
	aspace_free(*as);
	*as = NULL;
}

/* Nothing is known of mm any more. */
static void empty(struct pipeline *pl, struct mm *mm)
{
	drop(&mm->as);
	drop(&mm->stale);
	drop(&mm->copies);
	drop(&mm->hidden);
	makers_put(mm->makers);
	mm->makers = NULL;
	mm->as = aspace_new();
	mm->brk = 0;
	mm->racy = false;
	mm->snapshot_requested = false;
	judge_give_up(mm);
	mirror_mark_all(pl, mm);
}

static struct event loss_of(const struct proc *p, const struct event *ev)
{
	return (struct event){ .type = EVENT_LOSS,
			       .ts_ns = ev->ts_ns,
			       .mm = p->mm->key,
			       .pid = p->pid,
			       .tid = p->pid,
			       .sibling = !p->life || !p->life->is_shown };
}

static void note(struct pipeline *pl, const struct proc *p, uint64_t nr)
{
	pl->given_up.pid = p->pid;
	pl->given_up.nr_ranges = nr;
	memcpy(pl->given_up.comm, p->comm, sizeof(pl->given_up.comm));
	pl->given_up.nr++;
	if (!p->mm->in_doubt)
		doubts_give_up(&pl->totals.doubts, p, nr);
	p->mm->in_doubt = true;
}

static void give_up(struct pipeline *pl, struct proc *p, const struct event *ev)
{
	struct event loss = loss_of(p, ev);

	loss.given_up = weight_of(p->mm);
	p->mm->given_up = loss.given_up;
	if (p->mm->heal_after_ns < ev->ts_ns + HEAL_WAIT_NS)
		p->mm->heal_after_ns = ev->ts_ns + HEAL_WAIT_NS;
	empty(pl, p->mm);
	if (!loss.sibling)
		note(pl, p, loss.given_up);
	pl->member = p->life ? p->life->member : (struct member){ 0 };
	feed_given_up(pl, &loss, p);
}

/* p is one of too many: it may live on, and then its next event finds it anew. */
static void take_as_ended(struct pipeline *pl, struct proc *p, const struct event *ev)
{
	struct event end = loss_of(p, ev);

	end.type = EVENT_EXIT;
	end.exit_code = EXIT_UNSEEN;
	if (!end.sibling)
		note(pl, p, weight_of(p->mm));
	pl->member = p->life ? p->life->member : (struct member){ 0 };
	feed_event(pl, &end);
}

struct giving {
	struct pipeline *pl;
	const struct event *ev;
};

static void give(void *ctx, struct proc *p)
{
	const struct giving *g = ctx;

	if (weight_of(p->mm) > REST)
		give_up(g->pl, p, g->ev);
	else
		take_as_ended(g->pl, p, g->ev);
}

void give_up_if_heavy(struct pipeline *pl, const struct event *ev)
{
	struct proc *p = proctab_find(pl->procs, ev->pid);
	struct giving g = { pl, ev };
	size_t nr = p ? weight_of(p->mm) : 0;
	unsigned int nr_changes = pl->nr_changes;

	if (nr > REST && p->mm->given_up)
		empty(pl, p->mm);
	else if (nr > weight_share(&pl->weight))
		give_up(pl, p, ev);
	if (weight_is_over(&pl->weight, ev, nr_changes, pl->procs))
		weight_make_room(&pl->weight, pl->procs, give, &g);
}

void pipeline_put_given_up(struct pipeline *pl, struct buf *b)
{
	struct given_up *u = &pl->given_up;

	if (!u->nr)
		return;
	buf_puts(b, "the memory of ");
	escape_text(b, u->comm, strnlen(u->comm, sizeof(u->comm)));
	buf_printf(b, " %u is not known: its ", u->pid);
	fmt_count(b, u->nr_ranges, "mapping");
	buf_puts(b, u->nr_ranges == 1 ? " is" : " are");
	buf_puts(b, " more than the share of a process or of a user");
	if (u->nr > 1) {
		buf_puts(b, ", and so are those of ");
		fmt_count(b, u->nr - 1, "other");
	}
	u->nr = 0;
}
