/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything is fed by one function, on_event(), whatever brings it: the ring,
 * a snapshot, a check. So what these feed on their way is in stream order, too.
 */
#include "cmd/loop.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/complain.h"
#include "source/procwhom.h"
#include "util/clock.h"
#include "util/fmt.h"
#include "util/mem.h"

#define POLL_MS 50

static int on_event(void *ctx, const struct event *ev)
{
	struct loop *lp = ctx;
	struct event with_stack;
	int err;

	/* It is traced no more: its end, or the exec of something else, was on the way. */
	if (ev->type == EVENT_RANGE && ev->pid == lp->asked &&
	    !pipeline_find(lp->pipeline, ev->pid))
		return 0;
	lp->nr_events++;
	if (lp->symbols) {
		with_stack = *ev;
		ev = &with_stack;
		symbols_event(lp->symbols, pipeline_find(lp->pipeline, ev->pid), &with_stack);
	}
	err = pipeline_feed(lp->pipeline, ev);
	return err || !lp->places ? err : places_ask(lp->places, ev);
}

/*
 * A process that ended meanwhile, and one without memory, have nothing to be seen; one with rights
 * that this user lacks does not let itself be seen.
 */
static int without_unseen(int err)
{
	switch (err) {
	case -ESRCH:
	case -ENOENT:
	case -EACCES:
	case -EPERM:
	case -EINTR:
		return 0;
	}
	return err;
}

static int seed(struct loop *lp, uint32_t pid)
{
	int err = live_snapshot(lp->live, pid, on_event, lp);

	return without_unseen(err);
}

static bool is_gone(uint32_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u", pid);
	return access(path, F_OK);
}

/* It is there no more: if its end is not still to come, that was lost, or came before its mirror. */
static int end_unseen(struct loop *lp, uint32_t pid)
{
	struct event ev = { .type = EVENT_EXIT, .pid = pid, .tid = pid, .exit_code = EXIT_UNSEEN };
	int err = live_drain(lp->live, on_event, lp);

	if (err || !pipeline_find(lp->pipeline, pid))
		return err;
	ev.ts_ns = clock_ns(CLOCK_BOOTTIME);
	return on_event(lp, &ev);
}

/* One whose mirror is stale. */
static int seed_stale(struct loop *lp, uint32_t pid)
{
	int err = seed(lp, pid);

	return is_gone(pid) ? end_unseen(lp, pid) : err;
}

/* One that was found in /proc: it may have left, or become another, while it was looked at. */
static int seed_found(struct loop *lp, uint32_t pid)
{
	int err = seed(lp, pid);

	if (err || (!is_gone(pid) && procwhom_wants(&lp->req->target.whom, pid)))
		return err;
	return end_unseen(lp, pid);
}

/* One that was named must be there. */
static int seed_named(struct loop *lp, uint32_t pid)
{
	int err = live_snapshot(lp->live, pid, on_event, lp);

	if (!err && is_gone(pid))
		return end_unseen(lp, pid);
	if (!err || err == -EINTR || pipeline_find(lp->pipeline, pid))
		return 0;
	if (is_gone(pid))
		complain("cannot trace process %u: it ended before it could be looked at", pid);
	else if (err == -ENOENT)
		complain("cannot trace process %u: it has no memory of its own "
			 "(a kernel thread, or a zombie)",
			 pid);
	else if (err == -ESRCH || !without_unseen(err))
		complain("cannot trace process %u: the kernel keeps it hidden (does it have "
			 "capabilities that you have not?)",
			 pid);
	else
		return err;
	return -ESRCH;
}

static int seed_all(struct loop *lp)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	uint64_t pid;
	int err = 0;

	if (!dir)
		return -errno;
	while (!err && !*lp->stop && (e = readdir(dir)))
		if (!parse_u64(e->d_name, UINT32_MAX, &pid) && pid != (uint64_t)getpid() &&
		    procwhom_wants(&lp->req->target.whom, pid))
			err = seed_found(lp, pid);
	closedir(dir);
	return err;
}

