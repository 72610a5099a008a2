/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page: a template (page.html) with style, script and data put in. Text that a traced process
 * chose is in the data only, as base64: no name can become markup, and the page's policy lets
 * nothing run but the script whose hash it names.
 */
#include "sink/html/html.h"

#include <sha2.h>

#include "core/words.h"
#include "sink/html/html_pack.h"
#include "util/escape.h"

static const char template[] =
#include "html_page.inc"
	;
static const char style[] =
#include "html_style.inc"
	;
static const char script[] =
#include "html_script.inc"
	;

#define ULL(v) ((unsigned long long)(v))

/* ---- JSON: all but the changes ---- */

static void put_text(struct buf *b, const char *s, size_t len)
{
	struct buf text = { 0 };

	escape_text(&text, s, len);
	escape_json(b, text.data, text.len);
	buf_done(&text);
}

static void put_program(struct buf *b, const struct object *obj)
{
	struct buf text = { 0 };

	if (obj)
		word_program(&text, obj, 0);
	escape_json(b, text.data, text.len);
	buf_done(&text);
}

static uint64_t since_start(const struct html *h, uint64_t ts_ns)
{
	uint64_t start_ns = h->cfg.run->start_ns;

	return ts_ns > start_ns ? ts_ns - start_ns : 0;
}

static void put_run(struct buf *b, const struct html *h, const struct totals *t)
{
	const struct run_info *run = h->cfg.run;

	buf_puts(b, "\"what\":");
	put_text(b, run->what, strlen(run->what));
	buf_puts(b, ",\"tier\":");
	put_text(b, run->tier, strlen(run->tier));
	buf_printf(b, ",\"version\":\"%s\",\"wall\":\"%llu\",\"utc\":%s", MPW_VERSION,
		   ULL(run->start_ns + run->boot_to_wall_ns), h->cfg.utc ? "true" : "false");
	buf_printf(b, ",\"end\":%llu,\"changes\":%llu,\"failed\":%llu,\"lost\":%llu",
		   ULL(since_start(h, t->end_ns)), ULL(t->changes), ULL(t->failed), ULL(t->lost));
	buf_printf(b, ",\"rowsDropped\":%llu,\"full\":%llu,\"procsDropped\":%llu",
		   ULL(h->rows.nr_dropped), ULL(since_start(h, h->rows.full_ns)),
		   ULL(h->nr_procs_dropped));
	buf_printf(b, ",\"findingsDropped\":%llu,\"spacesDropped\":%llu,\"writesDropped\":%llu",
		   ULL(h->nr_findings_dropped), ULL(h->nr_spaces_dropped),
		   ULL(h->writes.nr_dropped));
	buf_printf(b, ",\"rowsAdded\":%llu,\"rowsMerged\":%llu,\"rowsUnnamed\":%llu",
		   ULL(h->rows.nr_added), ULL(h->rows.nr_added - h->rows.nr),
		   ULL(h->rows.nr_unnamed));
}

static void put_proc(struct buf *b, const struct html *h, const struct html_proc *p)
{
	const struct life *l = p->life;

	buf_printf(b, "{\"pid\":%u,\"ppid\":%u,\"from\":%llu,\"to\":%llu,\"failed\":%llu,\"comm\":",
		   l->pid, l->ppid, ULL(since_start(h, l->start_ns)),
		   ULL(since_start(h, l->end_ns)), ULL(p->nr_failed));
	put_text(b, l->comm, strlen(l->comm));
	buf_puts(b, ",\"exe\":");
	put_program(b, l->exe);
	buf_printf(b, ",\"exit\":%lld,\"periods\":[",
		   !l->has_exited	       ? HTML_EXIT_NONE :
		   l->exit_code == EXIT_UNSEEN ? HTML_EXIT_UNSEEN :
						 (long long)(l->exit_code & 0xffff));
	for (uint32_t i = 0; i < p->nr_periods; i++) {
		const struct html_period *at = &p->periods[i];

		buf_printf(b, "%s[%u,%llu,%d,", i ? "," : "", at->space,
			   ULL(since_start(h, at->from_ns)), at->by_exec);
		put_program(b, at->exe);
		buf_putc(b, ']');
	}
	buf_putc(b, ']');
	if (p->facts.len) {
		buf_puts(b, ",\"facts\":");
		buf_add(b, p->facts.data, p->facts.len);
	}
	buf_putc(b, '}');
}

static void put_finding(struct buf *b, const struct html *h, const struct html_finding *f)
{
	buf_printf(b, "{\"rule\":\"%s\",\"severity\":%d,\"technique\":\"%s\"", f->rule->id,
		   f->severity, f->rule->technique ? f->rule->technique : "");
	buf_printf(b, ",\"first\":%llu,\"last\":%llu,\"start\":\"%llx\",\"end\":\"%llx\"",
		   ULL(since_start(h, f->first_ns)), ULL(since_start(h, f->last_ns)), ULL(f->start),
		   ULL(f->end));
	buf_printf(b, ",\"changes\":%llu,\"proc\":%u,\"space\":%u,\"why\":", ULL(f->nr_changes),
		   f->proc, f->space);
	escape_json(b, f->why, f->why_len);
	buf_putc(b, '}');
}

static void put_space(struct buf *b, const struct html *h, const struct html_space *sp)
{
	buf_printf(b, "[%u,%llu,%llu,%d,%llu]", sp->owner, ULL(since_start(h, sp->start_ns)),
		   ULL(since_start(h, sp->end_ns)), sp->was_known, ULL(sp->nr_changes));
}

