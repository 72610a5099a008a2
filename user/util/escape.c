/* SPDX-License-Identifier: BSD-2-Clause */
/* Strict decoding of UTF-8 (RFC 3629), and which of its characters are fit to be shown. */
#include "util/escape.h"

#include <stdbool.h>
#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"

/* Length of the valid UTF-8 sequence at s, with its code point in *ret; 0 if there is none. */
static size_t utf8_next(const unsigned char *s, size_t len, uint32_t *ret)
{
	size_t n = s[0] < 0x80 ? 1 :
		   s[0] < 0xc2 ? 0 :
		   s[0] < 0xe0 ? 2 :
		   s[0] < 0xf0 ? 3 :
		   s[0] < 0xf5 ? 4 :
				 0;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t cp;
	size_t i;

	if (!n || n > len)
		return 0;
	cp = n == 1 ? s[0] : s[0] & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (s[i] & 0x3f);
	}
	if (cp < least[n] || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		return 0;
	*ret = cp;
	return n;
}

/* True if the code point does something else than show a character. */
static bool is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0xad || cp == 0x61c ||
	       cp == 0x180e || (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff || (cp >= 0xfff9 && cp <= 0xfffb) ||
	       (cp >= 0xe0000 && cp <= 0xe0fff);
}

/* Columns of a code point that passes: wide East Asian ones and pictures take two, marks none. */
static size_t cp_width(uint32_t cp)
{
	if (cp < 0x300)
		return 1;
	if (cp <= 0x36f || (cp >= 0x1ab0 && cp <= 0x1aff) || (cp >= 0x1dc0 && cp <= 0x1dff) ||
	    (cp >= 0x20d0 && cp <= 0x20ff) || (cp >= 0xfe00 && cp <= 0xfe0f) ||
	    (cp >= 0xfe20 && cp <= 0xfe2f))
		return 0;
	if ((cp >= 0x1100 && cp <= 0x115f) || (cp >= 0x2e80 && cp <= 0xa4cf) ||
	    (cp >= 0xac00 && cp <= 0xd7a3) || (cp >= 0xf900 && cp <= 0xfaff) ||
	    (cp >= 0xfe30 && cp <= 0xfe6f) || (cp >= 0xff00 && cp <= 0xff60) ||
	    (cp >= 0xffe0 && cp <= 0xffe6) || (cp >= 0x1f300 && cp <= 0x1faff) ||
	    (cp >= 0x20000 && cp <= 0x3fffd))
		return 2;
	return 1;
}

/*
 * One unit of escaped text: its bytes in out (at most 16) and its columns; returns the bytes of
 * input that were consumed.
 */
static size_t next_unit(const char *s, size_t len, char out[16], size_t *ret_bytes,
			size_t *ret_cols)
{
	const unsigned char *u = (const unsigned char *)s;
	uint32_t cp = 0;
	size_t n = utf8_next(u, len, &cp), i;

	if (n && !is_control(cp) && cp != '\\') {
		memcpy(out, s, n);
		*ret_bytes = n;
		*ret_cols = cp_width(cp);
		return n;
	}
	if (n == 1 && (cp == '\n' || cp == '\t' || cp == '\\')) {
		out[0] = '\\';
		out[1] = cp == '\n' ? 'n' : cp == '\t' ? 't' : '\\';
		*ret_bytes = *ret_cols = 2;
		return 1;
	}
	if (!n)
		n = 1;
	for (i = 0; i < n; i++) {
		out[4 * i] = '\\';
		out[4 * i + 1] = 'x';
		out[4 * i + 2] = "0123456789abcdef"[u[i] >> 4];
		out[4 * i + 3] = "0123456789abcdef"[u[i] & 15];
	}
	*ret_bytes = *ret_cols = 4 * n;
	return n;
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '\\';
}

static size_t plain_run(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && is_plain(s[n]))
		n++;
	return n;
}

size_t escape_text(struct buf *b, const char *s, size_t len)
{
	size_t cols = 0, n, bytes, unit_cols;
	char out[16];

	while (len) {
		n = plain_run(s, len);
		if (n) {
			buf_add(b, s, n);
			cols += n;
		} else {
			n = next_unit(s, len, out, &bytes, &unit_cols);
			buf_add(b, out, bytes);
			cols += unit_cols;
		}
		s += n;
		len -= n;
	}
	return cols;
}

size_t escape_again(struct buf *b, const char *s, size_t len)
{
	const char *slash;
	size_t cols = 0, n;

	for (; (slash = memchr(s, '\\', len)); s += n + 1, len -= n + 1) {
		n = slash - s;
		cols += escape_text(b, s, n) + 1;
		buf_putc(b, '\\');
	}
	return cols + escape_text(b, s, len);
}

size_t escape_width(const char *s, size_t len)
{
	size_t cols = 0, n, bytes, unit_cols;
	char out[16];

	while (len) {
		n = plain_run(s, len);
		if (n) {
			cols += n;
		} else {
			n = next_unit(s, len, out, &bytes, &unit_cols);
			cols += unit_cols;
		}
		s += n;
		len -= n;
	}
	return cols;
}

/* Skips input until the rest takes at most max_cols. */
static void skip_to_tail(const char **s, size_t *len, size_t max_cols)
{
	size_t left = escape_width(*s, *len), n, bytes, cols;
	char out[16];

	while (left > max_cols) {
		n = next_unit(*s, *len, out, &bytes, &cols);
		*s += n;
		*len -= n;
		left -= cols;
	}
}

size_t escape_text_cut(struct buf *b, const char *s, size_t len, size_t max_cols)
{
	size_t head = max_cols / 3, used = 0, n, bytes, cols; /* the end of a path matters more */
	char out[16];

	if (escape_width(s, len) <= max_cols)
		return escape_text(b, s, len);
	while (len) {
		n = next_unit(s, len, out, &bytes, &cols);
		if (used + cols > head)
			break;
		buf_add(b, out, bytes);
		used += cols;
		s += n;
		len -= n;
	}
	buf_puts(b, ELLIPSIS);
	used++;
	skip_to_tail(&s, &len, max_cols - used);
	return used + escape_text(b, s, len);
}

static void json_u(struct buf *b, uint32_t unit)
{
	static const char digits[] = "0123456789abcdef";
	char out[6] = { '\\',
			'u',
			digits[unit >> 12 & 15],
			digits[unit >> 8 & 15],
			digits[unit >> 4 & 15],
			digits[unit & 15] };

	buf_add(b, out, sizeof(out));
}

void escape_json(struct buf *b, const char *s, size_t len)
{
	uint32_t cp;
	size_t n;

	buf_putc(b, '"');
	while (len) {
		n = utf8_next((const unsigned char *)s, len, &cp);
		if (!n) {
			buf_puts(b, "\xef\xbf\xbd");
			n = 1;
		} else if (cp == '"' || cp == '\\') {
			buf_putc(b, '\\');
			buf_putc(b, cp);
		} else if (!is_control(cp)) {
			buf_add(b, s, n);
		} else if (cp < 0x10000) {
			json_u(b, cp);
		} else {
			json_u(b, 0xd800 + ((cp - 0x10000) >> 10));
			json_u(b, 0xdc00 + ((cp - 0x10000) & 0x3ff));
		}
		s += n;
		len -= n;
	}
	buf_putc(b, '"');
}
