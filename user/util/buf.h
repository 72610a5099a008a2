/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A growing byte buffer, with formatting that needs no stdio: the text sink writes a million lines
 * a second through it. Out of memory aborts the program.
 */
#ifndef UTIL_BUF_H
#define UTIL_BUF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* An all-zero buffer is empty. data is not NUL-terminated; see buf_str(). */
struct buf {
	char *data;
	size_t len, cap;
};

/* Frees the data; the buffer is empty then. */
void buf_done(struct buf *b);
/* Makes room for n_bytes more; buf_reserve() calls it where there is none. */
void buf_grow(struct buf *b, size_t n_bytes);

/* Room for n_bytes more; returns where they go, valid until the next change. */
static inline char *buf_reserve(struct buf *b, size_t n_bytes)
{
	if (b->cap - b->len < n_bytes)
		buf_grow(b, n_bytes);
	return b->data + b->len;
}

static inline void buf_add(struct buf *b, const void *data, size_t n_bytes)
{
	if (!n_bytes)
		return;
	memcpy(buf_reserve(b, n_bytes), data, n_bytes);
	b->len += n_bytes;
}

static inline void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

static inline void buf_putc(struct buf *b, char c)
{
	*buf_reserve(b, 1) = c;
	b->len++;
}

static inline void buf_fill(struct buf *b, char c, size_t n)
{
	memset(buf_reserve(b, n + 1), c, n);
	b->len += n;
}

void buf_hex(struct buf *b, uint64_t v); /* lower case, no 0x */
void buf_dec(struct buf *b, uint64_t v);
void buf_dec_pad(struct buf *b, uint64_t v, int width); /* leading zeros */
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The bytes as a C string, valid until the next change. */
const char *buf_str(struct buf *b);

#endif
