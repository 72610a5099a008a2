/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers stand in columns, names last, where they may take the rest of the line. */
#include "sink/report/report_text.h"

#include <string.h>

#include "core/words.h"
#include "sink/when.h"
#include "util/escape.h"
#include "util/fmt.h"

#define PAGE_ROWS	10
#define LEAST_NAME_COLS 12

void text_line(struct report_text *p)
{
	p->line = p->out->len;
}

void text_line_end(struct report_text *p)
{
	buf_putc(p->out, '\n');
}

void text_count(struct report_text *p, uint64_t n, size_t width)
{
	size_t mark = p->out->len;

	buf_dec(p->out, n);
	align_right(p->out, mark, width);
}

void text_size(struct report_text *p, uint64_t n_bytes, size_t width)
{
	size_t mark = p->out->len;

	fmt_size_short(p->out, n_bytes);
	align_right(p->out, mark, width);
}

size_t text_cols_left(const struct report_text *p)
{
	size_t used = escape_width(p->out->data + p->line, p->out->len - p->line);
	size_t width = p->r->cfg.width;

	return used + LEAST_NAME_COLS < width ? width - used : LEAST_NAME_COLS;
}

void text_process(struct report_text *p, uint32_t pid, const char comm[17],
		  const struct object *exe)
{
	buf_dec(p->out, pid);
	buf_putc(p->out, ' ');
	escape_text(p->out, comm, strnlen(comm, 16));
	buf_putc(p->out, ' ');
	word_program(p->out, exe, text_cols_left(p));
}

uint64_t text_rows_at_most(const struct report_text *p)
{
	if (p->r->cfg.top)
		return p->r->cfg.top;
	return p->r->cfg.by == REPORT_PAGE ? PAGE_ROWS : UINT64_MAX;
}

bool text_wants(const struct report_text *p, enum report_by by)
{
	return p->r->cfg.by == REPORT_PAGE || p->r->cfg.by == by;
}

void text_table(struct report_text *p, const char *title, size_t nr)
{
	if (!nr)
		return;
	if (p->r->cfg.by == REPORT_PAGE)
		buf_putc(p->out, '\n');
	buf_puts(p->out, title);
	buf_putc(p->out, '\n');
}

void text_rest(struct report_text *p, size_t nr, size_t nr_shown, const char *noun)
{
	if (nr <= nr_shown)
		return;
	buf_puts(p->out, "  ... and ");
	fmt_count(p->out, nr - nr_shown, noun);
	buf_puts(p->out, " (--top N shows them)\n");
}
