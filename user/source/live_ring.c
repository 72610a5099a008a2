/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads from the kernel side: records become events, losses are reported where they happened,
 * snapshots are taken on demand, and mirrors are checked against /proc.
 */
#include "source/live_private.h"

#include <errno.h>
#include <stdlib.h>
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
#include "util/mem.h"

#define FEED_RECORDS	 65536 /* fed at most in one go */
#define CLOSE_ROUNDS	 8     /* at most, until one finds nothing */
#define BUSY_TRIES	 1000
#define CHECK_TRIES	 50
#define MISSES_PERIOD_NS 1000000000ULL
#define NO_USER		 UINT32_MAX /* of a process of which that is not known */

/* The exit of this source: all of its events pass here. */
static int feed(struct live *lv, struct event *ev)
{
	const struct source_reader *to = lv->to;

	if (lv->symbols)
		symbols_event(lv->symbols, to->find(to->ctx, ev->pid), ev);
	return to->event(to->ctx, ev);
}

/* Feeds a loss of pid, or, if that is 0, of nobody knows whom. */
static int feed_loss(struct live *lv, uint32_t pid, struct mpw_losses of)
{
	struct event ev = { .type = EVENT_LOSS,
			    .ts_ns = of.ts_ns,
			    .pid = pid,
			    .tid = pid,
			    .lost = of.nr,
			    .lost_until_ns = clock_ns(CLOCK_BOOTTIME) };

	if (of.nr_over)
		facts_set(&ev.facts, MPW_FACT_OVER_SHARE, of.nr_over);
	return feed(lv, &ev);
}

static int by_time(const void *a, const void *b)
{
	const struct loss *x = a, *y = b;

	return x->of.ts_ns < y->of.ts_ns ? -1 : x->of.ts_ns > y->of.ts_ns;
}

static void note_loss(struct live *lv, uint32_t pid, struct mpw_losses of)
{
	lv->losses = mem_grow(lv->losses, lv->nr_losses + 1, sizeof(*lv->losses));
	lv->losses[lv->nr_losses++] = (struct loss){ pid, of };
}

/*
 * Notes the losses up to "lost", the kernel's count. Records that the table by process does not
 * explain are anybody's, at any time since the last round.
 */
static void note_losses(struct live *lv, uint64_t lost)
{
	struct bpf_map *lossy = lv->bpf->maps.lossy;
	uint32_t pid, *prev = NULL;
	struct mpw_losses l;

	lv->nr_losses = lv->next_loss = 0;
	while (lv->lost_reported < lost && !bpf_map__get_next_key(lossy, prev, &pid, sizeof(pid))) {
		if (bpf_map__lookup_and_delete_elem(lossy, &pid, sizeof(pid), &l, sizeof(l), 0)) {
			prev = &pid;
			continue;
		}
		prev = NULL;
		lv->lost_reported += l.nr;
		note_loss(lv, pid, l);
	}
	if (lost > lv->lost_reported) {
		note_loss(lv, 0,
			  (struct mpw_losses){ .nr = lost - lv->lost_reported,
					       .ts_ns = lv->round_ns });
		lv->lost_reported = lost;
	}
	if (lv->nr_losses)
		qsort(lv->losses, lv->nr_losses, sizeof(*lv->losses), by_time);
}

