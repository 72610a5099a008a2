/* SPDX-License-Identifier: BSD-2-Clause */
/* Prose wrapped at the terminal's width: words of ours, and names from outside. */
#ifndef SINK_PARAGRAPH_H
#define SINK_PARAGRAPH_H

#include "util/buf.h"

struct paragraph {
	struct buf *out;
	size_t width;
	size_t col, indent; /* of the line being written */
};

void para_begin(struct paragraph *p, size_t indent);
void para_end(struct paragraph *p);

/* Our own words, ASCII, at most 255 bytes; a tilde is a space at which no line breaks. */
void para(struct paragraph *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A string from outside, as one word, and what follows it. */
void para_name(struct paragraph *p, const char *s, size_t len, const char *suffix);
/* "1.235 ms" */
void para_duration(struct paragraph *p, const char *before, uint64_t ns, const char *after);
/* "1 change", "2 changes" */
void para_count(struct paragraph *p, uint64_t n, const char *noun, const char *after);

#endif
