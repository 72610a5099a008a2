/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts in the HTML timeline: those of events are columns, those of processes members of each. */
#ifndef SINK_HTML_FACTS_H
#define SINK_HTML_FACTS_H

#include "core/fact.h"

struct html_table;

/*
 * Columns of the rows' facts, with a number for each row: 0, or one more than the fact's value; of
 * a word, one more than its number in the table of words.
 */
struct html_facts {
	struct buf column[MPW_NR_FACTS];
	uint32_t has; /* facts that some row has, a bit each; the others are left out of the page */
};

/* Add the facts of one row (NULL: none); a word that finds no room in words is left out. */
void html_facts_add(struct html_facts *hf, struct html_table *words, const struct facts *facts);
/* Puts ,"facts":[["cpu",0],…] in the order of columns; 1 marks words. Nothing if has is 0. */
void html_facts_put(const struct html_facts *hf, struct buf *b);
/* As html_facts_add(), of cells that were read from columns: by enum mpw_fact. */
void html_facts_put_cells(struct html_facts *hf, const uint64_t *cells);
void html_facts_done(struct html_facts *hf);
/* Puts {"uid":"1000",…}, the facts of a process, escaped for people. Nothing if there is none. */
void html_facts_put_process(const struct facts *facts, struct buf *b);

#endif
