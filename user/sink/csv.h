/* SPDX-License-Identifier: BSD-2-Clause */
/* Cells of comma-separated values (RFC 4180). */
#ifndef SINK_CSV_H
#define SINK_CSV_H

#include <stddef.h>

#include "util/buf.h"

/*
 * Text in quotes; nothing if there is none. What a spreadsheet would take for a formula is made text.
 * Control characters must have been escaped.
 */
void csv_put(struct buf *b, const char *text, size_t len);

#endif