static void put_loss(struct buf *b, const struct html *h, const struct html_loss *l)
{
	buf_printf(b, "[%llu,%llu,%lld]", ULL(since_start(h, l->ts_ns)), ULL(l->lost),
		   (long long)l->space);
}

static void put_written(struct buf *b, const struct html *h, const struct write_mark *w)
{
	struct buf words = { 0 };

	write_mark_put(&words, w, w->nr);
	buf_printf(b, "[%u,%llu,%llu,\"%llx\",\"%llx\",%llu,", (uint32_t)w->space,
		   ULL(since_start(h, w->first_ns)), ULL(since_start(h, w->last_ns)), ULL(w->start),
		   ULL(w->end), ULL(w->nr));
	put_text(b, words.data, words.len);
	buf_putc(b, ']');
	buf_done(&words);
}

static void put_table(struct buf *b, const char *name, const struct html_table *t)
{
	buf_printf(b, ",\"%s\":[", name);
	buf_add(b, t->json.data, t->json.len ? t->json.len - 1 : 0); /* without the last comma */
	buf_putc(b, ']');
}

static void put_json(struct buf *b, const struct html *h, const struct totals *totals)
{
	const struct html_rows *rows = &h->rows;
	size_t i;

#define LIST(name, nr, put_one, at)               \
	do {                                      \
		buf_puts(b, ",\"" name "\":[");   \
		for (i = 0; i < (nr); i++) {      \
			if (i)                    \
				buf_putc(b, ','); \
			put_one(b, h, at);        \
		}                                 \
		buf_putc(b, ']');                 \
	} while (0)

	buf_putc(b, '{');
	put_run(b, h, totals);
	LIST("procs", h->nr_procs, put_proc, h->procs[i]);
	LIST("spaces", h->nr_spaces, put_space, h->spaces[i]);
	LIST("findings", h->nr_findings, put_finding, &h->findings[i]);
	LIST("losses", h->nr_losses, put_loss, &h->losses[i]);
	LIST("writes", h->writes.nr, put_written, &h->writes.v[i]);
	put_table(b, "objects", &rows->objects);
	put_table(b, "attrs", &rows->attrs);
	put_table(b, "causes", &rows->causes);
	html_facts_put(&rows->facts, b);
	if (rows->words.nr)
		put_table(b, "words", &rows->words);
	buf_printf(b, ",\"rows\":%llu,\"ranges\":%u,\"columns\":[", ULL(rows->nr), rows->ranges.nr);
	for (i = 0; i < NR_HTML_COLUMNS; i++)
		buf_printf(b, "%s%zu", i ? "," : "", rows->column[i].len);
	for (i = 0; i < MPW_NR_FACTS; i++)
		if (rows->facts.has >> i & 1)
			buf_printf(b, ",%zu", rows->facts.column[i].len);
	buf_puts(b, "]}");
}

/* ---- the page ---- */

/* Data are the length of the JSON (32 bits, little-endian), the JSON, then the columns. */
static int put_data(const struct html *h, const struct totals *totals)
{
	struct html_pack pack;
	struct buf json = { 0 };
	int err = html_pack_begin(&pack, h->cfg.out);

	if (err)
		return err;
	put_json(&json, h, totals);
	for (int i = 0; i < 4 && !err; i++)
		err = html_pack_add(&pack, &(uint8_t){ json.len >> 8 * i }, 1);
	if (!err)
		err = html_pack_add(&pack, json.data, json.len);
	for (int i = 0; i < NR_HTML_COLUMNS && !err; i++)
		err = html_pack_add(&pack, h->rows.column[i].data, h->rows.column[i].len);
	for (int i = 0; i < MPW_NR_FACTS && !err; i++)
		if (h->rows.facts.has >> i & 1)
			err = html_pack_add(&pack, h->rows.facts.column[i].data,
					    h->rows.facts.column[i].len);
	buf_done(&json);
	return html_pack_end(&pack) ?: err;
}

static void put_hash(struct buf *b, const char *text, size_t len)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)text, len);
	SHA256Final(digest, &ctx);
	buf_puts(b, "'sha256-");
	base64_put(b, digest, sizeof(digest));
	buf_putc(b, '\'');
}

static int put_part(const struct html *h, const struct totals *totals, const char *name, size_t len)
{
	struct buf *b = &h->cfg.out->buf;
	int err = 0;

	if (!strncmp(name, "data", len))
		err = put_data(h, totals);
	else if (!strncmp(name, "style", len))
		buf_puts(b, style);
	else if (!strncmp(name, "script", len))
		buf_puts(b, script);
	else if (!strncmp(name, "style-hash", len))
		put_hash(b, style, sizeof(style) - 1);
	else if (!strncmp(name, "script-hash", len))
		put_hash(b, script, sizeof(script) - 1);
	return err;
}

int html_page(struct html *h, const struct totals *totals)
{
	struct buf *b = &h->cfg.out->buf;
	const char *at = template, *open, *close;
	int err = 0;

	while (!err && (open = strstr(at, "{{")) && (close = strstr(open, "}}"))) {
		buf_add(b, at, open - at);
		err = put_part(h, totals, open + 2, close - open - 2);
		at = close + 2;
	}
	if (err)
		return err;
	buf_puts(b, at);
	return out_commit(h->cfg.out);
}
