/* SPDX-License-Identifier: BSD-2-Clause */
/* A growing buffer. Numbers, which are most of a line, are formatted by hand. */
#include "util/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/mem.h"

void buf_done(struct buf *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

void buf_grow(struct buf *b, size_t n_bytes)
{
	b->cap = (b->len + n_bytes) * 2;
	b->data = mem_grow(b->data, b->cap, 1);
}

void buf_hex(struct buf *b, uint64_t v)
{
	char digits[16], *p = digits + sizeof(digits);

	do {
		*--p = "0123456789abcdef"[v & 15];
		v >>= 4;
	} while (v);
	buf_add(b, p, digits + sizeof(digits) - p);
}

void buf_dec_pad(struct buf *b, uint64_t v, int width)
{
	char digits[20], *end = digits + sizeof(digits), *p = end;

	do {
		*--p = '0' + v % 10;
		v /= 10;
	} while (v);
	while (end - p < width && p > digits)
		*--p = '0';
	buf_add(b, p, end - p);
}

void buf_dec(struct buf *b, uint64_t v)
{
	buf_dec_pad(b, v, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	va_start(ap, fmt);
	vsnprintf(buf_reserve(b, (size_t)n + 1), (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += n;
}

const char *buf_str(struct buf *b)
{
	*buf_reserve(b, 1) = '\0';
	return b->data;
}
