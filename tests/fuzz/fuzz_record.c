/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records as in fuzz_decode.c. What becomes of them is recorded, and replayed: a recording of
 * whatever events can be read, and gives the same changes and findings.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/decode.h"
#include "core/judge.h"
#include "core/pipeline.h"
#include "detect/detectors.h"
#include "fuzz/show.h"
#include "sink/record/record_sink.h"
#include "replay_run.h"

/* A run that is only summed up. */
struct run {
	struct object_table *objects;
	struct pipeline *pl;
	struct rules rules;
	uint64_t sum;
};

static void add(struct run *r, const void *data, size_t len)
{
	const unsigned char *p = data;

	while (len--)
		r->sum = (r->sum ^ *p++) * 1099511628211ULL;
}

static void add_number(struct run *r, uint64_t v)
{
	add(r, &v, sizeof(v));
}

static void add_state(struct run *r, const struct attr *a)
{
	add_number(r, a->flags);
	add_number(r, a->pkey);
	add_number(r, a->off);
	if (!a->obj)
		return;
	add_number(r, a->obj->kind << 2 | a->obj->deleted << 1 | a->obj->inode_unknown);
	add_number(r, a->obj->dev);
	add_number(r, a->obj->ino);
	add(r, a->obj->name, a->obj->name_len);
}

static int on_change(void *priv, const struct change *ch)
{
	add_number(priv, ch->ev->ts_ns);
	add_number(priv, ch->proc->pid);
	add(priv, ch->proc->comm, strlen(ch->proc->comm));
	add_number(priv, ch->start);
	add_number(priv, ch->end);
	add_number(priv, ch->caller.addr);
	add_state(priv, &ch->before);
	add_state(priv, &ch->after);
	return 0;
}

static int on_finding(void *priv, const struct finding *f)
{
	add_number(priv, f->severity);
	add(priv, f->why.data, f->why.len);
	return 0;
}

static const struct sink_ops sum_ops = {
	.name = "sum",
	.change = on_change,
	.finding = on_finding,
};

static void run_init(struct run *r)
{
	memset(r, 0, sizeof(*r));
	r->objects = object_table_new();
	r->pl = pipeline_new(r->objects);
	rules_init(&r->rules);
	pipeline_set_judge(r->pl, judge_new(all_detectors, &r->rules));
	pipeline_add_sink(r->pl, (struct sink){ .ops = &sum_ops, .priv = r });
}

static void run_done(struct run *r)
{
	pipeline_free(r->pl);
	object_table_free(r->objects);
	rules_done(&r->rules);
}

static int feed(void *ctx, const struct event *ev)
{
	return pipeline_feed(ctx, ev);
}

/* ret_end_ns: when the last event was. */
static void feed_records(struct run *r, const uint8_t *data, size_t len, uint64_t *ret_end_ns)
{
	struct decoder *d = decoder_new(r->objects);
	uint64_t record[8192];
	struct event ev;

	*ret_end_ns = 0;
	while (len >= 2) {
		size_t n = (data[0] | data[1] << 8) * 8UL;

		data += 2;
		len -= 2;
		n = n < len ? n : len;
		n = n < sizeof(record) ? n : sizeof(record);
		memcpy(record, data, n);
		if (!decode(d, record, n, &ev)) {
			assert(!pipeline_feed(r->pl, &ev));
			*ret_end_ns = ev.ts_ns;
		}
		data += n;
		len -= n;
	}
	decoder_free(d);
}

static void record(const char *path, const uint8_t *data, size_t len, uint64_t *ret_sum)
{
	struct run_info info = { .what = "\"\033", .tier = "truth" };
	struct record_config cfg = { .path = path, .force = true, .arguments = "", .run = &info };
	struct sink sink;
	struct run r;
	uint64_t end_ns;

	run_init(&r);
	cfg.pipeline = r.pl;
	assert(!record_sink_new(&cfg, &sink));
	pipeline_add_sink(r.pl, sink);
	feed_records(&r, data, len, &end_ns);
	assert(!pipeline_finish(r.pl, end_ns, NULL));
	*ret_sum = r.sum;
	run_done(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct replay_fault fault;
	struct replay *replay;
	uint64_t live_sum;
	char path[64];
	struct run r;

	snprintf(path, sizeof(path), "/dev/shm/mprotwatch-fuzz.%d", (int)getpid());
	record(path, data, len, &live_sum);
	run_init(&r);
	assert(!replay_open(path, r.objects, &replay, &fault));
	assert(!replay_run(replay, feed, r.pl));
	assert(!pipeline_finish(r.pl, replay_info(replay)->end_ns, NULL));
	assert(r.sum == live_sum);
	replay_close(replay);
	run_done(&r);
	unlink(path);
	return 0;
}
