/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads from the kernel side: records become events, losses are reported where they happened,
 * snapshots are taken on demand, and mirrors are checked against /proc.
 */
#include "source/live_private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "core/proc.h"
#include "core/sink.h"
#include "core/stale.h"
#include "source/boot.h"
#include "source/procguards.h"
#include "util/clock.h"

#define FEED_RECORDS	 65536 /* fed at most in one go */
#define BUSY_TRIES	 1000
#define CHECK_TRIES	 50
#define MISSES_PERIOD_NS 1000000000ULL

/* The exit of this source: all of its events pass here. */
static int feed(struct live *lv, struct event *ev)
{
	const struct source_reader *to = lv->to;

	if (lv->symbols)
		symbols_event(lv->symbols, to->find(to->ctx, ev->pid), ev);
	return to->event(to->ctx, ev);
}

/* Feeds the loss of nr records of pid (0: not known whose). */
static int feed_loss(struct live *lv, uint32_t pid, uint64_t nr)
{
	struct event ev = { .type = EVENT_LOSS,
			    .ts_ns = lv->last_ts_ns,
			    .pid = pid,
			    .tid = pid,
			    .lost = nr,
			    .lost_until_ns = clock_ns(CLOCK_BOOTTIME) };

	if (!ev.ts_ns)
		ev.ts_ns = ev.lost_until_ns;
	return feed(lv, &ev);
}

/*
 * Feeds the losses up to "lost", the kernel's count. Records that the table by process does not
 * explain are reported as anybody's.
 */
static int feed_losses(struct live *lv, uint64_t lost)
{
	struct bpf_map *lossy = lv->bpf->maps.lossy;
	uint32_t pid, *prev = NULL;
	uint64_t n;
	int err;

	while (lv->lost_reported < lost && !bpf_map__get_next_key(lossy, prev, &pid, sizeof(pid))) {
		if (bpf_map__lookup_and_delete_elem(lossy, &pid, sizeof(pid), &n, sizeof(n), 0)) {
			prev = &pid;
			continue;
		}
		prev = NULL;
		lv->lost_reported += n;
		err = feed_loss(lv, pid, n);
		if (err)
			return err;
	}
	if (lost <= lv->lost_reported)
		return 0;
	n = lost - lv->lost_reported;
	lv->lost_reported = lost;
	return feed_loss(lv, 0, n);
}

/* Feeds, as losses, the times that a program did not run because its CPU was in another one. */
static int feed_misses(struct live *lv)
{
	uint64_t misses = 0, n;
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, lv->bpf->obj) {
		struct bpf_prog_info info = { 0 };
		uint32_t len = sizeof(info);
		int fd = bpf_program__fd(prog);

		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len))
			misses += info.recursion_misses;
	}
	n = misses - lv->misses_reported;
	lv->misses_reported = misses;
	return n ? feed_loss(lv, 0, n) : 0;
}

/* Asking costs a system call for each program. */
static int feed_misses_now_and_then(struct live *lv)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME);

	if (now - lv->misses_checked_ns < MISSES_PERIOD_NS)
		return 0;
	lv->misses_checked_ns = now;
	return feed_misses(lv);
}

int live_on_record(void *ctx, void *data, size_t len)
{
	struct live *lv = ctx;
	const struct mpw_head *h = data;
	struct event ev;
	int err;

	if (len >= sizeof(*h) && h->drops != (uint32_t)lv->lost_reported) {
		uint32_t more = h->drops - (uint32_t)lv->lost_reported;

		/* A lower count is that of a record written before the last report. */
		if (more < 1U << 31) {
			err = feed_losses(lv, lv->lost_reported + more);
			if (err)
				return err;
		}
	}
	err = decode(lv->decoder, data, len, &ev);
	if (err)
		return feed_loss(lv, len >= sizeof(*h) ? h->tgid : 0, 1);
	lv->last_ts_ns = ev.ts_ns;
	/* Misses before a check must be known, or they would be taken for errors of the mirror. */
	err = ev.check ? feed_misses(lv) : 0;
	if (!err)
		err = feed(lv, &ev);
	if (err)
		return err;
	return --lv->budget ? 0 : -EAGAIN;
}

static int live_feed(void *priv, const struct source_reader *to)
{
	struct live *lv = priv;
	uint64_t lost;
	int err;

	lv->to = to;
	lv->budget = FEED_RECORDS;
	err = ring_buffer__consume(lv->ring);
	if (err == -EAGAIN)
		return SOURCE_HAS_MORE;
	if (err < 0)
		return err;
	lost = lv->bpf->data->lost;
	err = lost != lv->lost_reported ? feed_losses(lv, lost) : 0;
	if (!err)
		err = feed_misses_now_and_then(lv);
	return err ? err : SOURCE_RESTS;
}

