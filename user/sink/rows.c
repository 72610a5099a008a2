/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables are as wide as the first thousand rows need; CSV and JSON are written row by
 * row. A recorder escaped what a traced process chose; but anybody may have made the recording.
 */
#include "sink/rows.h"

#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "sink/csv.h"
#include "util/escape.h"
#include "util/mem.h"

#define NR_MEASURED 1000
#define MAX_WIDTH   120

/* A hostile recording may have chosen the name. "" if SQLite is out of memory. */
static const char *column_name(sqlite3_stmt *s, int i)
{
	const char *name = sqlite3_column_name(s, i);

	return name ? name : "";
}

/* ---- JSON and CSV ---- */

static void put_json_value(struct buf *b, sqlite3_stmt *s, int i)
{
	const char *text;
	double v;

	switch (sqlite3_column_type(s, i)) {
	case SQLITE_NULL:
		buf_puts(b, "null");
		return;
	case SQLITE_INTEGER:
		buf_printf(b, "%lld", sqlite3_column_int64(s, i));
		return;
	case SQLITE_FLOAT:
		v = sqlite3_column_double(s, i);
		if (isfinite(v))
			buf_printf(b, "%.15g", v);
		else
			buf_puts(b, "null");
		return;
	}
	text = (const char *)sqlite3_column_text(s, i);
	escape_json(b, text ? text : "", sqlite3_column_bytes(s, i));
}

static void put_json_row(struct buf *b, sqlite3_stmt *s, int nr)
{
	int i;

	for (i = 0; i < nr; i++) {
		const char *name = column_name(s, i);

		buf_putc(b, i ? ',' : '{');
		escape_json(b, name, strlen(name));
		buf_putc(b, ':');
		put_json_value(b, s, i);
	}
	buf_puts(b, "}\n");
}

/* Text of a column, escaped for lines; nothing for NULL. Returns the columns added. */
static size_t put_text(struct buf *b, sqlite3_stmt *s, int i)
{
	const char *text = (const char *)sqlite3_column_text(s, i);

	return text ? escape_again(b, text, sqlite3_column_bytes(s, i)) : 0;
}

static void put_csv_row(struct buf *b, sqlite3_stmt *s, int nr, struct buf *cell)
{
	int i, type;

	for (i = 0; i < nr; i++) {
		type = sqlite3_column_type(s, i);
		cell->len = 0;
		put_text(cell, s, i);
		if (i)
			buf_putc(b, ',');
		if (type == SQLITE_INTEGER || type == SQLITE_FLOAT)
			buf_add(b, cell->data, cell->len);
		else
			csv_put(b, cell->data, cell->len);
	}
	buf_puts(b, "\r\n");
}

static void put_csv_names(struct buf *b, sqlite3_stmt *s, int nr, struct buf *cell)
{
	int i;

	for (i = 0; i < nr; i++) {
		const char *name = column_name(s, i);

		cell->len = 0;
		escape_text(cell, name, strlen(name));
		if (i)
			buf_putc(b, ',');
		csv_put(b, cell->data, cell->len);
	}
	buf_puts(b, "\r\n");
}

/* ---- tables ---- */

struct cell {
	size_t at, len; /* bytes in the table's text */
	size_t width;	/* columns */
	bool is_number;
};

struct table {
	struct buf text;
	struct cell *cells;
	size_t nr_cells, cap, nr_columns;
	size_t *widths;
};

static void table_add(struct table *t, struct cell c)
{
	size_t column = t->nr_cells % t->nr_columns;

	if (t->nr_cells == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 256;
		t->cells = mem_grow(t->cells, t->cap, sizeof(*t->cells));
	}
	t->cells[t->nr_cells++] = c;
	if (c.width > t->widths[column])
		t->widths[column] = c.width < MAX_WIDTH ? c.width : MAX_WIDTH;
}

static void table_add_names(struct table *t, sqlite3_stmt *s)
{
	size_t i;

	for (i = 0; i < t->nr_columns; i++) {
		const char *name = column_name(s, i);
		struct cell c = { .at = t->text.len };

		c.width = escape_text(&t->text, name, strlen(name));
		c.len = t->text.len - c.at;
		table_add(t, c);
	}
}

static void table_add_row(struct table *t, sqlite3_stmt *s)
{
	size_t i;

	for (i = 0; i < t->nr_columns; i++) {
		int type = sqlite3_column_type(s, i);
		struct cell c = { .at = t->text.len,
				  .is_number = type == SQLITE_INTEGER || type == SQLITE_FLOAT };

		c.width = put_text(&t->text, s, i);
		c.len = t->text.len - c.at;
		table_add(t, c);
	}
}

static void table_write(struct table *t, struct buf *b)
{
	size_t i;

	for (i = 0; i < t->nr_cells; i++) {
		const struct cell *c = &t->cells[i];
		size_t column = i % t->nr_columns, width = t->widths[column];
		size_t pad = c->width < width ? width - c->width : 0;
		bool is_last = column + 1 == t->nr_columns;

		if (c->is_number)
			buf_fill(b, ' ', pad);
		buf_add(b, t->text.data + c->at, c->len);
		if (!c->is_number && !is_last)
			buf_fill(b, ' ', pad);
		buf_puts(b, is_last ? "\n" : "  ");
	}
	t->nr_cells = t->text.len = 0;
}

static int write_table(struct out *out, sqlite3_stmt *s)
{
	struct table t = { .nr_columns = sqlite3_column_count(s) };
	int rc;

	t.widths = mem_array(t.nr_columns, sizeof(*t.widths));
	table_add_names(&t, s);
	while ((rc = sqlite3_step(s)) == SQLITE_ROW && !out->err) {
		table_add_row(&t, s);
		if (t.nr_cells / t.nr_columns >= NR_MEASURED) {
			table_write(&t, &out->buf);
			out_commit(out);
		}
	}
	table_write(&t, &out->buf);
	buf_done(&t.text);
	free(t.cells);
	free(t.widths);
	return rc;
}

static int write_lines(struct out *out, sqlite3_stmt *s, enum rows_format format)
{
	int nr = sqlite3_column_count(s), rc;
	struct buf cell = { 0 };

	if (format == ROWS_CSV)
		put_csv_names(&out->buf, s, nr, &cell);
	while ((rc = sqlite3_step(s)) == SQLITE_ROW && !out->err) {
		if (format == ROWS_CSV)
			put_csv_row(&out->buf, s, nr, &cell);
		else
			put_json_row(&out->buf, s, nr);
		out_commit(out);
	}
	buf_done(&cell);
	return rc;
}

int rows_write(struct out *out, sqlite3_stmt *s, enum rows_format format)
{
	int rc;

	if (!sqlite3_column_count(s))
		rc = sqlite3_step(s);
	else
		rc = format == ROWS_TABLE ? write_table(out, s) : write_lines(out, s, format);
	if (out->err)
		return out->err;
	return rc == SQLITE_DONE ? 0 : -EBADMSG;
}
