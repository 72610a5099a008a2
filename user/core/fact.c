/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables from the rows of facts.h; values as text and JSON; copies of facts. */
#include "core/fact.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/escape.h"
#include "util/mem.h"

static const struct {
	const char *name;
	enum fact_type type;
	enum fact_of of;
} rows[MPW_NR_FACTS] = {
#define FACT_ROW(ID, name, type, of, about) [MPW_FACT_##ID] = { #name, FACT_##type, FACT_OF_##of },
	MPW_FACTS(FACT_ROW)
#undef FACT_ROW
};

_Static_assert(MPW_NR_FACTS <= 32, "facts.has has a bit for each");

const char *fact_name(enum mpw_fact id)
{
	return rows[id].name;
}

enum fact_type fact_type(enum mpw_fact id)
{
	return rows[id].type;
}

enum fact_of fact_of(enum mpw_fact id)
{
	return rows[id].of;
}

int fact_find(const char *name, size_t len)
{
	int id;

	for (id = 0; id < MPW_NR_FACTS; id++)
		if (strlen(rows[id].name) == len && !memcmp(rows[id].name, name, len))
			return id;
	return -ENOENT;
}

/* ---- values as text and JSON ---- */

/* Length of a list's word at v->word + at. Words end with NUL, but the last one may lack it. */
static size_t word_len(const struct fact_value *v, size_t at)
{
	return strnlen(v->word + at, v->number - at);
}

void fact_put_text(struct buf *b, enum mpw_fact id, const struct fact_value *v)
{
	size_t at, len;

	switch (fact_type(id)) {
	case FACT_NUMBER:
		buf_dec(b, v->number);
		break;
	case FACT_WORD:
		escape_text(b, v->word, v->number);
		break;
	case FACT_WORDS:
		for (at = 0; at < v->number; at += len + 1) {
			len = word_len(v, at);
			if (at)
				buf_putc(b, ' ');
			escape_text(b, v->word + at, len);
		}
		break;
	}
}

void fact_put_json(struct buf *b, enum mpw_fact id, const struct fact_value *v)
{
	size_t at, len;

	switch (fact_type(id)) {
	case FACT_NUMBER:
		buf_dec(b, v->number);
		break;
	case FACT_WORD:
		escape_json(b, v->word, v->number);
		break;
	case FACT_WORDS:
		buf_putc(b, '[');
		for (at = 0; at < v->number; at += len + 1) {
			len = word_len(v, at);
			if (at)
				buf_putc(b, ',');
			escape_json(b, v->word + at, len);
		}
		buf_putc(b, ']');
		break;
	}
}

/* ---- copies ---- */

void facts_drop(struct facts *own, enum mpw_fact id)
{
	if (facts_have(own, id) && fact_type(id) != FACT_NUMBER)
		free((char *)own->value[id].word);
	own->has &= ~(1U << id);
}

void facts_learn(struct facts *own, const struct facts *from)
{
	uint32_t rest;
	char *word;
	int id;

	for (rest = from->has; rest; rest &= rest - 1) {
		const struct fact_value *v = &from->value[id = __builtin_ctz(rest)];

		if (fact_of(id) != FACT_OF_PROCESS)
			continue;
		if (fact_type(id) == FACT_NUMBER) {
			facts_set(own, id, v->number);
			continue;
		}
		word = mem_alloc(v->number + 1);
		memcpy(word, v->word, v->number);
		facts_drop(own, id);
		facts_set_word(own, id, word, v->number);
	}
}

size_t facts_bytes(const struct facts *f)
{
	size_t n = 0;
	int id;

	for (id = 0; id < MPW_NR_FACTS; id++)
		if (facts_have(f, id) && fact_type(id) != FACT_NUMBER)
			n += f->value[id].number;
	return n;
}

void facts_done(struct facts *own)
{
	int id;

	for (id = 0; id < MPW_NR_FACTS; id++)
		facts_drop(own, id);
}
