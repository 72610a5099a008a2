/* SPDX-License-Identifier: BSD-2-Clause */
/* A finding in words: severity, rule, sentence. */
#ifndef SINK_FINDING_LINE_H
#define SINK_FINDING_LINE_H

#include "sink/line_config.h"

/*
 * True if f is severe enough for cfg and says something new: the last report of a finding does
 * only if its count rose after the first.
 */
bool finding_line_wanted(const struct line_config *cfg, const struct finding *f);
/*
 * Writes f with a newline, wrapped at cfg->width unless that is 0. col is the column in which the
 * text starts, in the first line and in those that follow.
 */
void finding_line_put(struct buf *b, const struct finding *f, size_t col,
		      const struct line_config *cfg);

/* Writes f on one line, without colour or newline. */
void finding_text_put(struct buf *b, const struct finding *f);
/*
 * Writes s, which was escaped, wrapped at width (columns, at least 40). col is the column in which
 * the text starts, in the first line and in those that follow.
 */
void text_wrap(struct buf *b, const char *s, size_t len, size_t col, size_t width);

#endif
