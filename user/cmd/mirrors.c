/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process may end, or become another, while its mirror is filled: /proc is looked at afterwards.
 */
#include "cmd/mirrors.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/complain.h"
#include "cmd/stop.h"
#include "source/procmaps.h"
#include "source/procwhom.h"
#include "util/clock.h"
#include "util/fmt.h"
#include "util/mem.h"

/* For stale mirrors, in a round of the loop, and in its last. */
#define HEAL_NS	     50000000
#define HEAL_LAST_NS 150000000

/*
 * 0 for errors of a process that can't be seen: it ended meanwhile, has no memory, or has rights
 * that this user lacks. Other errors stay.
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

static int take_snapshot(struct run *r, uint32_t pid)
{
	return r->source.ops->snapshot(r->source.priv, pid, &r->reader);
}

static int seed(struct run *r, uint32_t pid)
{
	return without_unseen(take_snapshot(r, pid));
}

static bool is_gone(uint32_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u", pid);
	return access(path, F_OK);
}

/*
 * Feeds the end of a process that is gone, if it is not in the stream: the record was lost, or came
 * before the mirror.
 */
static int end_unseen(struct run *r, uint32_t pid)
{
	struct event ev = { .type = EVENT_EXIT, .pid = pid, .tid = pid, .exit_code = EXIT_UNSEEN };
	int err = r->source.ops->drain(r->source.priv, &r->reader);

	if (err || !pipeline_find(r->pipeline, pid))
		return err;
	ev.ts_ns = clock_ns(CLOCK_BOOTTIME);
	return r->reader.event(r, &ev);
}

/* Fills a mirror that is stale, or that of a process which shares the memory of a wanted one. */
static int seed_stale(struct run *r, uint32_t pid)
{
	int err = seed(r, pid);

	return is_gone(pid) ? end_unseen(r, pid) : err;
}

/* Feeds that a process is there whose memory the kernel hides: verdicts on it are not certain. */
static int seed_nothing(struct run *r, uint32_t pid)
{
	struct event ev = { .type = EVENT_RANGE, .pid = pid, .tid = pid, .check = true };

	ev.ts_ns = clock_ns(CLOCK_BOOTTIME);
	procmaps_identity(pid, &ev);
	return r->reader.event(r, &ev);
}

/* Fills the mirror of a process found in /proc, which may leave or become another meanwhile. */
static int seed_found(struct run *r, uint32_t pid)
{
	int err = take_snapshot(r, pid);

	if (err == -EACCES || err == -EPERM)
		err = seed_nothing(r, pid);
	err = without_unseen(err);
	if (err || (!is_gone(pid) && procwhom_wants(r->whom, pid)))
		return err;
	return end_unseen(r, pid);
}

/*
 * Fills the mirror of a process that was named. -ESRCH after a sentence if it can't be traced: it may
 * have ended.
 */
static int seed_named(struct run *r, uint32_t pid)
{
	int err = take_snapshot(r, pid);

	if (!err && is_gone(pid))
		return end_unseen(r, pid);
	if (!err || err == -EINTR || pipeline_find(r->pipeline, pid))
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

/* The processes that are wanted, and run already. */
static int list_wanted(const struct run *r, struct id_list *ret)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	uint64_t pid;

	if (!dir)
		return -errno;
	while (!*stop_signal() && (e = readdir(dir)))
		if (!parse_u64(e->d_name, UINT32_MAX, &pid) && pid != (uint64_t)getpid() &&
		    procwhom_wants(r->whom, pid))
			id_list_add(ret, pid);
	closedir(dir);
	return 0;
}

/* Finds those who share memory with the wanted, and who are to be traced, too. */
static int find_sharers(struct run *r, const struct id_list *wanted, struct id_list *ret)
{
	bool is_all = !whom_is_some(r->whom);
	int err = r->source.ops->share(r->source.priv, is_all ? NULL : wanted, ret);

	if (!err)
		return 0;
	complain_errno("cannot find all processes that share memory with those that are traced",
		       err, "what these change may be missing");
	return 0;
}

