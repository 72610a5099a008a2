/* SPDX-License-Identifier: BSD-2-Clause */
/* Shows hostile events in every way there is. */
#include "fuzz/show.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>

#include "core/aspace.h"
#include "core/judge.h"
#include "core/pipeline.h"
#include "detect/detectors.h"
#include "sink/html/html_sink.h"
#include "sink/lines/lines.h"
#include "sink/report/report_sink.h"
#include "sink/timeline/timeline_sink.h"
#include "sink/tracks/tracks_sink.h"

static struct sink sink_of(int i, struct out *out, const struct run_info *run)
{
	struct line_config line = { .out = out, .run = run, .header = true, .utc = true };
	struct timeline_config timeline = { .out = out, .run = run, .utc = true, .width = 100 };
	struct html_config html = { .out = out, .run = run };
	struct report_config report = { .out = out, .run = run, .width = 80, .utc = true };
	struct tracks_config tracks = { .out = out, .run = run, .all = true };

	select_all(&line.select);
	line.time = i % 3; /* wall, relative and delta */
	switch (i) {
	case 0:
		return json_sink_new(&line);
	case 1: /* a small terminal */
		line.width = 50;
		line.color = true;
		return text_sink_new(&line);
	case 2:
		return text_sink_new(&line);
	case 3:
		timeline.width = 40;
		timeline.color = true;
		return timeline_sink_new(&timeline);
	case 4:
		timeline.width = 200;
		timeline.all = true;
		return timeline_sink_new(&timeline);
	case 5:
		timeline.svg = true;
		return timeline_sink_new(&timeline);
	case 6:
		return html_sink_new(&html);
	case 7:
		return report_sink_new(&report);
	case 8:
		report.shared = true;
		return report_sink_new(&report);
	case 9:
		tracks.chrome = true;
		return tracks_sink_new(&tracks);
	default:
		return tracks_sink_new(&tracks);
	}
}

void show_init(struct show *s, size_t len)
{
	static int nowhere = -1;
	int pair = len % 8, i;

	if (nowhere < 0)
		nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	memset(s, 0, sizeof(*s));
	s->run = (struct run_info){ .what = "\033[2Jwhat \"<\xff>", .tier = "truth" };
	s->objects = object_table_new();
	s->pl = pipeline_new(s->objects);
	rules_init(&s->rules);
	pipeline_set_judge(s->pl, judge_new(all_detectors, &s->rules));
	s->is_binary = pair == 2;
	for (i = 0; i < (pair < SHOW_PAIRS ? SHOW_OUTS : SHOW_OUTS - 2); i++) {
		int kind = i < SHOW_OUTS - 2 ? i : i + 2 * pair;

		s->out[i].fd = nowhere;
		pipeline_add_sink(s->pl, sink_of(kind, &s->out[i], &s->run));
	}
}

/* Code of ours is not to be covered. */
#define UNCOVERED __attribute__((no_sanitize("coverage")))

UNCOVERED void show_check_mirror(const struct aspace *as)
{
	const struct vma *v, *prev = NULL;
	struct attr a;
	size_t nr = 0;

	for (v = aspace_find(as, 0); v; prev = v, v = aspace_next(as, v), nr++) {
		assert(v->start < v->end);
		assert(attr_is_mapped(&v->attr) && !attr_is_unknown(&v->attr) && v->attr.obj);
		if (!prev)
			continue;
		assert(prev->end <= v->start);
		a = attr_advance(prev->attr, prev->end - prev->start);
		assert(prev->end < v->start || a.obj != v->attr.obj || a.flags != v->attr.flags ||
		       a.pkey != v->attr.pkey || a.off != v->attr.off);
	}
	assert(nr == aspace_nr_vmas(as));
}

static void check_proc(const struct show *s, uint32_t pid)
{
	const struct proc *p = pipeline_find(s->pl, pid);

	if (!p)
		return;
	assert(p->pid == pid && p->mm && p->mm->nr_users);
	show_check_mirror(p->mm->as);
	if (p->mm->stale)
		show_check_mirror(p->mm->stale);
}

/* Nothing that was printed makes a terminal do something: colours are the only escapes. */
UNCOVERED static void check_text(const struct buf *b)
{
	size_t i;

	for (i = 0; i < b->len; i++) {
		unsigned char c = b->data[i];

		if (c == 033) {
			assert(i + 1 < b->len && b->data[i + 1] == '[');
			for (i += 2; b->data[i] != 'm'; i++)
				assert(i + 1 < b->len && strchr("0123456789;", b->data[i]));
			continue;
		}
		assert((c >= ' ' && c != 0x7f) || c == '\n');
	}
}

static void check_outputs(struct show *s)
{
	int i;

	for (i = 0; i < SHOW_OUTS; i++) {
		if (i < SHOW_OUTS - 1 || !s->is_binary)
			check_text(&s->out[i].buf);
		s->out[i].buf.len = 0;
	}
}

int show_feed(struct show *s, const struct event *ev)
{
	assert(!pipeline_feed(s->pl, ev));
	check_proc(s, ev->pid);
	if (ev->type == EVENT_FORK)
		check_proc(s, ev->child.pid);
	while (pipeline_next_stale(s->pl, UINT64_MAX) || pipeline_next_racy(s->pl))
		;
	check_outputs(s);
	s->end_ns = ev->ts_ns;
	return 0;
}

void show_done(struct show *s)
{
	int i;

	assert(!pipeline_finish(s->pl, s->end_ns, NULL));
	check_outputs(s);
	pipeline_free(s->pl);
	object_table_free(s->objects);
	rules_done(&s->rules);
	for (i = 0; i < SHOW_OUTS; i++)
		buf_done(&s->out[i].buf);
}
