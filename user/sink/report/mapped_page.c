/* SPDX-License-Identifier: BSD-2-Clause */
/* Mappings as text and as JSON: by address space against vm.max_map_count, and by maker. */
#include <stdlib.h>
#include <string.h>

#include "core/words.h"
#include "sink/json_put.h"
#include "sink/report/report_text.h"
#include "sink/when.h"
#include "util/escape.h"
#include "util/fmt.h"

#define HOUR_NS 3600000000000ULL
#define RATE_NS 1000000000ULL /* a start is no rate */

/* ---- the way to the limit ---- */

/*
 * When the mappings will be as many as vm.max_map_count, at the rate of the later half of the time;
 * 0: never, later than in a thousand hours, or not to be said after so short a time.
 */
static uint64_t full_in_ns(const struct report *r, const struct report_space *s)
{
	const struct holding *h = &s->holding;
	const uint64_t limit = r->cfg.run->max_map_count, now = h->now[HOLD_MAPS];
	const unsigned int mid = h->cell / 2;
	const uint64_t was = h->curves[HOLD_MAPS].most[mid];
	double left;

	if (s->is_over || !limit || now >= limit || !was || now <= was || h->cell < 2 ||
	    h->cell * h->step_ns < RATE_NS)
		return 0;
	left = (double)(limit - now) / (double)(now - was) * (double)(h->cell - mid) *
	       (double)h->step_ns;
	return left < 1000.0 * HOUR_NS ? (uint64_t)left : 0;
}

static void put_long(struct buf *b, uint64_t ns)
{
	if (ns >= HOUR_NS)
		buf_printf(b, "%.1fh", (double)ns / HOUR_NS);
	else if (ns >= HOUR_NS / 60)
		buf_printf(b, "%.1fm", (double)ns / (HOUR_NS / 60.0));
	else
		buf_printf(b, "%.1fs", (double)ns / 1e9);
}

/* ---- address spaces ---- */

static void put_left(struct report_text *p, const struct report_space *s)
{
	uint64_t left = full_in_ns(p->r, s);
	size_t mark = p->out->len;

	if (left)
		put_long(p->out, left);
	else
		buf_putc(p->out, '-');
	align_right(p->out, mark, 9);
}

static void put_part(struct report_text *p, uint64_t n_bytes, const char *what, bool more)
{
	struct buf size = { 0 };

	fmt_size_short(&size, n_bytes);
	para(&p->para, "%s~%s%s", what, buf_str(&size), more ? "," : "");
	buf_done(&size);
}

/* "rw- 45M, r-- 3M" */
static void put_by_right(struct report_text *p, const struct mapped_space *m)
{
	static const unsigned int prots[] = { 7, 6, 3, 2, 5, 4, 1, 0 };
	struct buf word = { 0 };
	size_t i, left = 0;

	para_begin(&p->para, 12);
	for (i = 0; i < NR_PROTS; i++)
		left += m->bytes[i] > 0;
	for (i = 0; i < NR_PROTS; i++) {
		const struct attr attr = { .flags = prots[i] | VMA_MAPPED };

		word.len = 0;
		word_prot(&word, &attr);
		if (m->bytes[prots[i]])
			put_part(p, m->bytes[prots[i]], buf_str(&word), --left);
	}
	buf_done(&word);
	para_end(&p->para);
}

/* "180 anon of 45M, 8 thread stack of 64M" */
static void put_by_use(struct report_text *p, const struct mapped_space *m)
{
	struct buf what = { 0 };
	size_t i, left = 0;

	para_begin(&p->para, 12);
	for (i = 0; i < NR_MAPPING_USES; i++)
		left += m->nr_of_use[i] > 0;
	for (i = 0; i < NR_MAPPING_USES; i++) {
		what.len = 0;
		buf_printf(&what, "%llu~%s~of", (unsigned long long)m->nr_of_use[i], use_name(i));
		if (m->nr_of_use[i])
			put_part(p, m->bytes_of_use[i], buf_str(&what), --left);
	}
	buf_done(&what);
	para_end(&p->para);
}

static void put_spaces(struct report_text *p)
{
	struct report_space **v;
	size_t nr, i;

	v = report_spaces(p->r, REPORT_MAPPED, &nr);
	text_table(p, "  mappings    most   limit  full in  mapped  who (~: not certain)", nr);
	for (i = 0; i < nr && i < text_rows_at_most(p); i++) {
		const struct report_space *s = v[i];

		text_line(p);
		text_count(p, s->holding.now[HOLD_MAPS], 10);
		text_count(p, s->holding.most[HOLD_MAPS], 8);
		text_count(p, p->r->cfg.run->max_map_count, 8);
		put_left(p, s);
		text_size(p, s->holding.now[HOLD_MAPPED], 8);
		buf_puts(p->out, report_space_is_stale(s) ? " ~" : "  ");
		text_process(p, s->pid, s->comm, s->exe);
		if (s->is_over)
			buf_puts(p->out, ", ended");
		text_line_end(p);
		if (!s->mapped.is_known)
			continue;
		put_by_right(p, &s->mapped);
		put_by_use(p, &s->mapped);
	}
	text_rest(p, nr, i, "more address space");
	free(v);
}

/* ---- makers ---- */

static void put_each(struct report_text *p, const struct mapped_row *row)
{
	size_t mark = p->out->len;

	if (row->least == row->most)
		fmt_size_short(p->out, row->most);
	else
		buf_puts(p->out, "...");
	align_right(p->out, mark, 7);
}

