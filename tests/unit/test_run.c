/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The run, with sources made up here: where each kind ends, what a signal does to it, and that
 * mirrors which went stale are asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cmd/mirrors.h"
#include "cmd/stop.h"
#include "util/clock.h"
#include "wire.h"

#define MS	 1000000ULL
#define NOBODY	 4194305 /* above all pids: it is gone */
#define TOO_MANY 1000

/* A source that plays events; the state that it returns behind the last is given. */
struct player {
	int fd;
	const struct event *events;
	size_t nr, nr_fed;
	int last_state;
	int raise_at; /* feed with this number raises SIGTERM; 0: none */
	unsigned int nr_feeds, nr_drains, nr_snapshots, nr_checks;
	int snapshot_err;
};

struct world {
	struct player player;
	struct object_table *objects;
	struct run run;
	unsigned int nr_flushes, nr_exits;
	uint32_t exit_code;
	int sink_err;
};

static int player_feed(void *priv, const struct source_reader *to)
{
	struct player *p = priv;
	int err;

	assert_true(++p->nr_feeds < TOO_MANY);
	if ((int)p->nr_feeds == p->raise_at)
		raise(SIGTERM);
	if (p->nr_fed == p->nr)
		return p->last_state;
	err = to->event(to->ctx, &p->events[p->nr_fed++]);
	return err ? err : p->nr_fed < p->nr ? SOURCE_HAS_MORE : p->last_state;
}

static int player_drain(void *priv, const struct source_reader *to)
{
	(void)to;
	((struct player *)priv)->nr_drains++;
	return 0;
}

static int feed_all_of(uint32_t pid, bool check, const struct source_reader *to)
{
	const struct event ev = { .type = EVENT_RANGE,
				  .ts_ns = clock_ns(CLOCK_BOOTTIME),
				  .pid = pid,
				  .tid = pid,
				  .check = check,
				  .from_maps = true,
				  .has_range = true,
				  .hi = MPW_TASK_MAX };

	return to->event(to->ctx, &ev);
}

static int player_snapshot(void *priv, uint32_t pid, const struct source_reader *to)
{
	struct player *p = priv;

	p->nr_snapshots++;
	return p->snapshot_err ? p->snapshot_err : feed_all_of(pid, false, to);
}

static int player_check(void *priv, uint32_t pid, const struct source_reader *to)
{
	((struct player *)priv)->nr_checks++;
	return feed_all_of(pid, true, to);
}

static int player_fd(const void *priv)
{
	return ((const struct player *)priv)->fd;
}

static const struct source_ops ending_ops = { .feed = player_feed };
static const struct source_ops endless_ops = {
	.feed = player_feed,
	.fd = player_fd,
	.drain = player_drain,
	.snapshot = player_snapshot,
	.check = player_check,
};

static int on_end(void *priv, const struct event *ev, const struct proc *p, unsigned int nr)
{
	struct world *w = priv;

	(void)p, (void)nr;
	if (ev->type == EVENT_EXIT) {
		w->nr_exits++;
		w->exit_code = ev->exit_code;
	}
	return w->sink_err;
}

static int on_flush(void *priv)
{
	((struct world *)priv)->nr_flushes++;
	return 0;
}

static const struct sink_ops sink_ops = { .name = "test", .end_event = on_end, .flush = on_flush };

static void start(struct world *w, const struct source_ops *ops)
{
	static const struct whom all;
	struct pipeline *pl;

	memset(w, 0, sizeof(*w));
	w->objects = object_table_new();
	pl = pipeline_new(w->objects);
	pipeline_add_sink(pl, (struct sink){ .ops = &sink_ops, .priv = w });
	w->player.fd = eventfd(0, EFD_CLOEXEC);
	w->player.last_state = ops->fd ? SOURCE_RESTS : SOURCE_ENDED;
	run_init(&w->run, pl, (struct source){ ops, &w->player });
	w->run.whom = &all;
	stop_catch(true);
}

static void done(struct world *w)
{
	stop_leave();
	close(w->player.fd);
	pipeline_free(w->run.pipeline);
	object_table_free(w->objects);
}

static void play(struct world *w, const struct event *events, size_t nr)
{
	w->player.events = events;
	w->player.nr = nr;
}

static const struct event calls[] = {
	{ .type = EVENT_CALL, .pid = NOBODY, .mm = 1, .call = { .id = MPW_CALL_BRK } },
	{ .type = EVENT_CALL, .pid = NOBODY, .mm = 1, .call = { .id = MPW_CALL_BRK } },
	{ .type = EVENT_CALL, .pid = NOBODY, .mm = 1, .call = { .id = MPW_CALL_BRK } },
};

