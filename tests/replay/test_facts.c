/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A row of facts.h shows everywhere by itself: in text, JSON and its schema, SQL, the HTML page, and
 * the same again from a recording. Values are made up from the ids: no row is named here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <zlib.h>

#include "core/pipeline.h"
#include "replay_run.h"
#include "sink/html/html_sink.h"
#include "sink/lines/lines.h"
#include "sink/record/record_sink.h"
#include "source/replay.h"
#include "wire.h"

#define PAGE_MAX (1 << 20)

static char path[] = "/tmp/mpw-facts.XXXXXX";

enum kind { TEXT, JSON, PAGE, NR_KINDS };

struct showing {
	struct object_table *objects;
	struct pipeline *pl;
	struct run_info run;
	struct out out[NR_KINDS];
};

/* All that was written, to be freed. */
static char *text_of(struct out *out)
{
	char *text = calloc(1, PAGE_MAX);

	assert_int_equal(out_flush(out), 0);
	assert_true(pread(out->fd, text, PAGE_MAX - 1, 0) > 0);
	return text;
}

static void showing_init(struct showing *s)
{
	struct line_config line = { .run = &s->run, .fields = ~0U };
	struct html_config html = { .run = &s->run };
	int i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < NR_KINDS; i++)
		s->out[i].fd = memfd_create("out", MFD_CLOEXEC);
	s->run = (struct run_info){ .what = "", .tier = "truth" };
	s->objects = object_table_new();
	s->pl = pipeline_new(s->objects);
	select_all(&line.select);
	line.out = &s->out[TEXT];
	pipeline_add_sink(s->pl, text_sink_new(&line));
	line.out = &s->out[JSON];
	pipeline_add_sink(s->pl, json_sink_new(&line));
	html.out = &s->out[PAGE];
	pipeline_add_sink(s->pl, html_sink_new(&html));
}

static void showing_done(struct showing *s)
{
	int i;

	pipeline_free(s->pl);
	object_table_free(s->objects);
	for (i = 0; i < NR_KINDS; i++)
		out_close(&s->out[i]);
}

/* Facts as a source would say them: those of processes in a place, those of events with a call. */
static void put_facts(struct facts *f, enum fact_of of)
{
	static const char word[] = "a\033b";
	int id;

	for (id = 0; id < MPW_NR_FACTS; id++) {
		if (fact_of(id) != of)
			continue;
		if (fact_type(id) == FACT_NUMBER)
			facts_set(f, id, 1000 + id);
		else
			facts_set_word(f, id, word, sizeof(word) - 1);
	}
}

static int feed(void *ctx, const struct event *ev)
{
	return pipeline_feed(ctx, ev);
}

static void feed_all(struct showing *s)
{
	const struct object *file = object_from_maps(s->objects, "/x", 2, 1, 2, 0);
	const struct vma_seen seen = { 0x1000,
				       0x3000,
				       { .flags = VMA_MAPPED | VMA_R, .obj = file } };
	struct event ev = { .type = EVENT_EXEC,
			    .ts_ns = 1,
			    .mm = 1,
			    .pid = 7,
			    .tid = 7,
			    .comm = "c",
			    .has_range = true,
			    .hi = MPW_TASK_MAX,
			    .seen = &seen,
			    .nr_seen = 1,
			    .start_ns = 1 };

	assert_int_equal(feed(s->pl, &ev), 0);
	ev = (struct event){ .type = EVENT_PLACE, .ts_ns = 2, .mm = 1, .pid = 7, .tid = 7 };
	put_facts(&ev.facts, FACT_OF_PROCESS);
	assert_int_equal(feed(s->pl, &ev), 0);
	ev = (struct event){ .type = EVENT_CALL, .ts_ns = 3, .mm = 1, .pid = 7, .tid = 7 };
	ev.call.id = MPW_CALL_MPROTECT;
	ev.call.arg[0] = 0x1000;
	ev.call.arg[1] = 0x1000;
	put_facts(&ev.facts, FACT_OF_EVENT);
	assert_int_equal(feed(s->pl, &ev), 0);
	assert_int_equal(pipeline_finish(s->pl, 4, NULL), 0);
}