/* Feeds the losses until ts_ns. */
static int feed_losses(struct live *lv, uint64_t ts_ns)
{
	const struct loss *l;
	int err = 0;

	while (!err && lv->next_loss < lv->nr_losses &&
	       (l = &lv->losses[lv->next_loss])->of.ts_ns <= ts_ns) {
		lv->next_loss++;
		err = feed_loss(lv, l->pid, l->of);
	}
	return err;
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
	return n ? feed_loss(lv, 0, (struct mpw_losses){ .nr = n, .ts_ns = lv->last_ts_ns }) : 0;
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

/* New names are those of the process pid, from now on. */
static void charge(struct live *lv, uint32_t pid)
{
	const struct proc *p = lv->to->find(lv->to->ctx, pid);

	object_table_charge(lv->objects, pid,
			    p && facts_have(&p->facts, MPW_FACT_UID) ?
				    facts_number(&p->facts, MPW_FACT_UID) :
				    NO_USER);
}

/* A failed call gets the machine's conditions, too. */
static void add_conditions(struct live *lv, struct event *ev)
{
	struct conditions c;

	if (!facts_have(&ev->facts, MPW_FACT_CONDITIONS))
		return;
	conditions_read(&ev->facts, &c);
	machine_add(&lv->machine, ev, &c);
	conditions_write(&c, &lv->conditions, &ev->facts);
}

static int feed_record(struct live *lv, const void *data, size_t len)
{
	const struct mpw_head *h = data;
	struct event ev;
	int err = feed_losses(lv, h->ts_ns);

	lv->nr_fed++;
	if (err)
		return err;
	charge(lv, h->tgid);
	if (decode(lv->decoder, data, len, &ev))
		return feed_loss(lv, h->tgid, (struct mpw_losses){ .nr = 1, .ts_ns = h->ts_ns });
	lv->last_ts_ns = ev.ts_ns;
	add_conditions(lv, &ev);
	/* Misses before a check must be known, or they would be taken for errors of the mirror. */
	err = ev.check ? feed_misses(lv) : 0;
	return err ? err : feed(lv, &ev);
}

/*
 * Begins a round. A loss is fed before all that its program did afterwards: the count is read when
 * the queues have been looked into, and goes up before that program writes another record.
 */
static void begin_round(struct live *lv)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME);

	__atomic_add_fetch(&lv->bpf->data->reader_round, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&lv->bpf->data->reader_awake, 1, __ATOMIC_RELAXED);
	queues_begin(lv->queues, now);
	note_losses(lv, __atomic_load_n(&lv->bpf->data->lost, __ATOMIC_ACQUIRE));
	lv->round_ns = now;
	lv->in_round = true;
}

/* Feeds of the round what is left of it, but not more than "most" records. */
static int feed_round(struct live *lv, size_t most)
{
	const void *data;
	size_t len;
	int err = 0;

	while (!err && most-- && lv->in_round) {
		lv->in_round = queues_next(lv->queues, &data, &len);
		err = lv->in_round ? feed_record(lv, data, len) : feed_losses(lv, UINT64_MAX);
	}
	return err;
}

static int live_feed(void *priv, const struct source_reader *to)
{
	struct live *lv = priv;
	int err;

	lv->to = to;
	if (!lv->in_round)
		begin_round(lv);
	err = feed_round(lv, FEED_RECORDS);
	if (!err && lv->in_round)
		return SOURCE_HAS_MORE;
	if (!err)
		err = feed_misses_now_and_then(lv);
	__atomic_store_n(&lv->bpf->data->reader_awake, 0, __ATOMIC_RELAXED);
	return err ? err : SOURCE_RESTS;
}

/* Feeds all that was written before now. */
static int feed_waiting(struct live *lv, const struct source_reader *to)
{
	int err;

	lv->to = to;
	err = feed_round(lv, SIZE_MAX);
	if (err)
		return err;
	begin_round(lv);
	return feed_round(lv, SIZE_MAX);
}

/*
 * Feeds what came while the round before was fed, too, so that little is between the stream and a
 * look into /proc. In a storm, more comes for ever.
 */
static int feed_closely(struct live *lv, const struct source_reader *to)
{
	int err, rounds = CLOSE_ROUNDS;
	uint64_t before;

	do {
		before = lv->nr_fed;
		err = feed_waiting(lv, to);
	} while (!err && lv->nr_fed != before && --rounds);
	return err;
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
	int err = feed_closely(lv, to);

	charge(lv, pid);
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
	int err = lv->names_no_guards ? -EOPNOTSUPP :
					procguards_event(&lv->guards, lv->reader, pid, ret);

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

		err = feed_closely(lv, to);
		if (err)
			return err;
		before = stamp_of(to, pid);
		charge(lv, pid);
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

static void live_forget(void *priv)
{
	struct live *lv = priv;

	if (lv->symbols)
		symbols_forget(lv->symbols);
}

static int live_fd(const void *priv)
{
	return ((const struct live *)priv)->queue_fd;
}

static void live_info(const void *priv, struct run_info *ret)
{
	const struct live *lv = priv;

	boot_run_info(lv->start_ns, ret);
	ret->tier = lv->truth ? "truth" : "inference";
	ret->hook = lv->by_function ? "function" : "tracepoint";
}

static const struct source_ops live_ops = {
	.info = live_info,
	.feed = live_feed,
	.fd = live_fd,
	.drain = live_drain,
	.snapshot = live_snapshot,
	.share = live_share,
	.check = live_check,
	.forget = live_forget,
	.close = live_close,
};

struct source live_source(struct live *lv)
{
	return (struct source){ &live_ops, lv };
}
