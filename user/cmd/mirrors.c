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
#include "source/procwhom.h"
#include "util/clock.h"
#include "util/fmt.h"
#include "util/mem.h"

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

/* Fills a stale mirror again. */
static int seed_stale(struct run *r, uint32_t pid)
{
	int err = seed(r, pid);

	return is_gone(pid) ? end_unseen(r, pid) : err;
}

/* Fills the mirror of a process found in /proc, which may leave or become another meanwhile. */
static int seed_found(struct run *r, uint32_t pid)
{
	int err = seed(r, pid);

	if (err || (!is_gone(pid) && procwhom_wants(r->whom, pid)))
		return err;
	return end_unseen(r, pid);
}

/* Fills the mirror of a process that was named, and so must be there. */
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

static int seed_all(struct run *r)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	uint64_t pid;
	int err = 0;

	if (!dir)
		return -errno;
	while (!err && !*stop_signal() && (e = readdir(dir)))
		if (!parse_u64(e->d_name, UINT32_MAX, &pid) && pid != (uint64_t)getpid() &&
		    procwhom_wants(r->whom, pid))
			err = seed_found(r, pid);
	closedir(dir);
	return err;
}

int mirrors_seed(struct run *r)
{
	const struct whom *w = r->whom;
	size_t i;
	int err = w->pids.nr ? 0 : seed_all(r);

	for (i = 0; i < w->pids.nr && !err; i++)
		err = seed_named(r, w->pids.id[i]);
	return err;
}

int mirrors_heal(struct run *r)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME), nr_answers;
	bool at_rest;
	uint32_t pid;
	int err = 0;

	if (r->nr_events != r->nr_events_healed)
		r->busy_ns = now;
	at_rest = now - r->busy_ns >= RUN_LOOK_NS;
	while (!err && (pid = r->snapshot_pid = pipeline_next_stale(r->pipeline)))
		err = seed_stale(r, pid);
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
