/* SPDX-License-Identifier: BSD-2-Clause */
/* The changes as columns; see html_rows.h. */
#include "sink/html/html_rows.h"

#include <errno.h>
#include <string.h>

#include "core/words.h"
#include "sink/html/html_thin.h"
#include "util/escape.h"

/* Some 30 MB of columns, and as much again in the file; tables cost 120 bytes an item. */
#define MAX_ROWS    4000000
#define MAX_RANGES  2000000 /* a short-lived process has some 60 of its own */
#define MAX_ITEMS   400000
#define CAUSES_KEPT 256	 /* of these, for causes without a caller */
#define ATTRS_KEPT  8192 /* of these, for all rights, without names and offsets */
#define MAX_WORDS   10000

struct range_key {
	uint64_t space, start, end;
};

struct attr_key {
	uint64_t off, obj;
	uint32_t flags, pkey;
};

struct cause_key {
	uint64_t event, obj, addr, tid; /* addr is an offset in obj; obj 0: an address */
	uint64_t symbol, symbol_off;	/* of the caller's function */
};

/* In place of what found no room. */
static const struct object crowd = { .kind = OBJECT_UNKNOWN,
				     .name = "(too many mappings)",
				     .name_len = sizeof("(too many mappings)") - 1 };

static void put_signed(struct buf *b, int64_t v)
{
	html_number_put(b, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

/* The name is escaped for people first: a page shows it as a terminal would. */
static void put_name(struct buf *b, const struct object *obj)
{
	struct buf raw = { 0 }, text = { 0 };

	word_mapping_raw(&raw, obj);
	escape_text(&text, raw.data, raw.len);
	escape_json(b, text.data, text.len);
	buf_done(&raw);
	buf_done(&text);
}

/* The number of an object in its table, or -ENOSPC. */
static int64_t find_object(struct html_rows *rows, const struct object *obj)
{
	struct html_table *t = &rows->objects;
	uint64_t key = (uintptr_t)obj;
	uint32_t nr;
	int ret = html_table_find(t, &key, sizeof(key), &nr);

	if (ret < 0)
		return ret;
	if (ret) {
		buf_putc(&t->json, '[');
		put_name(&t->json, obj);
		buf_printf(&t->json, ",\"%s\",\"%02x:%02x\",\"%llu\",%d,%d],", word_kind(obj->kind),
			   dev_major(obj->dev), dev_minor(obj->dev), (unsigned long long)obj->ino,
			   obj->deleted, object_has_offsets(obj));
	}
	return nr;
}

/* A program chooses its mappings, too: they leave room for the rights of all that others map. */
static bool is_crowded(const struct html_rows *rows, const struct attr_key *key)
{
	if (!key->obj || key->obj == (uintptr_t)&crowd)
		return false;
	return (rows->attrs.nr >= MAX_ITEMS - ATTRS_KEPT ||
		(rows->objects.nr >= MAX_ITEMS - 1 &&
		 !html_table_has(&rows->objects, &key->obj, sizeof(key->obj)))) &&
	       !html_table_has(&rows->attrs, key, sizeof(*key));
}

static int find_attr(struct html_rows *rows, const struct attr *a, uint32_t *ret_nr)
{
	struct attr_key key = { a->off, (uintptr_t)a->obj, a->flags, a->pkey };
	int64_t obj = -1;
	int ret;

	if (is_crowded(rows, &key)) {
		key.obj = (uintptr_t)&crowd;
		key.off = a->flags & HTML_SEVERAL ? a->off : 0; /* a set of states */
		rows->nr_unnamed++;
	}
	if (key.obj)
		obj = find_object(rows, (const struct object *)(uintptr_t)key.obj);
	if (key.obj && obj < 0)
		return obj;
	ret = html_table_find(&rows->attrs, &key, sizeof(key), ret_nr);
	if (ret > 0)
		buf_printf(&rows->attrs.json, "[%u,%u,\"%llx\",%lld],", a->flags, a->pkey,
			   (unsigned long long)key.off, (long long)obj);
	return ret < 0 ? ret : 0;
}

static int find_cause(struct html_rows *rows, const struct html_row *row, uint32_t *ret_nr)
{
	const struct caller *c = row->caller;
	struct cause_key key = { (uintptr_t)row->event,
				 c ? (uintptr_t)c->obj : 0,
				 c ? (c->obj ? c->off : c->addr) : 0,
				 row->tid,
				 c ? (uintptr_t)c->symbol : 0,
				 c ? c->symbol_off : 0 };
	struct buf *json = &rows->causes.json, text = { 0 };
	int ret;

	/* A program chooses its callers and threads: they leave room for all events without them. */
	if (rows->causes.nr >= MAX_ITEMS - CAUSES_KEPT &&
	    !html_table_has(&rows->causes, &key, sizeof(key)))
		key = (struct cause_key){ .event = key.event };
	ret = html_table_find(&rows->causes, &key, sizeof(key), ret_nr);

	if (ret <= 0)
		return ret;
	if (!key.tid)
		c = NULL;
	if (c && c->obj)
		word_caller(&text, c, 0);
	else if (c && c->addr)
		buf_printf(&text, "0x%llx", (unsigned long long)c->addr);
	buf_printf(json, "[\"%s\",%u,", row->event, (uint32_t)key.tid);
	escape_json(json, text.data, text.len);
	buf_puts(json, "],");
	buf_done(&text);
	return 0;
}

static int find_range(struct html_rows *rows, const struct html_row *row, uint32_t *ret_nr)
{
	struct range_key key = { row->space, row->start, row->end };
	uint64_t page = row->start / PAGE_BYTES_MIN;
	uint64_t end = row->end / PAGE_BYTES_MIN + (row->end % PAGE_BYTES_MIN != 0);
	int ret = html_table_find(&rows->ranges, &key, sizeof(key), ret_nr);

	if (ret <= 0)
		return ret;
	html_number_put(&rows->column[HTML_RANGE_SPACE], row->space);
	put_signed(&rows->column[HTML_RANGE_START], (int64_t)(page - rows->last_page));
	html_number_put(&rows->column[HTML_RANGE_LENGTH], end - page);
	rows->last_page = page;
	return 0;
}

void html_rows_init(struct html_rows *rows, uint64_t start_ns)
{
	memset(rows, 0, sizeof(*rows));
	rows->ranges.max = MAX_RANGES;
	rows->attrs.max = rows->causes.max = rows->objects.max = MAX_ITEMS;
	rows->words.max = MAX_WORDS;
	rows->start_ns = rows->last_ns = start_ns;
}

void html_rows_done(struct html_rows *rows)
{
	for (int i = 0; i < NR_HTML_COLUMNS; i++)
		buf_done(&rows->column[i]);
	html_table_done(&rows->ranges);
	html_table_done(&rows->attrs);
	html_table_done(&rows->causes);
	html_table_done(&rows->objects);
	html_table_done(&rows->words);
	html_facts_done(&rows->facts);
}

/* Counts a row that found no room; rows that follow are dropped too. */
static void drop_row(struct html_rows *rows, uint64_t ts_ns)
{
	if (!rows->nr_dropped++)
		rows->full_ns = ts_ns;
}

void html_rows_range(const struct html_rows *rows, uint32_t nr, uint64_t *ret_space,
		     uint64_t *ret_start, uint64_t *ret_end)
{
	const struct range_key *key = html_table_key(&rows->ranges, nr);

	*ret_space = key->space;
	*ret_start = key->start;
	*ret_end = key->end;
}

void html_rows_attr(const struct html_rows *rows, uint32_t nr, struct attr *ret)
{
	const struct attr_key *key = html_table_key(&rows->attrs, nr);

	*ret = (struct attr){ .flags = key->flags,
			      .pkey = key->pkey,
			      .off = key->off,
			      .obj = (const struct object *)(uintptr_t)key->obj };
}

void html_rows_cause(const struct html_rows *rows, uint32_t nr, struct html_row *ret,
		     struct caller *caller)
{
	const struct cause_key *key = html_table_key(&rows->causes, nr);

	*caller = (struct caller){ .obj = (const struct object *)(uintptr_t)key->obj,
				   .symbol = (const char *)(uintptr_t)key->symbol,
				   .symbol_off = key->symbol_off };
	*(key->obj ? &caller->off : &caller->addr) = key->addr;
	ret->event = (const char *)(uintptr_t)key->event;
	ret->tid = key->tid;
	ret->caller = caller;
}

/* The row without its facts. 0, or -ENOSPC. */
static int put_row(struct html_rows *rows, const struct html_row *row)
{
	uint32_t range, attr, cause;

	if (rows->nr == MAX_ROWS || find_range(rows, row, &range) ||
	    find_attr(rows, row->attr, &attr) || find_cause(rows, row, &cause))
		return -ENOSPC;
	if (row->ts_ns > rows->last_ns) {
		html_number_put(&rows->column[HTML_TIME], row->ts_ns - rows->last_ns);
		rows->last_ns = row->ts_ns;
	} else {
		html_number_put(&rows->column[HTML_TIME], 0);
	}
	html_number_put(&rows->column[HTML_RANGE], range);
	html_number_put(&rows->column[HTML_ATTR], attr);
	html_number_put(&rows->column[HTML_CAUSE], cause);
	rows->nr++;
	return 0;
}

void html_rows_put(struct html_rows *rows, const struct html_row *row, const uint64_t *cells)
{
	if (rows->nr_dropped || put_row(rows, row))
		drop_row(rows, row->ts_ns);
	else
		html_facts_put_cells(&rows->facts, cells);
}

void html_rows_add(struct html_rows *rows, const struct html_row *row)
{
	int err = 0;

	/* Rows behind one that was dropped would show a past that never was. */
	if (!rows->nr_dropped)
		err = put_row(rows, row);
	if (err && !rows->is_dense) {
		html_thin(rows, MAX_ROWS);
		err = put_row(rows, row);
	}
	if (err || rows->nr_dropped) {
		drop_row(rows, row->ts_ns);
		return;
	}
	html_facts_add(&rows->facts, &rows->words, row->facts);
	rows->nr_added++;
}
