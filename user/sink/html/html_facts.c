/* SPDX-License-Identifier: BSD-2-Clause */
/* Columns that no row fills are not in the page. */
#include "sink/html/html_facts.h"

#include "sink/html/html_table.h"
#include "util/escape.h"

static void put_text(struct buf *b, enum mpw_fact id, const struct fact_value *v)
{
	struct buf text = { 0 };

	fact_put_text(&text, id, v);
	escape_json(b, text.data, text.len);
	buf_done(&text);
}

/* The number in the fact's column; 0: a word that found no room. */
static uint64_t cell_of(struct html_table *words, enum mpw_fact id, const struct fact_value *v)
{
	struct buf text = { 0 };
	uint64_t cell;

	if (fact_type(id) == FACT_NUMBER)
		return v->number + 1;
	put_text(&text, id, v);
	cell = html_table_word(words, &text);
	buf_done(&text);
	return cell;
}

void html_facts_add(struct html_facts *hf, struct html_table *words, const struct facts *facts)
{
	uint32_t rest;

	for (rest = FACTS_OF_EVENTS; rest; rest &= rest - 1) {
		int id = __builtin_ctz(rest);
		bool has = facts && facts_have(facts, id);

		html_number_put(&hf->column[id], has ? cell_of(words, id, &facts->value[id]) : 0);
		hf->has |= (uint32_t)has << id;
	}
}

void html_facts_put_cells(struct html_facts *hf, const uint64_t *cells)
{
	uint32_t rest;

	for (rest = FACTS_OF_EVENTS; rest; rest &= rest - 1) {
		int id = __builtin_ctz(rest);

		html_number_put(&hf->column[id], cells[id]);
		hf->has |= (uint32_t)(cells[id] != 0) << id;
	}
}

void html_facts_put(const struct html_facts *hf, struct buf *b)
{
	const char *comma = "";
	int id;

	if (!hf->has)
		return;
	buf_puts(b, ",\"facts\":[");
	for (id = 0; id < MPW_NR_FACTS; id++) {
		if (!(hf->has >> id & 1))
			continue;
		buf_printf(b, "%s[\"%s\",%d]", comma, fact_name(id), fact_type(id) != FACT_NUMBER);
		comma = ",";
	}
	buf_putc(b, ']');
}

void html_facts_done(struct html_facts *hf)
{
	int id;

	for (id = 0; id < MPW_NR_FACTS; id++)
		buf_done(&hf->column[id]);
}

void html_facts_put_process(const struct facts *facts, struct buf *b)
{
	const char *comma = "{";
	int id;

	for (id = 0; id < MPW_NR_FACTS; id++) {
		if (fact_of(id) != FACT_OF_PROCESS || !facts_have(facts, id))
			continue;
		buf_printf(b, "%s\"%s\":", comma, fact_name(id));
		put_text(b, id, &facts->value[id]);
		comma = ",";
	}
	if (*comma == ',')
		buf_putc(b, '}');
}
