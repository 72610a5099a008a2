/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Quotes are doubled; a cell that begins like a formula gets an apostrophe, also by one of the wide
 * signs that some spreadsheets take for it.
 */
#include "sink/csv.h"

#include <stdbool.h>
#include <string.h>

static bool is_formula(const char *text, size_t len)
{
	static const char *const begins[] = {
		"=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"
	};
	size_t i, n;

	for (i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
		n = strlen(begins[i]);
		if (len >= n && !memcmp(text, begins[i], n))
			return true;
	}
	return false;
}

void csv_put(struct buf *b, const char *text, size_t len)
{
	size_t i;

	if (!len)
		return;
	buf_putc(b, '"');
	if (is_formula(text, len))
		buf_putc(b, '\'');
	for (i = 0; i < len; i++) {
		if (text[i] == '"')
			buf_putc(b, '"');
		buf_putc(b, text[i]);
	}
	buf_putc(b, '"');
}
