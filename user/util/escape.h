/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one way by which strings that a traced process can choose (comm, path,
 * anon name, argv) reach a terminal, a file or JSON. Printable UTF-8 passes;
 * control characters (C0, DEL, C1), line and paragraph separators, bidirectional
 * and zero-width format characters, and invalid UTF-8 (overlong, surrogates) do not.
 */
#ifndef UTIL_ESCAPE_H
#define UTIL_ESCAPE_H

#include "util/buf.h"

/* Text for lines: bytes that do not pass become \n, \t, \\ or \xNN. Returns the columns added. */
size_t escape_text(struct buf *b, const char *s, size_t len);

/*
 * As escape_text(), for text that was escaped before, as far as one can know: backslashes pass.
 * Returns the columns added.
 */
size_t escape_again(struct buf *b, const char *s, size_t len);

/*
 * Escaped text of at most max_cols columns (>= 1): longer text loses its middle to "…", so that
 * both ends of a path stay readable. Returns the columns added.
 */
size_t escape_text_cut(struct buf *b, const char *s, size_t len, size_t max_cols);

/*
 * A JSON string with its quotes, always valid UTF-8 and valid JSON: bytes that are not UTF-8 become
 * U+FFFD, control and format characters become \uNNNN.
 */
void escape_json(struct buf *b, const char *s, size_t len);

/* Columns that s takes when escaped by escape_text. */
size_t escape_width(const char *s, size_t len);

#endif