int loop_seed(struct loop *lp)
{
	const struct request *req = lp->req;
	uint64_t start_ns = clock_ns(CLOCK_BOOTTIME);
	size_t i;
	int err = 0;

	if (req->command)
		return 0;
	if (!req->target.whom.pids.nr)
		err = seed_all(lp);
	for (i = 0; i < req->target.whom.pids.nr && !err; i++)
		err = seed_named(lp, req->target.whom.pids.id[i]);
	if (!err && req->about.verbose)
		complain("all that is mapped already was read in %.1f ms",
			 (clock_ns(CLOCK_BOOTTIME) - start_ns) / 1e6);
	return err;
}

/* Ask for what went stale: after losses, where inference can't know, and after races. */
static int heal(struct loop *lp)
{
	bool at_rest = lp->nr_events == lp->nr_events_healed;
	uint64_t nr_answers;
	uint32_t pid;
	int err = 0;

	while (!err && (pid = lp->asked = pipeline_next_stale(lp->pipeline)))
		err = seed_stale(lp, pid);
	nr_answers = lp->nr_events;
	while (!err && at_rest && (pid = lp->asked = pipeline_next_doubted(lp->pipeline))) {
		err = seed(lp, pid);
		at_rest = lp->nr_events == ++nr_answers && !*lp->stop;
	}
	lp->asked = 0;
	lp->nr_events_healed = lp->nr_events;
	return err;
}

static uint64_t stamp_of(void *ctx, uint32_t pid)
{
	const struct proc *p = pipeline_find(((struct loop *)ctx)->pipeline, pid);

	return p ? p->mm->nr_events : 0;
}

/* Compare every mirror with the kernel. The list is taken first: checks feed events. */
static int verify(struct loop *lp)
{
	const struct proc *p;
	uint32_t *pids = NULL;
	size_t nr = 0, i;
	int err = 0;

	for (p = pipeline_next(lp->pipeline, NULL); p; p = pipeline_next(lp->pipeline, p)) {
		pids = mem_grow(pids, nr + 1, sizeof(*pids));
		pids[nr++] = p->pid;
	}
	for (i = 0; i < nr && !err; i++) {
		p = pipeline_find(lp->pipeline, pids[i]);
		if (!p)
			continue;
		lp->asked = pids[i];
		if (p->mm->doubted)
			err = seed(lp, pids[i]);
		if (!err)
			err = live_check(lp->live, pids[i], stamp_of, on_event, lp);
		if (err == -EAGAIN) {
			lp->nr_restless++;
			err = 0;
		}
		err = without_unseen(err);
	}
	lp->asked = 0;
	free(pids);
	return err;
}

/* Is it time for a round of --verify=TIME? */
static int verify_now_and_then(struct loop *lp)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME);

	if (!lp->req->check.verify_ns || now < lp->next_verify_ns)
		return 0;
	lp->next_verify_ns = now + lp->req->check.verify_ns;
	return verify(lp);
}

/* Has everything that was named ended? */
static bool nothing_left(struct loop *lp)
{
	const struct request *req = lp->req;
	size_t i;

	if (req->command)
		return child_is_over(lp->child);
	for (i = 0; i < req->target.whom.pids.nr; i++)
		if (pipeline_find(lp->pipeline, req->target.whom.pids.id[i]))
			return false;
	return req->target.whom.pids.nr &&
	       (!req->target.whom.follow || !pipeline_next(lp->pipeline, NULL));
}

int loop_run(struct loop *lp)
{
	bool last = false;
	int err = 0;

	if (lp->req->duration_ns)
		lp->stop_ns = clock_ns(CLOCK_BOOTTIME) + lp->req->duration_ns;
	if (lp->child->pid)
		err = child_go(lp->child);
	if (err)
		return err;
	while (!last) {
		/* What ended has sent all it had: one more round takes that in. */
		last = *lp->stop || nothing_left(lp) ||
		       (lp->stop_ns && clock_ns(CLOCK_BOOTTIME) >= lp->stop_ns);
		err = last ? live_drain(lp->live, on_event, lp) :
			     live_poll(lp->live, POLL_MS, on_event, lp);
		if (err >= 0 && last)
			err = live_tell_misses(lp->live, on_event, lp);
		if (err == -EINTR)
			err = 0;
		if (err >= 0)
			err = heal(lp);
		if (err >= 0)
			err = last && lp->req->check.verify ? verify(lp) : verify_now_and_then(lp);
		if (err < 0)
			return err;
		err = pipeline_flush(lp->pipeline);
		if (err)
			return err;
	}
	return 0;
}
