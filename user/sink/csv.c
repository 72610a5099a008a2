/* SPDX-License-Identifier: BSD-2-Clause */
/* Quotes are doubled; a cell that begins like a formula gets an apostrophe. */
#include "sink/csv.h"

#include <string.h>

void csv_put(struct buf *b, const char *text, size_t len)
{
	size_t i;

	if (!len)
		return;
	buf_putc(b, '"');
	if (strchr("=+-@", text[0]))
		buf_putc(b, '\'');
	for (i = 0; i < len; i++) {
		if (text[i] == '"')
			buf_putc(b, '"');
		buf_putc(b, text[i]);
	}
	buf_putc(b, '"');
}
