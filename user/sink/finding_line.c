/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings are sentences, so they are wrapped where other lines are cut. */
#include "sink/finding_line.h"

#include <string.h>

#include "util/fmt.h"

#define MIN_COLS 24 /* for the text, on however narrow a terminal */

static const char *const names[NR_SEVERITIES] = { "info", "low", "MEDIUM", "HIGH" };
static const char *const colors[NR_SEVERITIES] = { "\033[2m", "", "\033[33m", "\033[1;31m" };

bool finding_line_wanted(const struct line_config *cfg, const struct finding *f)
{
	if (f->severity < cfg->min_severity || !scope_has_finding(&cfg->scope, f))
		return false;
	return f->state != FINDING_OVER || f->nr_calls > 1 || f->nr_elsewhere;
}

/* Columns of escaped text: bytes that do not continue a UTF-8 character. */
static size_t cols_of(const char *s, size_t len)
{
	size_t cols = 0;

	for (; len; len--)
		cols += (*s++ & 0xc0) != 0x80;
	return cols;
}

/* Bytes of s that fit in cols columns. */
static size_t fit(const char *s, size_t len, size_t cols)
{
	size_t n = 0, used = 0;

	while (n < len) {
		used += (s[n] & 0xc0) != 0x80;
		if (used > cols)
			break;
		n++;
	}
	return n;
}

void text_wrap(struct buf *b, const char *s, size_t len, size_t col, size_t width)
{
	size_t indent = col + MIN_COLS < width ? col : 4; /* the width is 40 at least */
	size_t room = width - indent, n, space;

	if (indent != col) {
		buf_putc(b, '\n');
		buf_fill(b, ' ', indent);
	}
	while (cols_of(s, len) > room) {
		n = fit(s, len, room);
		for (space = n; space && s[space] != ' '; space--)
			;
		n = space ? space : n;
		buf_add(b, s, n);
		buf_putc(b, '\n');
		buf_fill(b, ' ', indent);
		n += n < len && s[n] == ' ';
		s += n;
		len -= n;
	}
	buf_add(b, s, len);
}

void finding_text_put(struct buf *b, const struct finding *f)
{
	buf_puts(b, names[f->severity]);
	buf_putc(b, ' ');
	buf_puts(b, f->rule->id);
	buf_puts(b, ": ");
	if (f->state == FINDING_OVER && (f->nr_calls > 1 || f->nr_elsewhere)) {
		fmt_count(b, f->nr_calls, "time");
		if (f->nr_regions > 1) {
			buf_puts(b, " in up to ");
			fmt_count(b, f->nr_regions, "region");
		}
		buf_puts(b, " within ");
		fmt_duration(b, f->last_ns - f->first_ns);
		buf_puts(b, f->nr_elsewhere ? ", and " : " in all: ");
	}
	if (f->state == FINDING_OVER && f->nr_elsewhere) {
		fmt_count(b, f->nr_elsewhere, "time");
		buf_puts(b, " more, which jit-like counts: ");
	}
	buf_add(b, f->why.data, f->why.len);
	if (f->rule->technique) {
		buf_puts(b, " [");
		buf_puts(b, f->rule->technique);
		buf_putc(b, ']');
	}
}

void finding_line_put(struct buf *b, const struct finding *f, size_t col,
		      const struct line_config *cfg)
{
	struct buf text = { 0 };

	finding_text_put(&text, f);
	if (cfg->color)
		buf_puts(b, colors[f->severity]);
	if (cfg->width)
		text_wrap(b, text.data, text.len, col, cfg->width);
	else
		buf_add(b, text.data, text.len);
	if (cfg->color)
		buf_puts(b, "\033[0m");
	buf_putc(b, '\n');
	buf_done(&text);
}
