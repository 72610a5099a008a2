/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tracks of every case, as trace viewers see them: each packet is one that the format allows, a
 * track comes once and before what is on it, slices of a track follow each other and never overlap,
 * sizes are those of the mirrors at the end, and both formats agree. Names that are no UTF-8 would
 * make a viewer refuse the file.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/judge.h"
#include "core/pipeline.h"
#include "detect/detectors.h"
#include "perfetto.pb-c.h"
#include "replay/script.h"
#include "sink/tracks/tracks_sink.h"
#include "util/escape.h"

#define START_NS   5000000000ULL
#define MAX_TRACKS 4096

struct seen_track {
	const Pf__TrackDescriptor *d;
	bool is_open;
	uint64_t last_ns, nr_slices;
	int64_t value; /* of a size, the last */
};

struct seen {
	struct seen_track track[MAX_TRACKS]; /* by uuid */
	uint64_t nr_slices, nr_moments, nr_values;
};

static int feed(void *ctx, const struct event *ev)
{
	return pipeline_feed(ctx, ev);
}

/* As it was escaped, nothing but its backslashes is still to be. */
static void assert_clean(const char *text)
{
	size_t len = strlen(text), i;
	struct buf b = { 0 };

	escape_text(&b, text, len);
	for (i = 0; text[i]; i++)
		len += text[i] == '\\';
	assert_int_equal(b.len, len);
	buf_done(&b);
}

static void see_track(struct seen *s, const Pf__TrackDescriptor *d)
{
	assert_true(d->has_uuid && d->uuid && d->uuid < MAX_TRACKS);
	assert_null(s->track[d->uuid].d);
	if (d->has_parent_uuid)
		assert_non_null(s->track[d->parent_uuid].d);
	assert_clean(d->name);
	s->track[d->uuid].d = d;
}

static void see_event(struct seen *s, uint64_t ts_ns, const Pf__TrackEvent *e)
{
	struct seen_track *t = &s->track[e->track_uuid];
	size_t i;

	assert_true(e->has_track_uuid && t->d && e->has_type);
	assert_true(ts_ns >= t->last_ns);
	assert_int_equal(e->has_counter_value, t->d->counter != NULL);
	if (e->name)
		assert_clean(e->name);
	for (i = 0; i < e->n_debug_annotations; i++)
		assert_clean(e->debug_annotations[i]->string_value);
	switch ((int)e->type) { /* the generated enum has a value that is none */
	case PF__TRACK_EVENT__TYPE__SLICE_BEGIN:
		assert_false(t->is_open);
		t->is_open = true;
		s->nr_slices++;
		break;
	case PF__TRACK_EVENT__TYPE__SLICE_END:
		assert_true(t->is_open);
		t->is_open = false;
		break;
	case PF__TRACK_EVENT__TYPE__INSTANT:
		s->nr_moments++;
		return; /* a finding may be told a little later */
	case PF__TRACK_EVENT__TYPE__COUNTER:
		t->value = e->counter_value;
		s->nr_values++;
		break;
	default:
		fail();
	}
	t->last_ns = ts_ns;
}

/* The packets, each checked; to be freed when s is done with. */
static Pf__Trace *read_trace(const struct buf *b, struct seen *s)
{
	Pf__Trace *trace = pf__trace__unpack(NULL, b->len, (const uint8_t *)b->data);
	size_t i;

	assert_non_null(trace);
	assert_true(trace->n_packet > 0 && trace->packet[0]->clock_snapshot);
	for (i = 0; i < trace->n_packet; i++) {
		Pf__TracePacket *p = trace->packet[i];

		assert_int_equal(p->base.n_unknown_fields, 0);
		if (p->track_descriptor)
			see_track(s, p->track_descriptor);
		if (p->track_event)
			see_event(s, p->timestamp, p->track_event);
	}
	for (i = 0; i < MAX_TRACKS; i++)
		assert_false(s->track[i].is_open);
	return trace;
}

