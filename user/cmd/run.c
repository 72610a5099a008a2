/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All events are fed by one function, on_event(), whether the stream, a snapshot or a check brings
 * them. So events that a snapshot or a check meets on its way are in stream order, too.
 */
#include "cmd/run.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "cmd/complain.h"
#include "cmd/mirrors.h"
#include "cmd/stop.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/escape.h"

#define NOTE_NS 10000000000ULL /* between two notes of a kind */

/* While it happens: the end, which names all that lost records, may be far. */
static void warn_of_flood(struct run *r, const struct event *ev)
{
	const struct proc *p = pipeline_find(r->pipeline, ev->pid);
	struct buf name = { 0 };

	if (ev->ts_ns - r->warned_ns < NOTE_NS)
		return;
	r->warned_ns = ev->ts_ns;
	escape_text(&name, p ? p->comm : "", p ? strlen(p->comm) : 0);
	complain(
		"process %u%s%.*s writes more than its share of the ring: what is beyond it is lost",
		ev->pid, name.len ? " " : "", (int)name.len, name.len ? name.data : "");
	buf_done(&name);
}

static int on_event(void *ctx, const struct event *ev)
{
	struct run *r = ctx;
	int err;

	/* The process is traced no more: its end, or its exec of something else, came before. */
	if (ev->type == EVENT_RANGE && ev->pid == r->snapshot_pid &&
	    !pipeline_find(r->pipeline, ev->pid))
		return 0;
	r->nr_events++;
	if (ev->type == EVENT_LOSS && facts_have(&ev->facts, MPW_FACT_OVER_SHARE))
		warn_of_flood(r, ev);
	err = pipeline_feed(r->pipeline, ev);
	return err || !r->places ? err : places_ask(r->places, ev);
}

static const struct proc *find(void *ctx, uint32_t pid)
{
	return pipeline_find(((struct run *)ctx)->pipeline, pid);
}

void run_init(struct run *r, struct pipeline *pl, struct source source)
{
	*r = (struct run){ .pipeline = pl,
			   .source = source,
			   .reader = { .event = on_event, .find = find, .ctx = r } };
}

static void set_true(void *flag)
{
	*(bool *)flag = true;
}

static int add_timers(struct run *r)
{
	int err = waiter_add_timer(r->waiter, RUN_LOOK_NS, RUN_LOOK_NS, NULL, NULL);

	if (!err && r->duration_ns)
		err = waiter_add_timer(r->waiter, r->duration_ns, 0, set_true, &r->is_time_up);
	if (!err && r->verify_ns)
		err = waiter_add_timer(r->waiter, 1, r->verify_ns, set_true, &r->is_verify_due);
	return err;
}

/* True if everything that was named has ended. */
static bool nothing_left(struct run *r)
{
	const struct whom *w = r->whom;
	size_t i;

	if (r->child)
		return child_is_over(r->child);
	for (i = 0; i < w->pids.nr; i++)
		if (pipeline_find(r->pipeline, w->pids.id[i]))
			return false;
	return w->pids.nr && (!w->follow || !pipeline_next(r->pipeline, NULL));
}

/* Says that mirrors were given up, at once, but not all the time. */
static void note_given_up(struct run *r)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME);
	struct buf b = { 0 };

	if (r->noted_ns && now - r->noted_ns < NOTE_NS)
		return;
	pipeline_put_given_up(r->pipeline, &b);
	if (b.len) {
		complain("%s", buf_str(&b));
		r->noted_ns = now;
	}
	buf_done(&b);
}

/* One round. Processes that ended have sent all they had: the last round takes that in. */
static int trace_on(struct run *r, bool *ret_last)
{
	const struct source *src = &r->source;
	bool last = *stop_signal() || r->is_time_up || nothing_left(r) ||
		    (r->until && until_is_over(r->until, clock_ns(CLOCK_BOOTTIME)));
	int err = last ? 0 : waiter_wait(r->waiter, r->has_more ? 0 : -1);

	if (!err)
		err = last ? src->ops->drain(src->priv, &r->reader) :
			     src->ops->feed(src->priv, &r->reader);
	r->has_more = err == SOURCE_HAS_MORE;
	if (err >= 0)
		err = mirrors_heal(r, last);
	if (!err && (last ? r->verify : r->is_verify_due)) {
		r->is_verify_due = false;
		err = mirrors_verify(r);
	}
	*ret_last = last;
	note_given_up(r);
	pipeline_sweep(r->pipeline, src->ops->forget, src->priv);
	return err ? err : pipeline_flush(r->pipeline);
}

static int show_progress(struct run *r)
{
	uint64_t done, total;

	if (!r->progress || !r->source.ops->progress)
		return *stop_signal() ? -EINTR : 0;
	r->source.ops->progress(r->source.priv, &done, &total);
	return progress_step(r->progress, done, total);
}

static int read_on(struct run *r, bool *ret_last)
{
	int err = show_progress(r);

	if (!err)
		err = r->source.ops->feed(r->source.priv, &r->reader);
	*ret_last = err == SOURCE_ENDED;
	return err < 0 ? err : 0;
}

/* Sets up all that the loop waits for, and lets the command go. */
static int begin(struct run *r)
{
	const struct source *src = &r->source;
	int err = waiter_new(&r->waiter);

	if (!err && stop_fd() >= 0)
		err = waiter_add(r->waiter, stop_fd(), EPOLLIN, NULL, NULL);
	if (!err)
		err = waiter_add(r->waiter, src->ops->fd(src->priv), EPOLLIN, NULL, NULL);
	if (!err)
		err = add_timers(r);
	/* Once: it stays readable while a tracer keeps the command from being reaped. */
	if (!err && r->child && r->child->pidfd >= 0)
		err = waiter_add(r->waiter, r->child->pidfd, EPOLLIN | EPOLLONESHOT, NULL, NULL);
	if (!err && r->child)
		err = child_go(r->child);
	return err;
}

int run_go(struct run *r)
{
	bool last = false;
	int err = r->source.ops->fd ? begin(r) : 0;

	while (!err && !last)
		err = r->source.ops->fd ? trace_on(r, &last) : read_on(r, &last);
	waiter_free(r->waiter);
	r->waiter = NULL;
	return err;
}