static void put_functions(struct report_text *p, const struct mapped_row *row)
{
	const struct maker *m = row->key.maker;

	if (!m || !m->key.functions[0] || row->key.use == USE_FILE)
		return;
	text_line(p);
	buf_fill(p->out, ' ', 41);
	escape_again(p->out, m->key.functions, strlen(m->key.functions));
	text_line_end(p);
}

static void put_row(struct report_text *p, const struct mapped_row *row)
{
	const struct attr attr = { .flags = row->key.prot | VMA_MAPPED };
	size_t mark;

	text_line(p);
	text_count(p, row->nr, 8);
	text_size(p, row->bytes, 8);
	put_each(p, row);
	buf_puts(p->out, "  ");
	if (row->key.use == USE_FILE)
		buf_puts(p->out, "   ");
	else
		word_prot(p->out, &attr);
	buf_putc(p->out, ' ');
	mark = p->out->len;
	buf_puts(p->out, use_name(row->key.use));
	buf_fill(p->out, ' ', 13 - (p->out->len - mark));
	word_maker(p->out, row->key.maker, 20);
	buf_putc(p->out, ' ');
	word_mapping(p->out, row->key.obj, text_cols_left(p));
	text_line_end(p);
	put_functions(p, row);
}

static void put_makers(struct report_text *p, bool is_over)
{
	size_t nr, i;
	struct mapped_row *rows = mapped_rows(&p->r->mapped, is_over, &nr);

	text_table(
		p,
		is_over ?
			"  pieces    size   each  as, made by, and mapped when their process ended" :
			"  pieces    size   each  as, made by, and still mapped",
		nr);
	for (i = 0; i < nr && i < text_rows_at_most(p); i++)
		put_row(p, &rows[i]);
	text_rest(p, nr, i, "more row");
	free(rows);
}

void mapped_page(struct report_text *p)
{
	const struct mapped_row *others = &p->r->mapped.others;

	if (!p->r->cfg.makers || !text_wants(p, REPORT_MAPPED))
		return;
	put_spaces(p);
	put_makers(p, false);
	put_makers(p, true);
	if (!others->nr)
		return;
	buf_puts(p->out, "  ... and ");
	fmt_count(p->out, others->nr, "mapping");
	buf_puts(p->out, ", for which there was no room, of ");
	fmt_size_short(p->out, others->bytes);
	buf_putc(p->out, '\n');
}

/* ---- JSON ---- */

static void json_parts(struct buf *b, const struct mapped_space *m)
{
	char key[4];
	size_t i;

	put_key(b, "bytes_by_right");
	buf_putc(b, '{');
	for (i = 0; i < NR_PROTS; i++) {
		key[0] = i & VMA_R ? 'r' : '-';
		key[1] = i & VMA_W ? 'w' : '-';
		key[2] = i & VMA_X ? 'x' : '-';
		key[3] = '\0';
		put_u64(b, key, m->bytes[i]);
	}
	buf_puts(b, "}");
	put_key(b, "bytes_by_use");
	buf_putc(b, '{');
	for (i = 0; i < NR_MAPPING_USES; i++)
		if (m->nr_of_use[i])
			put_u64(b, use_name(i), m->bytes_of_use[i]);
	buf_puts(b, "}");
}

static void json_spaces(struct report *r, struct buf *b)
{
	size_t nr, i;
	struct report_space **v = report_spaces(r, REPORT_MAPPED, &nr);

	for (i = 0; i < nr && (!r->cfg.top || i < r->cfg.top); i++) {
		report_json_space(b, v[i], "mapped");
		report_json_hold(b, v[i], HOLD_MAPS);
		report_json_hold(b, v[i], HOLD_MAPPED);
		put_u64(b, "limit", r->cfg.run->max_map_count);
		put_u64(b, "full_in_ns", full_in_ns(r, v[i]));
		if (v[i]->mapped.is_known)
			json_parts(b, &v[i]->mapped);
		buf_puts(b, "}\n");
	}
	free(v);
}

static void json_row(struct buf *b, const struct mapped_row *row)
{
	const struct maker *m = row->key.maker;
	const struct caller none = { 0 };
	struct buf word = { 0 };

	buf_puts(b, "{\"type\":\"report\",\"by\":\"maker\"");
	put_named(b, "exe", row->key.exe);
	put_bool(b, "ended", row->key.is_over);
	put_word(b, "use", use_name(row->key.use));
	put_rights(b, "prot", row->key.use == USE_FILE ? 0 : row->key.prot | VMA_MAPPED);
	put_named(b, "mapping", row->key.obj);
	word_maker(&word, m, 0);
	put_word(b, "made_by", buf_str(&word));
	put_site(b, "caller", m ? &m->key.caller : &none);
	if (m && m->key.functions[0])
		put_word(b, "functions", m->key.functions);
	put_u64(b, "mappings", row->nr);
	put_u64(b, "bytes", row->bytes);
	put_u64(b, "least", row->least);
	put_u64(b, "most", row->most);
	put_u64(b, "first_ns", row->first_ns);
	put_u64(b, "last_ns", row->last_ns);
	buf_puts(b, "}\n");
	buf_done(&word);
}

void mapped_json(struct report *r)
{
	struct buf *b = &r->cfg.out->buf;
	size_t nr, i;
	int is_over;

	if (!r->cfg.makers)
		return;
	json_spaces(r, b);
	for (is_over = 0; is_over < 2; is_over++) {
		struct mapped_row *rows = mapped_rows(&r->mapped, is_over, &nr);

		for (i = 0; i < nr && (!r->cfg.top || i < r->cfg.top); i++)
			json_row(b, &rows[i]);
		free(rows);
	}
}
