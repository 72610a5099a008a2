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

static void put_text(struct buf *b, const char *s, size_t len)
{
	escape_text(b, s, len);
}

/* A value whose words escape() writes, with a character between those of a list. */
static void put(struct buf *b, enum mpw_fact id, const struct fact_value *v,
		void (*escape)(struct buf *, const char *, size_t), char between)
{
	size_t at, len;

	switch (fact_type(id)) {
	case FACT_NUMBER:
		buf_dec(b, v->number);
		break;
	case FACT_WORD:
		escape(b, v->word, v->number);
		break;
	case FACT_WORDS:
		for (at = 0; at < v->number; at += len + 1) {
			/* Words end with NUL, but the last one may lack it. */
			len = strnlen(v->word + at, v->number - at);
			if (at)
				buf_putc(b, between);
			escape(b, v->word + at, len);
		}
		break;
	}
}

void fact_put_text(struct buf *b, enum mpw_fact id, const struct fact_value *v)
{
	put(b, id, v, put_text, ' ');
}

void fact_put_json(struct buf *b, enum mpw_fact id, const struct fact_value *v)
{
	bool is_list = fact_type(id) == FACT_WORDS;

	if (is_list)
		buf_putc(b, '[');
	put(b, id, v, escape_json, ',');
	if (is_list)
		buf_putc(b, ']');
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
