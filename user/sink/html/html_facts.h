/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts in the HTML timeline: a column for each fact of events, members of each process. */
#ifndef SINK_HTML_FACTS_H
#define SINK_HTML_FACTS_H

#include "core/fact.h"

struct html_table;

/*
 * Columns of the rows' facts: as many numbers as there are rows, each 0 or one more than the fact's
 * value; for words their number in the table of words.
 */
struct html_facts {
	struct buf column[MPW_NR_FACTS];
	uint32_t has; /* those that some row has; the others are left out of the page */
};

/* Add a row's facts (NULL: none); a word for which there is no room is left out. */
void html_facts_add(struct html_facts *hf, struct html_table *words, const struct facts *facts);
/* ,"facts":[["cpu",0],…]: names of the columns behind the others, and whether they are words. */
void html_facts_put(const struct html_facts *hf, struct buf *b);
void html_facts_done(struct html_facts *hf);
/* {"uid":"1000",…}, of those of processes; escaped for people. Nothing if there is none. */
void html_facts_put_process(const struct facts *facts, struct buf *b);

#endif
