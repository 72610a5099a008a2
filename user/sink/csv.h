/* SPDX-License-Identifier: BSD-2-Clause */
/* Cells of comma-separated values (RFC 4180). */
#ifndef SINK_CSV_H
#define SINK_CSV_H

#include <stddef.h>

#include "util/buf.h"

/*
 * Writes text in quotes, or nothing if len is 0. A cell that a spreadsheet would take for a formula
 * gets an apostrophe in front. Control characters must have been escaped before.
 */
void csv_put(struct buf *b, const char *text, size_t len);

#endif