/* Fills the mirrors of all that were named. -ESRCH after sentences if none can be traced. */
static int seed_all_named(struct run *r, const struct id_list *pids)
{
	size_t i, nr_refused = 0;
	int err = 0;

	for (i = 0; i < pids->nr && !err; i++) {
		err = seed_named(r, pids->id[i]);
		nr_refused += err == -ESRCH;
		if (err == -ESRCH)
			err = 0;
	}
	return !err && nr_refused == pids->nr ? -ESRCH : err;
}

int mirrors_seed(struct run *r)
{
	const struct id_list *named = r->whom->pids.nr ? &r->whom->pids : NULL;
	struct id_list found = { 0 }, sharers = { 0 };
	int err = named ? 0 : list_wanted(r, &found);
	size_t i;

	if (!err)
		err = find_sharers(r, named ? named : &found, &sharers);
	if (!err && named)
		err = seed_all_named(r, named);
	for (i = 0; i < found.nr && !err && !*stop_signal(); i++)
		err = seed_found(r, found.id[i]);
	for (i = 0; i < sharers.nr && !err && !r->whom->tids.nr; i++)
		err = seed_stale(r, sharers.id[i]);
	free(found.id);
	free(sharers.id);
	return err;
}

/*
 * For a bounded time: while one process is asked for, others can make their mirrors stale again. In
 * the last round nobody is put off to a later one.
 */
static int heal_stale(struct run *r, bool last)
{
	uint64_t begin = clock_ns(CLOCK_BOOTTIME), now = begin;
	uint64_t most = last ? HEAL_LAST_NS : HEAL_NS;
	uint32_t pid;
	int err = 0;

	while (!err && now - begin < most) {
		pid = pipeline_next_stale(r->pipeline, last ? UINT64_MAX : now);
		if (!pid)
			return 0;
		r->snapshot_pid = pid;
		err = seed_stale(r, pid);
		now = clock_ns(CLOCK_BOOTTIME);
	}
	r->has_more = true;
	return err;
}

int mirrors_heal(struct run *r, bool last)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME), nr_answers;
	bool at_rest;
	uint32_t pid;
	int err;

	if (r->nr_events != r->nr_events_healed)
		r->busy_ns = now;
	at_rest = now - r->busy_ns >= RUN_LOOK_NS;
	err = heal_stale(r, last);
	nr_answers = r->nr_events;
	while (!err && at_rest && (pid = r->snapshot_pid = pipeline_next_racy(r->pipeline))) {
		err = seed(r, pid);
		at_rest = r->nr_events == ++nr_answers && !*stop_signal();
	}
	r->snapshot_pid = 0;
	r->nr_events_healed = r->nr_events;
	return err;
}

/* Pids are listed first: checks feed events, which change the table of processes. */
int mirrors_verify(struct run *r)
{
	const struct proc *p;
	uint32_t *pids = NULL;
	size_t nr = 0, i;
	int err = 0;

	for (p = pipeline_next(r->pipeline, NULL); p; p = pipeline_next(r->pipeline, p)) {
		pids = mem_grow(pids, nr + 1, sizeof(*pids));
		pids[nr++] = p->pid;
	}
	for (i = 0; i < nr && !err; i++) {
		p = pipeline_find(r->pipeline, pids[i]);
		if (!p)
			continue;
		r->snapshot_pid = pids[i];
		if (p->mm->racy)
			err = seed(r, pids[i]);
		if (!err)
			err = r->source.ops->check(r->source.priv, pids[i], &r->reader);
		if (err == -EAGAIN) {
			r->nr_restless++;
			err = 0;
		}
		err = without_unseen(err);
	}
	r->snapshot_pid = 0;
	free(pids);
	return err;
}
