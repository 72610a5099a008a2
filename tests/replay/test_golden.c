/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each cases/NAME.events gives NAME.text, NAME.narrow (the same on a terminal), NAME.json,
 * NAME.timeline, NAME.findings, NAME.report, NAME.shared and NAME.sums (the report as JSON), to the
 * byte: what an event means, what is found in it, and how it is shown. findings/NAME.events, the detectors' cases, give NAME.findings alone. UPDATE=1
 * writes them anew; look at the diff then. Of a case whose name ends with "-of-100" process 100 alone
 * is wanted.
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
#include "replay/script.h"
#include "sink/lines/lines.h"
#include "sink/report/report_sink.h"
#include "sink/timeline/timeline_sink.h"

#define START_NS 5000000000ULL
#define WALL_NS	 1795521784000000000ULL /* 2026-11-24T12:03:04Z, of START_NS */

#define NARROW 90

static const char *const kinds[] = { "text",	 "json",   "timeline", "narrow",
				     "findings", "report", "shared",   "sums" };
#define NR_KINDS 8

static int feed(void *ctx, const struct event *ev)
{
	return pipeline_feed(ctx, ev);
}

static struct sink sink_of(int kind, struct out *out, const struct run_info *run,
			   const struct pipeline *pl)
{
	struct line_config line = { .out = out,
				    .run = run,
				    .utc = true,
				    .header = true,
				    .min_severity = SEVERITY_MEDIUM };
	struct report_config report = { .out = out,
					.run = run,
					.makers = pipeline_makers(pl),
					.shared = kind == 6,
					.json = kind == 7,
					.width = 100,
					.utc = true };
	struct timeline_config timeline = { .out = out, .run = run, .width = 100, .utc = true };

	select_all(&line.select);
	line.select.findings_only = kind == 4;
	if (kind == 1 || kind == 4)
		line.min_severity = SEVERITY_INFO;
	if (kind == 3)
		line.width = NARROW;
	if (kind >= 5)
		return report_sink_new(&report);
	if (kind == 0 || kind == 3 || kind == 4)
		return text_sink_new(&line);
	return kind == 1 ? json_sink_new(&line) : timeline_sink_new(&timeline);
}

static char *slurp(FILE *f, size_t *ret_len)
{
	char *text = NULL;
	long len;

	fseek(f, 0, SEEK_END);
	len = ftell(f);
	rewind(f);
	text = calloc(1, len + 1);
	assert_int_equal(fread(text, 1, len, f), len);
	fclose(f);
	*ret_len = len;
	return text;
}

/* A terminal wraps no line. */
static void assert_narrow(const char *text)
{
	unsigned int cols = 0;

	for (; *text; text++) {
		cols = *text == '\n' ? 0 : cols + (((unsigned char)*text & 0xc0) != 0x80);
		if (cols > NARROW)
			fail_msg("a line is too long at: %.20s", text);
	}
}

/* Compare f's text with the file of that kind, line by line to say where; or write that file. */
static void compare(const char *path, FILE *f, bool narrow)
{
	size_t len, wanted_len, line = 1, i;
	char *text = slurp(f, &len), *wanted;
	FILE *golden = fopen(path, getenv("UPDATE") ? "we" : "re");

	if (narrow)
		assert_narrow(text);
	if (!golden)
		fail_msg("no %s; UPDATE=1 writes it", path);
	if (getenv("UPDATE")) {
		fwrite(text, 1, len, golden);
		fclose(golden);
		free(text);
		return;
	}
	wanted = slurp(golden, &wanted_len);
	for (i = 0; i < len && i < wanted_len && text[i] == wanted[i]; i++)
		line += text[i] == '\n';
	if (i < len || i < wanted_len) {
		while (i && text[i - 1] != '\n')
			i--;
		fail_msg("%s:%zu\nwanted: %.*s\nis:     %.*s", path, line,
			 (int)strcspn(wanted + i, "\n"), wanted + i, (int)strcspn(text + i, "\n"),
			 text + i);
	}
	free(text);
	free(wanted);
}

static void play(void **state)
{
	const char *path = *state;
	struct run_info run = { .what = "process 100",
				.tier = "truth",
				.start_ns = START_NS,
				.boot_to_wall_ns = WALL_NS - START_NS,
				.max_map_count = 65530 };
	const struct whom whom = { .pids = { .id = (uint32_t[]){ 100 }, .nr = 1 } };
	struct object_table *objects = object_table_new();
	struct pipeline *pl = pipeline_new(objects);
	struct rules rules;
	struct out out[NR_KINDS] = { 0 };
	FILE *f[NR_KINDS];
	char golden[512];
	uint64_t end_ns;
	int i;

	if (strstr(path, "-of-100."))
		pipeline_choose(pl, &whom);
	rules_init(&rules);
	rules.thresholds.max_map_count = 20; /* a script can come near that */
	pipeline_set_judge(pl, judge_new(all_detectors, &rules));
	pipeline_keep_makers(pl);
	for (i = 0; i < NR_KINDS; i++) {
		f[i] = tmpfile();
		assert_non_null(f[i]);
		out[i].fd = fileno(f[i]);
		pipeline_add_sink(pl, sink_of(i, &out[i], &run, pl));
	}
	end_ns = script_play(path, START_NS, objects, feed, pl);
	assert_int_equal(pipeline_finish(pl, end_ns, NULL), 0);
	pipeline_free(pl);
	object_table_free(objects);
	for (i = 0; i < NR_KINDS; i++) {
		assert_int_equal(out_flush(&out[i]), 0);
		buf_done(&out[i].buf);
		snprintf(golden, sizeof(golden), "%.*s.%s", (int)(strlen(path) - strlen(".events")),
			 path, kinds[i]);
		if (i == 4 || !strstr(path, "/findings/"))
			compare(golden, f[i], i == 3);
		else
			fclose(f[i]);
	}
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
						.test_func = play,
						.initial_state = cases.gl_pathv[i] };
	failed = _cmocka_run_group_tests("golden", tests, cases.gl_pathc, NULL, NULL);
	free(tests);
	globfree(&cases);
	return failed;
}