static void test_end(void **state)
{
	struct world w;

	(void)state;
	start(&w, &ending_ops);
	play(&w, calls, 3);
	assert_int_equal(run_go(&w.run), 0);
	assert_int_equal(w.run.nr_events, 3);
	assert_int_equal(w.nr_flushes, 0); /* nobody waits for what it says */
	done(&w);
}

static void test_enough(void **state)
{
	struct world w;

	(void)state;
	start(&w, &ending_ops);
	play(&w, calls, 3);
	w.sink_err = -ECANCELED;
	assert_int_equal(run_go(&w.run), -ECANCELED);
	assert_int_equal(w.run.nr_events, 1);
	done(&w);
}

/* A source that is not read to its end is interrupted. */
static void test_interrupt(void **state)
{
	struct world w;

	(void)state;
	start(&w, &ending_ops);
	play(&w, calls, 3);
	w.player.raise_at = 2;
	assert_int_equal(run_go(&w.run), -EINTR);
	assert_int_equal(w.run.nr_events, 2);
	done(&w);
}

/* A source that goes on for ever ends by a signal, drained, and every process is compared. */
static void test_signal(void **state)
{
	struct world w;

	(void)state;
	start(&w, &endless_ops);
	play(&w, calls, 1);
	w.player.raise_at = 1;
	w.run.verify = true;
	assert_int_equal(run_go(&w.run), 0);
	assert_int_equal(w.player.nr_feeds, 1);
	assert_true(w.player.nr_drains);
	assert_int_equal(w.nr_flushes, 2);
	done(&w);
}

static void test_duration(void **state)
{
	uint64_t start_ns = clock_ns(CLOCK_BOOTTIME), took_ns;
	struct world w;

	(void)state;
	start(&w, &endless_ops);
	w.run.duration_ns = 120 * MS;
	assert_int_equal(run_go(&w.run), 0);
	took_ns = clock_ns(CLOCK_BOOTTIME) - start_ns;
	assert_true(took_ns >= 120 * MS);
	assert_true(w.player.nr_feeds >= 2); /* it is looked into without being readable */
	assert_int_equal(w.player.nr_drains, 1);
	done(&w);
}

/* A mirror of which nothing is known is asked for; one whose process is gone comes to its end. */
static void test_heal(void **state)
{
	struct event ev = calls[0];
	struct world w;

	(void)state;
	start(&w, &endless_ops);
	play(&w, &ev, 1);
	ev.pid = getpid();
	w.run.verify = true;
	w.run.duration_ns = 10 * MS;
	assert_int_equal(run_go(&w.run), 0);
	assert_int_equal(w.player.nr_snapshots, 1);
	assert_int_equal(w.player.nr_checks, 1);
	assert_int_equal(w.nr_exits, 0);
	done(&w);

	start(&w, &endless_ops);
	play(&w, calls, 1);
	w.player.snapshot_err = -ESRCH;
	w.run.duration_ns = 10 * MS;
	assert_int_equal(run_go(&w.run), 0);
	assert_int_equal(w.nr_exits, 1);
	assert_int_equal(w.exit_code, EXIT_UNSEEN);
	assert_null(pipeline_find(w.run.pipeline, NOBODY));
	done(&w);
}

/* The end of all that was named is the end. */
static void test_nothing_left(void **state)
{
	const struct event exit = { .type = EVENT_EXIT, .pid = NOBODY };
	uint32_t pid = NOBODY;
	const struct whom named = { .pids = { .id = &pid, .nr = 1 } };
	struct world w;

	(void)state;
	start(&w, &endless_ops);
	assert_int_equal(pipeline_feed(w.run.pipeline, &calls[0]), 0);
	play(&w, &exit, 1);
	w.run.whom = &named;
	w.player.snapshot_err = -EPERM;
	assert_int_equal(run_go(&w.run), 0);
	assert_int_equal(w.nr_exits, 1);
	done(&w);
}

static void test_command(void **state)
{
	char *argv[] = { "true", NULL };
	struct child child = { .gate = -1 };
	struct world w;

	(void)state;
	start(&w, &endless_ops);
	assert_int_equal(child_make(&child, argv), 0);
	w.run.child = &child;
	assert_int_equal(run_go(&w.run), 0);
	assert_true(child.over);
	assert_int_equal(child_exit_status(&child), 0);
	child_done(&child);
	done(&w);

	argv[0] = "/nonexistent";
	start(&w, &endless_ops);
	assert_int_equal(child_make(&child, argv), 0);
	w.run.child = &child;
	assert_int_equal(run_go(&w.run), -ENOENT);
	child_done(&child);
	done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_end),	     cmocka_unit_test(test_enough),
		cmocka_unit_test(test_interrupt),    cmocka_unit_test(test_signal),
		cmocka_unit_test(test_duration),     cmocka_unit_test(test_heal),
		cmocka_unit_test(test_nothing_left), cmocka_unit_test(test_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
