/* SPDX-License-Identifier: BSD-2-Clause */
/* A finding in words: severity, rule, sentence. */
#ifndef SINK_FINDING_LINE_H
#define SINK_FINDING_LINE_H

#include "sink/sinks.h"

/* Is it severe enough, and news? (The last telling is, if the count rose since the first.) */
bool finding_line_wanted(const struct line_config *cfg, const struct finding *f);
/*
 * Ends with a newline. On a terminal words are wrapped at cfg->width; col is the column
 * where the text starts, for the first line and those that follow.
 */
void finding_line_put(struct buf *b, const struct finding *f, size_t col,
		      const struct line_config *cfg);

/* The same without severity's colour, on one line, without its end. */
void finding_text_put(struct buf *b, const struct finding *f);
/* Escaped text, wrapped at width; col is the column where it starts, and where its further lines do. */
void text_wrap(struct buf *b, const char *s, size_t len, size_t col, size_t width);

#endif
