/* SPDX-License-Identifier: BSD-2-Clause */
/* The report as one JSON object per row, with exact numbers; mprotwatch(8) lists the members. */
#include <stdlib.h>
#include <string.h>

#include "core/words.h"
#include "sink/report/report.h"
#include "sink/json_put.h"
#include "util/escape.h"
#include "util/fmt.h"

static void row_begin(struct buf *b, const char *by)
{
	buf_puts(b, "{\"type\":\"report\"");
	put_string(b, "by", by, strlen(by));
}

static void row_end(struct buf *b)
{
	buf_puts(b, "}\n");
}

static void put_sums(struct buf *b, const struct tally *t)
{
	put_u64(b, "changes", t->changes);
	put_u64(b, "failed", t->failed);
	put_key(b, "bytes");
	if (tally_has_bytes(t))
		buf_dec(b, t->bytes);
	else
		buf_puts(b, "null");
	put_u64(b, "mapped", t->mapped);
	put_u64(b, "unmapped", t->unmapped);
	row_end(b);
}

static void put_others(struct buf *b, const char *by, const struct tally *t)
{
	if (!t->changes && !t->failed)
		return;
	row_begin(b, by);
	put_bool(b, "others", true);
	put_sums(b, t);
}

static void put_process(struct buf *b, uint32_t pid, const char comm[17], const struct object *exe)
{
	put_u64(b, "pid", pid);
	put_string(b, "comm", comm, strnlen(comm, 16));
	put_named(b, "exe", exe);
}

static uint64_t rows_at_most(const struct report *r)
{
	return r->cfg.top ? r->cfg.top : UINT64_MAX;
}

static void put_processes(struct report *r, struct buf *b)
{
	size_t nr, i;
	struct report_life **v = report_lives(r, &nr);

	for (i = 0; i < nr && i < rows_at_most(r); i++) {
		row_begin(b, "process");
		put_process(b, v[i]->life->pid, v[i]->life->comm, v[i]->life->exe);
		put_u64(b, "start_ns", v[i]->life->id_ns);
		put_sums(b, &v[i]->sum);
	}
	put_others(b, "process", &r->tables[REPORT_PROCESS].others);
	free(v);
}

static void put_table(struct report *r, struct buf *b, enum report_by by, const char *name)
{
	size_t nr, i;
	struct tally_row *rows = report_rows(r, by, &nr);

	for (i = 0; i < nr && i < rows_at_most(r); i++) {
		const uint64_t *key = rows[i].key;
		const struct object *obj = (const struct object *)(uintptr_t)key[0];
		const struct caller caller = tally_caller(&rows[i]);

		row_begin(b, name);
		if (by == REPORT_TRANSITION) {
			put_rights(b, "before", key[0]);
			put_rights(b, "after", key[1]);
		} else if (by == REPORT_CALLER) {
			put_site(b, "caller", &caller);
		} else {
			put_named(b, name, obj);
			put_bool(b, "deleted", obj && obj->deleted);
		}
		put_sums(b, &rows[i].sum);
	}
	put_others(b, name, &r->tables[by].others);
	free(rows);
}

void report_json_space(struct buf *b, const struct report_space *s, const char *by)
{
	row_begin(b, by);
	put_process(b, s->pid, s->comm, s->exe);
	put_u64(b, "from_ns", s->start_ns);
	put_u64(b, "to_ns", s->end_ns);
	put_bool(b, "ended", s->is_over);
	put_bool(b, "certain", !report_space_is_stale(s));
}

/* {"first":…,"most":…,"now":…} */
void report_json_hold(struct buf *b, const struct report_space *s, enum hold hold)
{
	const struct holding *h = &s->holding;

	put_key(b, hold_name(hold));
	buf_putc(b, '{');
	put_u64(b, "first", h->first[hold]);
	put_u64(b, "most", h->most[hold]);
	put_u64(b, "now", h->now[hold]);
	buf_putc(b, '}');
}

