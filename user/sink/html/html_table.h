/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables and numbers of the HTML timeline's page. A table has each thing once, and columns name the
 * things by number: memory is bounded, and so is what a browser is given, since a full table
 * refuses. A number takes seven bits a byte, the lowest first.
 */
#ifndef SINK_HTML_TABLE_H
#define SINK_HTML_TABLE_H

#include <stdbool.h>

#include "util/buf.h"

struct html_item;

/* Things by their bytes, numbered from 0 in the order in which they came. */
struct html_table {
	struct html_item *items;
	struct html_item **by_nr;
	uint32_t nr, max;
	struct buf json; /* the things as elements of an array, each followed by a comma */
};

/*
 * The number of the thing with that key, in *ret_nr. Returns 1 if it is new, and its JSON is still
 * to be added; 0 if it is not, or -ENOSPC.
 */
int html_table_find(struct html_table *t, const void *key, size_t len, uint32_t *ret_nr);
/* True if the thing with that key has a number. */
bool html_table_has(const struct html_table *t, const void *key, size_t len);
/* The key of the thing with that number. */
const void *html_table_key(const struct html_table *t, uint32_t nr);
/* One more than the number of a word, given as JSON; 0: the table is full. */
uint64_t html_table_word(struct html_table *t, const struct buf *json);
void html_table_done(struct html_table *t);

void html_number_put(struct buf *b, uint64_t v);

#endif
