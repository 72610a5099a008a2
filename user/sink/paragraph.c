/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prose in columns. A word that does not fit begins the next line, which is
 * indented by at least two; a name from outside is escaped, and cut if it would
 * not fit a line of its own.
 */
#include "sink/paragraph.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "util/escape.h"
#include "util/fmt.h"

#define NAME_COLS_MAX 60

void para_begin(struct paragraph *p, size_t indent)
{
	buf_fill(p->out, ' ', indent);
	p->col = p->indent = indent;
}

void para_end(struct paragraph *p)
{
	buf_putc(p->out, '\n');
}

static void para_word(struct paragraph *p, const char *s, size_t len, size_t cols)
{
	if (p->col > p->indent) {
		if (p->col + 1 + cols > p->width) {
			buf_putc(p->out, '\n');
			p->indent = p->indent ? p->indent : 2;
			buf_fill(p->out, ' ', p->indent);
			p->col = p->indent;
		} else {
			buf_putc(p->out, ' ');
			p->col++;
		}
	}
	buf_add(p->out, s, len);
	p->col += cols;
}

void para(struct paragraph *p, const char *fmt, ...)
{
	char text[256], *word, *rest = text;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	while ((word = strsep(&rest, " "))) {
		size_t len = strlen(word);

		for (char *c = word; *c; c++)
			if (*c == '~')
				*c = ' ';
		para_word(p, word, len, len);
	}
}

void para_name(struct paragraph *p, const char *s, size_t len, const char *suffix)
{
	size_t room = p->width - 2 - p->indent - strlen(suffix), cols;
	struct buf b = { 0 };

	cols = escape_text_cut(&b, s, len, room < NAME_COLS_MAX ? room : NAME_COLS_MAX);
	buf_puts(&b, suffix);
	para_word(p, b.data, b.len, cols + strlen(suffix));
	buf_done(&b);
}

void para_escaped(struct paragraph *p, const char *word)
{
	para_word(p, word, strlen(word), escape_width(word, strlen(word)));
}

void para_duration(struct paragraph *p, const char *before, uint64_t ns, const char *after)
{
	struct buf b = { 0 };
	char *space;

	fmt_duration(&b, ns);
	buf_str(&b);
	space = memchr(b.data, ' ', b.len);
	if (space)
		*space = '~';
	para(p, "%s%s%s", before, buf_str(&b), after);
	buf_done(&b);
}

void para_count(struct paragraph *p, uint64_t n, const char *noun, const char *after)
{
	struct buf b = { 0 };

	fmt_count(&b, n, noun);
	*strchr(b.data, ' ') = '~';
	para(p, "%s%s", buf_str(&b), after);
	buf_done(&b);
}
