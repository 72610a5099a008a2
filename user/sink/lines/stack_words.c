/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of functions come from the traced program's files, and are escaped as all its text is. */
#include "sink/lines/stack_words.h"

#include "core/change.h"
#include "core/words.h"
#include "sink/json_put.h"
#include "util/escape.h"

#define INDENT 8

/* "function+0x1c (libc.so.6+0x2a1ca)": the offset in the module is for addr2line. */
static void put_frame(struct buf *b, const struct frame *f, size_t width)
{
	const struct caller at = { .addr = f->addr, .obj = f->obj, .off = f->off };
	size_t room = width > INDENT + 40 ? width - INDENT - 40 : 16;

	if (f->symbol) {
		if (width)
			escape_text_cut(b, f->symbol, strlen(f->symbol), room);
		else
			escape_text(b, f->symbol, strlen(f->symbol));
		buf_puts(b, "+0x");
		buf_hex(b, f->symbol_off);
		buf_puts(b, " (");
	}
	if (f->obj) {
		word_caller(b, &at, width ? 26 : 0);
	} else {
		buf_puts(b, "0x");
		buf_hex(b, f->addr);
	}
	if (f->symbol)
		buf_putc(b, ')');
}

void stack_text(const struct line_config *cfg, const struct stack *s)
{
	struct buf *b = &cfg->out->buf;
	size_t i;

	for (i = 0; cfg->stack && s && i < s->nr; i++) {
		buf_fill(b, ' ', INDENT);
		if (s->frames[i].addr)
			put_frame(b, &s->frames[i], cfg->width);
		else
			buf_puts(b, "\xe2\x80\xa6");
		buf_putc(b, '\n');
	}
}

void stack_json(struct buf *b, const struct line_config *cfg, const struct stack *s)
{
	size_t i;

	if (!s || !cfg->stack)
		return;
	put_key(b, "stack");
	buf_putc(b, '[');
	for (i = 0; i < s->nr; i++) {
		const struct frame *f = &s->frames[i];

		buf_puts(b, i ? ",{" : "{");
		if (f->addr)
			put_hex(b, "addr", f->addr);
		else
			put_bool(b, "cut", true);
		if (f->obj) {
			put_named(b, "module", f->obj);
			put_hex(b, "offset", f->off);
		}
		put_symbol(b, f->symbol, f->symbol_off);
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
}
