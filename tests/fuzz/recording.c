/* SPDX-License-Identifier: BSD-2-Clause */
/* A recording, tried in all ways. */
#include "fuzz/recording.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stddef.h>

#include "core/pipeline.h"
#include "fuzz/show.h"
#include "sink/rows.h"
#include "replay_run.h"

/* An honest one of so few bytes has not as many events. */
#define MAX_EVENTS 20000
#define MAX_STEPS  2000000

static const char *const queries[] = {
	"SELECT * FROM changes ORDER BY id",
	"SELECT * FROM failures",
	"SELECT * FROM processes",
	"SELECT * FROM lifecycle",
	"SELECT * FROM files",
	"SELECT sum(events) FROM block WHERE NOT key",
	"SELECT * FROM findings",
	"PRAGMA integrity_check(1)",
};

struct trial {
	struct show show;
	struct replay *r;
	unsigned int nr_events;
};

static int feed(void *ctx, const struct event *ev)
{
	struct trial *t = ctx;

	if (++t->nr_events > MAX_EVENTS)
		return -ECANCELED;
	return show_feed(&t->show, ev);
}

static int feed_mirrors(void *ctx, const struct event *ev)
{
	return pipeline_feed(ctx, ev);
}

/* The moment in the middle, and a change. */
static void go_back(struct replay *r, struct object_table *objects)
{
	const struct replay_info *i = replay_info(r);
	struct replay_place places[] = {
		{ .ts_ns = i->start_ns + (i->end_ns - i->start_ns) / 2 },
		{ .change = 3 },
	};
	uint64_t nr_changes;
	size_t n;

	for (n = 0; n < 2; n++) {
		struct pipeline *pl = pipeline_new(objects);

		replay_run_to(r, &places[n], feed_mirrors, pl, &nr_changes);
		pipeline_free(pl);
	}
}

static int give_up(void *ctx)
{
	return ++*(unsigned int *)ctx > MAX_STEPS / 1000;
}

static void query(struct replay *r, const char *sql, enum rows_format format)
{
	struct out out = { .fd = open("/dev/null", O_WRONLY | O_CLOEXEC) };
	sqlite3_stmt *s = NULL;
	unsigned int nr = 0;

	sqlite3_progress_handler(replay_db(r), 1000, give_up, &nr);
	if (!sqlite3_prepare_v2(replay_db(r), sql, -1, &s, NULL))
		rows_write(&out, s, format);
	sqlite3_finalize(s);
	sqlite3_progress_handler(replay_db(r), 0, NULL, NULL);
	out_close(&out);
}

void recording_try(sqlite3 *db, size_t len)
{
	struct replay_fault fault;
	struct trial t = { 0 };
	size_t i;

	show_init(&t.show, len);
	if (replay_open_db(db, t.show.objects, &t.r, &fault)) {
		show_done(&t.show);
		return;
	}
	t.show.run.what = replay_info(t.r)->what;
	t.show.run.tier = replay_info(t.r)->tier;
	t.show.run.start_ns = replay_info(t.r)->start_ns;
	t.show.run.boot_to_wall_ns = replay_info(t.r)->boot_to_wall_ns;
	replay_run(t.r, feed, &t);
	go_back(t.r, t.show.objects);
	for (i = 0; i < sizeof(queries) / sizeof(*queries); i++)
		query(t.r, queries[i], i % 3);
	show_done(&t.show);
	replay_close(t.r);
}