static void record(struct showing *s)
{
	struct record_config cfg = { .path = path, .force = true, .arguments = "" };
	struct sink sink;

	showing_init(s);
	cfg.run = &s->run;
	cfg.pipeline = s->pl;
	assert_int_equal(record_sink_new(&cfg, &sink), 0);
	pipeline_add_sink(s->pl, sink);
	feed_all(s);
}

static void needs(const char *where, const char *text, const char *format, enum mpw_fact id)
{
	char word[64];

	snprintf(word, sizeof(word), format, fact_name(id));
	if (!strstr(text, word))
		fail_msg("%s has no %s", where, word);
}

static void is_in_lines(void **state)
{
	char *text, *json;
	struct showing s;
	int id;

	(void)state;
	record(&s);
	text = text_of(&s.out[TEXT]);
	json = text_of(&s.out[JSON]);
	for (id = 0; id < MPW_NR_FACTS; id++) {
		needs("text", text, "%s=", id);
		needs("JSON", json, "\"%s\":", id);
		needs("the schema", json_sink_schema, "\"%s\": {", id);
	}
	assert_null(strchr(text, '\033'));
	assert_null(strchr(json, '\033'));
	free(text);
	free(json);
	showing_done(&s);
}

static void is_in_sql(void **state)
{
	struct showing s;
	sqlite3_stmt *q;
	char sql[128];
	sqlite3 *db;
	int id;

	(void)state;
	record(&s);
	showing_done(&s);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	for (id = 0; id < MPW_NR_FACTS; id++) {
		snprintf(sql, sizeof(sql), "SELECT count(%s) FROM %s", fact_name(id),
			 fact_of(id) == FACT_OF_EVENT ? "changes" : "processes");
		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(q), SQLITE_ROW);
		assert_int_equal(sqlite3_column_int(q, 0), 1);
		sqlite3_finalize(q);
	}
	sqlite3_close(db);
}

static size_t base64_decode(const char *text, unsigned char *ret)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned int v = 0, bits = 0;
	const char *at;
	size_t n = 0;

	for (; *text && (at = strchr(digits, *text)); text++) {
		v = v << 6 | (unsigned int)(at - digits);
		bits += 6;
		if (bits >= 8)
			ret[n++] = v >> (bits -= 8);
	}
	return n;
}

static void is_in_page(void **state)
{
	static unsigned char packed[PAGE_MAX], data[PAGE_MAX];
	uLongf len = PAGE_MAX - 1;
	struct showing s;
	const char *at;
	char *page;
	size_t n;
	int id;

	(void)state;
	record(&s);
	page = text_of(&s.out[PAGE]);
	at = strchr(strstr(page, "id=\"data\""), '>') + 1;
	n = base64_decode(at + strspn(at, "\n"), packed);
	assert_int_equal(uncompress(data, &len, packed, n), Z_OK);
	for (id = 0; id < MPW_NR_FACTS; id++)
		needs("the page", (const char *)data + 4,
		      fact_of(id) == FACT_OF_EVENT ? "[\"%s\"," : "\"%s\":\"", id);
	free(page);
	showing_done(&s);
}

static void is_replayed(void **state)
{
	struct replay_fault fault;
	struct showing s, again;
	struct replay *r;
	int i;

	(void)state;
	record(&s);
	pipeline_free(s.pl); /* closes the recording */
	s.pl = NULL;
	showing_init(&again);
	assert_int_equal(replay_open(path, again.objects, &r, &fault), 0);
	assert_int_equal(replay_run(r, feed, again.pl), 0);
	assert_int_equal(pipeline_finish(again.pl, 4, NULL), 0);
	for (i = 0; i < NR_KINDS; i++) {
		char *was = text_of(&s.out[i]), *is = text_of(&again.out[i]);

		assert_string_equal(was, is);
		free(was);
		free(is);
	}
	replay_close(r);
	showing_done(&s);
	showing_done(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_in_lines),
		cmocka_unit_test(is_in_sql),
		cmocka_unit_test(is_in_page),
		cmocka_unit_test(is_replayed),
	};
	int failed;

	if (mkstemp(path) < 0)
		return 2;
	failed = cmocka_run_group_tests_name("facts", tests, NULL, NULL);
	unlink(path);
	return failed;
}
