/* SPDX-License-Identifier: BSD-2-Clause */
/* Prose wrapped at the terminal's width: words of our own, and names from outside. */
#ifndef SINK_PARAGRAPH_H
#define SINK_PARAGRAPH_H

#include "util/buf.h"

struct paragraph {
	struct buf *out;    /* borrowed */
	size_t width;	    /* columns, at least 40 */
	size_t col, indent; /* of the line being written */
};

/* p->out and p->width are set; all lines are indented, those that follow by at least 2. */
void para_begin(struct paragraph *p, size_t indent);
void para_end(struct paragraph *p);

/* Words of our own, ASCII, at most 255 bytes; a tilde is a space at which no line breaks. */
void para(struct paragraph *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A string from outside and suffix as one word: escaped, and cut where no line could hold it. */
void para_name(struct paragraph *p, const char *s, size_t len, const char *suffix);
/* A word that was escaped before. */
void para_escaped(struct paragraph *p, const char *word);
/* "1.235 ms" between before and after, as one word. */
void para_duration(struct paragraph *p, const char *before, uint64_t ns, const char *after);
/* "1 change", "2 changes" and after, as one word. */
void para_count(struct paragraph *p, uint64_t n, const char *noun, const char *after);

#endif