static uint64_t mapped_bytes(const struct aspace *as)
{
	const struct vma *v;
	uint64_t n = 0;

	for (v = aspace_find(as, 0); v; v = aspace_next(as, v))
		n += v->end - v->start;
	return n;
}

/* The sizes told last of what lives at the end are those of the mirrors. */
static void compare_sizes(const struct seen *s, const struct pipeline *pl)
{
	const struct proc *p;
	size_t i;

	for (i = 0; i < MAX_TRACKS; i++) {
		const Pf__TrackDescriptor *d = s->track[i].d;
		const Pf__ProcessDescriptor *who;

		if (!d || !d->counter || strcmp(d->name, "mapped") != 0)
			continue;
		who = s->track[d->parent_uuid].d->process;
		for (p = pipeline_next(pl, NULL); p; p = pipeline_next(pl, p))
			if (p->pid == (uint32_t)who->pid && !p->mm->stale)
				assert_int_equal(s->track[i].value, mapped_bytes(p->mm->as));
	}
}

static size_t count(const struct buf *b, const char *word)
{
	const char *at = b->data;
	size_t n = 0;

	for (; (at = memmem(at, b->data + b->len - at, word, strlen(word))); at++)
		n++;
	return n;
}

static void play(const char *path, bool all)
{
	struct run_info run = { .what = "test", .tier = "truth", .start_ns = START_NS };
	struct out perfetto = { .fd = -1 }, chrome = { .fd = -1 };
	struct tracks_config cfg = { .out = &perfetto, .run = &run, .all = all };
	struct object_table *objects = object_table_new();
	struct pipeline *pl = pipeline_new(objects);
	struct seen *s = calloc(1, sizeof(*s));
	struct rules rules;
	Pf__Trace *trace;
	uint64_t end_ns;

	rules_init(&rules);
	pipeline_set_judge(pl, judge_new(all_detectors, &rules));
	pipeline_add_sink(pl, tracks_sink_new(&cfg));
	cfg.out = &chrome;
	cfg.chrome = true;
	pipeline_add_sink(pl, tracks_sink_new(&cfg));
	end_ns = script_play(path, START_NS, objects, feed, pl);
	assert_int_equal(pipeline_finish(pl, end_ns, NULL), 0);
	trace = read_trace(&perfetto.buf, s);
	compare_sizes(s, pl);
	assert_true(s->nr_moments + s->nr_values + s->nr_slices > 0);
	assert_int_equal(count(&chrome.buf, "{\"ph\":\"X\""), s->nr_slices);
	assert_int_equal(count(&chrome.buf, "{\"ph\":\"i\""), s->nr_moments);
	assert_int_equal(count(&chrome.buf, "{\"ph\":\"C\""), s->nr_values);
	pf__trace__free_unpacked(trace, NULL);
	pipeline_free(pl);
	object_table_free(objects);
	buf_done(&perfetto.buf);
	buf_done(&chrome.buf);
	free(s);
}

static void test_case(void **state)
{
	play(*state, false);
	play(*state, true);
}

int main(void)
{
	struct CMUnitTest *tests;
	glob_t cases;
	size_t i;
	int failed;

	if (glob("tests/replay/cases/*.events", 0, NULL, &cases) ||
	    glob("tests/replay/findings/*.events", GLOB_APPEND, NULL, &cases))
		return 2;
	tests = calloc(cases.gl_pathc, sizeof(*tests));
	for (i = 0; i < cases.gl_pathc; i++)
		tests[i] = (struct CMUnitTest){ .name = strrchr(cases.gl_pathv[i], '/') + 1,
						.test_func = test_case,
						.initial_state = cases.gl_pathv[i] };
	failed = _cmocka_run_group_tests("tracks", tests, cases.gl_pathc, NULL, NULL);
	free(tests);
	globfree(&cases);
	return failed;
}
