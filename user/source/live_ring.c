/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What comes out of the kernel side: records as events, losses told where they
 * happened, snapshots on demand, and checks of mirrors against /proc.
 */
#include "source/live_private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "util/clock.h"

#define POLL_RECORDS	 65536 /* after as many live_poll() returns */
#define BUSY_TRIES	 1000
#define CHECK_TRIES	 50
#define MISSES_PERIOD_NS 1000000000ULL

static int feed(struct live *lv, const struct event *ev)
{
	return lv->fn(lv->fn_ctx, ev);
}

/* Tell of nr lost records of pid (0: not known whose). */
static int tell_loss(struct live *lv, uint32_t pid, uint64_t nr)
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
 * The kernel's count of lost records went up to "lost": say whose they were. Those which the
 * table by process does not explain are told of as anybody's.
 */
static int tell_losses(struct live *lv, uint64_t lost)
{
	struct bpf_map *lossy = lv->bpf->maps.lossy;
	uint32_t pid, *prev = NULL;
	uint64_t n;
	int err;

	while (!bpf_map__get_next_key(lossy, prev, &pid, sizeof(pid))) {
		if (bpf_map__lookup_and_delete_elem(lossy, &pid, sizeof(pid), &n, sizeof(n), 0)) {
			prev = &pid;
			continue;
		}
		prev = NULL;
		lv->lost_told += n;
		err = tell_loss(lv, pid, n);
		if (err)
			return err;
	}
	if (lost <= lv->lost_told)
		return 0;
	n = lost - lv->lost_told;
	lv->lost_told = lost;
	return tell_loss(lv, 0, n);
}

/* Times that a program did not run because its CPU was in another one. */
static int tell_misses(struct live *lv)
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
	n = misses - lv->misses_told;
	lv->misses_told = misses;
	return n ? tell_loss(lv, 0, n) : 0;
}

/* To ask costs a system call for each program. */
static int tell_misses_now_and_then(struct live *lv)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME);

	if (now - lv->misses_checked_ns < MISSES_PERIOD_NS)
		return 0;
	lv->misses_checked_ns = now;
	return tell_misses(lv);
}

int live_tell_misses(struct live *lv, live_event_fn *fn, void *ctx)
{
	lv->fn = fn;
	lv->fn_ctx = ctx;
	return tell_misses(lv);
}

int live_on_record(void *ctx, void *data, size_t len)
{
	struct live *lv = ctx;
	const struct mpw_head *h = data;
	struct event ev;
	int err;

	if (len >= sizeof(*h) && h->drops != (uint32_t)lv->lost_told) {
		uint32_t more = h->drops - (uint32_t)lv->lost_told;

		/* A count below what has been told is of a record written meanwhile. */
		if (more < 1U << 31) {
			err = tell_losses(lv, lv->lost_told + more);
			if (err)
				return err;
		}
	}
	err = decode(lv->decoder, data, len, &ev);
	if (err)
		return tell_loss(lv, len >= sizeof(*h) ? h->tgid : 0, 1);
	lv->last_ts_ns = ev.ts_ns;
	/* What was missed before it would be taken for an error of the mirror. */
	err = ev.check ? tell_misses(lv) : 0;
	if (!err)
		err = feed(lv, &ev);
	if (err)
		return err;
	return --lv->budget ? 0 : -EAGAIN;
}

int live_poll(struct live *lv, int timeout_ms, live_event_fn *fn, void *ctx)
{
	uint64_t lost;
	int err;

	lv->fn = fn;
	lv->fn_ctx = ctx;
	lv->budget = POLL_RECORDS;
	err = ring_buffer__poll(lv->ring, timeout_ms);
	if (err == -EINTR)
		return err;
	if (err >= 0) {
		/* poll looks at the ring only when it was woken */
		err = ring_buffer__consume(lv->ring);
	}
	if (err == -EAGAIN)
		return 1;
	if (err < 0)
		return err;
	lost = lv->bpf->data->lost;
	err = lost != lv->lost_told ? tell_losses(lv, lost) : 0;
	return err ? err : tell_misses_now_and_then(lv);
}

int live_drain(struct live *lv, live_event_fn *fn, void *ctx)
{
	/* As many rounds as empty a full ring: in a storm more comes for ever. */
	uint64_t rounds = lv->ring_bytes / (POLL_RECORDS * sizeof(struct mpw_head)) + 1;
	int err;

	do {
		err = live_poll(lv, 0, fn, ctx);
	} while (err > 0 && rounds--);
	return err > 0 ? 0 : err;
}

/* pid's mappings now, as the event that carries them. Its time is when they had been read. */
static int read_proc(struct live *lv, uint32_t pid, struct event *ev)
{
	int err;

	memset(ev, 0, sizeof(*ev));
	ev->type = EVENT_RANGE;
	ev->pid = ev->tid = pid;
	ev->has_range = ev->from_maps = true;
	ev->hi = MPW_TASK_MAX;
	lv->seen.nr = 0;
	err = procmaps_text(pid, &lv->text);
	ev->ts_ns = clock_ns(CLOCK_BOOTTIME);
	if (!err)
		err = procmaps_parse(lv->objects, lv->text.data, lv->text.len, &lv->seen);
	if (err)
		return err;
	if (!lv->seen.nr)
		return -ENOENT;
	ev->seen = lv->seen.v;
	ev->nr_seen = lv->seen.nr;
	return 0;
}

/* From /proc, where the kernel can't do better: what waits in the ring comes before it. */
static int snapshot_proc(struct live *lv, uint32_t pid, live_event_fn *fn, void *ctx)
{
	struct event ev;
	int err = live_drain(lv, fn, ctx);

	if (!err)
		err = read_proc(lv, pid, &ev);
	if (err)
		return err;
	procmaps_identity(pid, &ev);
	return fn(ctx, &ev);
}

int live_snapshot(struct live *lv, uint32_t pid, live_event_fn *fn, void *ctx)
{
	struct mpw_snapshot arg = { .tgid = pid };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &arg, .ctx_size_in = sizeof(arg));
	int busy = 0, err;

	if (!lv->truth)
		return snapshot_proc(lv, pid, fn, ctx);
	do {
		uint64_t from = arg.from;

		err = bpf_prog_test_run_opts(bpf_program__fd(lv->bpf->progs.snapshot), &opts);
		if (err)
			return err;
		if (arg.err && arg.err != -EBUSY)
			return arg.err;
		busy = arg.err && arg.from == from ? busy + 1 : 0;
		if (busy > BUSY_TRIES)
			return snapshot_proc(lv, pid, fn, ctx);
		arg.piece_vmas = arg.err ? 1 : 0;
		err = live_drain(lv, fn, ctx);
		if (err)
			return err;
	} while (arg.from || arg.err);
	return 0;
}

int live_check(struct live *lv, uint32_t pid, live_stamp_fn *stamp, live_event_fn *fn, void *ctx)
{
	struct event ev;
	int err, tries;

	for (tries = 0; tries < CHECK_TRIES; tries++) {
		uint64_t before;

		err = live_drain(lv, fn, ctx);
		if (err)
			return err;
		before = stamp(ctx, pid);
		err = read_proc(lv, pid, &ev);
		if (!err)
			err = live_drain(lv, fn, ctx);
		if (err)
			return err;
		if (stamp(ctx, pid) != before)
			continue;
		ev.check = true;
		err = live_tell_misses(lv, fn, ctx);
		return err ? err : fn(ctx, &ev);
	}
	return -EAGAIN;
}
