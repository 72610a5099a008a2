/* SPDX-License-Identifier: BSD-2-Clause */
/* The page's room for findings: those of which a program can make any number keep out no worse one. */
#include "unit/world.h"

#include "sink/html/html_sink.h"

static const struct rule rule = { .id = "test" };

static void report(struct sink html, struct life *life, uint64_t id, enum severity severity,
		   enum finding_state state)
{
	struct finding f = { .id = id,
			     .rule = &rule,
			     .severity = severity,
			     .state = state,
			     .life = life };

	buf_puts(&f.why, "why");
	assert_int_equal(html.ops->finding(html.priv, &f), 0);
	buf_done(&f.why);
}

/* Findings that the page has no room for, as its remark says. */
static unsigned long missing(struct sink html)
{
	struct buf b = { 0 };
	unsigned long n = 0;
	const char *at;

	html.ops->remark(html.priv, &b);
	at = strstr(buf_str(&b), "address spaces, ");
	if (at)
		n = strtoul(at + strlen("address spaces, "), NULL, 10);
	buf_done(&b);
	return n;
}

static void worse_findings_have_room(void **state)
{
	struct html_config cfg = { 0 };
	struct world w;
	struct sink html;
	struct task a;
	struct life *life;
	unsigned long lacked;
	uint64_t id;

	(void)state;
	world_init(&w, 80);
	world_start(&w);
	cfg = (struct html_config){ .out = &w.out, .run = &w.run };
	html = html_sink_new(&cfg);
	pipeline_add_sink(w.pl, html);
	a = task_new(&w, 100, "node");
	attach(&w, &a);
	life = pipeline_find(w.pl, 100)->life;
	for (id = 1; id <= 30000; id++)
		report(html, life, id, SEVERITY_LOW, FINDING_NEW);
	lacked = missing(html);
	assert_in_range(lacked, 1, 29999);
	report(html, life, id++, SEVERITY_HIGH, FINDING_NEW);
	assert_int_equal(missing(html), lacked);
	/* one that had no room gets worse; it is found again, and so are those around it */
	report(html, life, 30000, SEVERITY_HIGH, FINDING_WORSE);
	assert_int_equal(missing(html), lacked - 1);
	report(html, life, 30000, SEVERITY_HIGH, FINDING_WORSE);
	report(html, life, 30001, SEVERITY_HIGH, FINDING_WORSE);
	report(html, life, 1, SEVERITY_HIGH, FINDING_WORSE);
	assert_int_equal(missing(html), lacked - 1);
	for (; id <= 60000; id++)
		report(html, life, id, SEVERITY_MEDIUM, FINDING_NEW);
	lacked = missing(html);
	report(html, life, id, SEVERITY_HIGH, FINDING_NEW);
	assert_int_equal(missing(html), lacked);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worse_findings_have_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