static int feed_waiting(struct live *lv, const struct source_reader *to)
{
	/* Rounds enough to empty a full ring: in a storm, more comes for ever. */
	uint64_t rounds = lv->ring_bytes / (FEED_RECORDS * sizeof(struct mpw_head)) + 1;
	int state;

	do {
		state = live_feed(lv, to);
	} while (state == SOURCE_HAS_MORE && rounds--);
	return state < 0 ? state : 0;
}

static int live_drain(void *priv, const struct source_reader *to)
{
	int err = feed_waiting(priv, to);

	return err ? err : feed_misses(priv);
}

/*
 * A snapshot from /proc, where the kernel can't do better. Records that wait in the ring come
 * before it.
 */
static int snapshot_proc(struct live *lv, uint32_t pid, const struct source_reader *to)
{
	const struct proc *p;
	struct event ev;
	int err = feed_waiting(lv, to);

	if (!err)
		err = procmaps_event(&lv->maps, lv->objects, pid, &ev);
	if (err)
		return err;
	procmaps_identity(pid, &ev);
	p = to->find(to->ctx, pid);
	if (!p || !p->mm->key)
		ev.mm = live_space_of(lv, pid);
	return feed(lv, &ev);
}

static int snapshot_kernel(struct live *lv, uint32_t pid, const struct source_reader *to)
{
	struct mpw_snapshot arg = { .tgid = pid };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &arg, .ctx_size_in = sizeof(arg));
	int busy = 0, err;

	do {
		err = bpf_prog_test_run_opts(bpf_program__fd(lv->bpf->progs.snapshot), &opts);
		if (err)
			return err;
		if (arg.err == -ENOENT && !arg.tid && (arg.tid = procmaps_thread(pid)))
			continue;
		if (arg.err && arg.err != -EBUSY)
			return arg.err;
		busy += arg.err != 0; /* in all: a process that never rests is read from /proc */
		if (busy > BUSY_TRIES)
			return snapshot_proc(lv, pid, to);
		arg.piece_vmas = arg.err ? 1 : 0;
		err = feed_waiting(lv, to);
		if (err)
			return err;
	} while (arg.from || arg.err);
	return 0;
}

/* The guard regions of a process. 0; -EOPNOTSUPP if the kernel does not name them; or another. */
static int read_guards(struct live *lv, uint32_t pid, struct event *ret)
{
	int err = lv->names_no_guards ? -EOPNOTSUPP : procguards_event(&lv->guards, pid, ret);

	lv->names_no_guards = err == -EOPNOTSUPP;
	return err;
}

static int live_snapshot(void *priv, uint32_t pid, const struct source_reader *to)
{
	struct live *lv = priv;
	int err = lv->truth ? snapshot_kernel(lv, pid, to) : snapshot_proc(lv, pid, to);
	const struct proc *p = err ? NULL : to->find(to->ctx, pid);
	struct event ev;

	if (!p || !stale_guards(p->mm) || p->mm->guards_dropped || read_guards(lv, pid, &ev))
		return err;
	return feed(lv, &ev);
}

/* A number that changes with every event of the process. */
static uint64_t stamp_of(const struct source_reader *to, uint32_t pid)
{
	const struct proc *p = to->find(to->ctx, pid);

	return p ? p->mm->nr_events : 0;
}

/* /proc can't be read at a point of the stream: it is read while nothing happens. */
static int live_check(void *priv, uint32_t pid, const struct source_reader *to)
{
	struct live *lv = priv;
	struct event ev, guards;
	bool has_guards;
	int err, tries;

	for (tries = 0; tries < CHECK_TRIES; tries++) {
		uint64_t before;

		err = feed_waiting(lv, to);
		if (err)
			return err;
		before = stamp_of(to, pid);
		err = procmaps_event(&lv->maps, lv->objects, pid, &ev);
		has_guards = !err && !read_guards(lv, pid, &guards);
		if (!err)
			err = feed_waiting(lv, to);
		if (err)
			return err;
		if (stamp_of(to, pid) != before)
			continue;
		ev.check = guards.check = true;
		err = feed_misses(lv);
		if (!err && has_guards)
			err = feed(lv, &guards);
		return err ? err : feed(lv, &ev);
	}
	return -EAGAIN;
}

static int live_fd(const void *priv)
{
	return ring_buffer__epoll_fd(((const struct live *)priv)->ring);
}

static void live_info(const void *priv, struct run_info *ret)
{
	const struct live *lv = priv;

	boot_run_info(lv->start_ns, ret);
	ret->tier = lv->truth ? "truth" : "inference";
}

static const struct source_ops live_ops = {
	.info = live_info,
	.feed = live_feed,
	.fd = live_fd,
	.drain = live_drain,
	.snapshot = live_snapshot,
	.share = live_share,
	.check = live_check,
	.close = live_close,
};

struct source live_source(struct live *lv)
{
	return (struct source){ &live_ops, lv };
}