static void put_holders(struct report *r, struct buf *b)
{
	size_t nr, i;
	struct report_space **v = report_spaces(r, REPORT_RIGHTS, &nr);
	int hold;

	for (i = 0; i < nr && i < rows_at_most(r); i++) {
		report_json_space(b, v[i], "rights");
		for (hold = NR_CURVES; hold < NR_HOLDS; hold++)
			report_json_hold(b, v[i], hold);
		if (v[i]->wx_ns) {
			put_u64(b, "wx_first_ns", v[i]->wx_ns);
			put_named(b, "wx_first_mapping", v[i]->wx_obj);
			put_site(b, "wx_first_caller", &v[i]->wx_caller);
		}
		row_end(b);
	}
	free(v);
}

static void put_curve(struct buf *b, const struct holding *h, enum hold hold)
{
	unsigned int i;

	buf_printf(b, ",\"%s_curve\":[", hold_name(hold));
	for (i = 0; i <= h->cell; i++) {
		if (i)
			buf_putc(b, ',');
		buf_dec(b, h->curves[hold].most[i]);
	}
	buf_putc(b, ']');
}

static void put_growth(struct report *r, struct buf *b)
{
	size_t nr, i;
	struct report_space **v = report_spaces(r, REPORT_GROWTH, &nr);
	int hold;

	for (i = 0; i < nr && i < rows_at_most(r); i++) {
		report_json_space(b, v[i], "growth");
		for (hold = 0; hold < NR_CURVES; hold++)
			report_json_hold(b, v[i], hold);
		put_u64(b, "step_ns", v[i]->holding.step_ns);
		for (hold = 0; hold < NR_CURVES; hold++)
			put_curve(b, &v[i]->holding, hold);
		row_end(b);
	}
	free(v);
}

static void put_total(const struct report *r, struct buf *b, const struct totals *totals)
{
	const struct run_info *run = r->cfg.run;

	row_begin(b, "total");
	put_string(b, "what", run->what, strlen(run->what));
	put_string(b, "boot_id", run->boot_id, strlen(run->boot_id));
	put_u64(b, "from_ns", run->start_ns);
	put_u64(b, "to_ns", totals->end_ns);
	put_key(b, "from");
	buf_putc(b, '"');
	fmt_rfc3339(b, run->start_ns + run->boot_to_wall_ns);
	buf_putc(b, '"');
	put_u64(b, "processes", totals->nr_procs);
	put_u64(b, "lost", totals->lost);
	put_u64(b, "writes", totals->writes);
	put_u64(b, "forgotten_processes", r->nr_lives_dropped);
	put_u64(b, "forgotten_spaces", r->nr_spaces_dropped);
	put_sums(b, &r->sum);
}

void report_json(struct report *r, const struct totals *totals)
{
	struct buf *b = &r->cfg.out->buf;
	const enum report_by by = r->cfg.by;

	put_total(r, b, totals);
	if (by == REPORT_PAGE || by == REPORT_MAPPED)
		mapped_json(r);
	if (by == REPORT_PAGE || by == REPORT_PROCESS)
		put_processes(r, b);
	if (by == REPORT_PAGE || by == REPORT_EXE)
		put_table(r, b, REPORT_EXE, "exe");
	if (by == REPORT_PAGE || by == REPORT_MAPPING)
		put_table(r, b, REPORT_MAPPING, "mapping");
	if (by == REPORT_PAGE || by == REPORT_CALLER)
		put_table(r, b, REPORT_CALLER, "caller");
	if (by == REPORT_PAGE || by == REPORT_TRANSITION)
		put_table(r, b, REPORT_TRANSITION, "transition");
	if (by == REPORT_PAGE || by == REPORT_RIGHTS)
		put_holders(r, b);
	if (by == REPORT_PAGE || by == REPORT_GROWTH)
		put_growth(r, b);
}
