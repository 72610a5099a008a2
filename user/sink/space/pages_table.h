/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of a process beside its mappings: a table that folds rows that repeat, or JSON, and the sums. */
#ifndef SINK_PAGES_TABLE_H
#define SINK_PAGES_TABLE_H

#include "core/page_rows.h"
#include "util/buf.h"

/* all: fold nothing. */
void pages_table(struct buf *b, const struct page_rows *rows, bool all, int width);
void pages_json(struct buf *b, uint32_t pid, const struct page_rows *rows);

#endif
