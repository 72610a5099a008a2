/* SPDX-License-Identifier: BSD-2-Clause */
/* Conditions between their three forms: a record's, numbers, and words of a fact. */
#include "core/conditions.h"

#include <string.h>

#include "util/fmt.h"

#define WORD_MAX 64

static const char *const names[NR_CONDITIONS] = {
#define CONDITION_NAME(ID, name) [CONDITION_##ID] = #name,
	CONDITIONS(CONDITION_NAME)
#undef CONDITION_NAME
};

const char *condition_name(enum condition id)
{
	return names[id];
}

void conditions_decode(const struct mpw_conditions *wire, struct conditions *ret)
{
	static const struct {
		enum mpw_condition bit;
		enum condition id;
	} bits[] = {
		{ MPW_COND_MDWE, CONDITION_MDWE },
		{ MPW_COND_LOCKS_ALL, CONDITION_LOCKS_ALL },
		{ MPW_COND_NO_READ, CONDITION_NO_READ },
		{ MPW_COND_NO_WRITE, CONDITION_NO_WRITE },
		{ MPW_COND_NO_EXEC, CONDITION_NO_EXEC },
		{ MPW_COND_APPEND, CONDITION_APPEND },
		{ MPW_COND_SEAL, CONDITION_SEAL },
	};
	size_t i;

	ret->has = 0;
	conditions_set(ret, CONDITION_AS_USED, wire->as_used);
	conditions_set(ret, CONDITION_DATA_USED, wire->data_used);
	conditions_set(ret, CONDITION_DATA_SEGMENT, wire->data_segment);
	conditions_set(ret, CONDITION_LOCKED_USED, wire->locked_used);
	if (wire->as_limit != UINT64_MAX)
		conditions_set(ret, CONDITION_AS_LIMIT, wire->as_limit);
	if (wire->data_limit != UINT64_MAX)
		conditions_set(ret, CONDITION_DATA_LIMIT, wire->data_limit);
	if (wire->memlock_limit != UINT64_MAX)
		conditions_set(ret, CONDITION_MEMLOCK_LIMIT, wire->memlock_limit);
	if (wire->place)
		conditions_set(ret, CONDITION_PLACE, wire->place);
	if (wire->huge_bytes)
		conditions_set(ret, CONDITION_HUGE_PAGE, wire->huge_bytes);
	for (i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		if (wire->flags & bits[i].bit)
			conditions_set(ret, bits[i].id, 1);
}

/* One word, NAME=NUMBER. */
static void read_word(const char *word, size_t len, struct conditions *ret)
{
	const char *equals = memchr(word, '=', len);
	char number[WORD_MAX];
	uint64_t value;
	int id;

	if (!equals || len >= WORD_MAX)
		return;
	memcpy(number, equals + 1, word + len - equals - 1);
	number[word + len - equals - 1] = '\0';
	for (id = 0; id < NR_CONDITIONS; id++)
		if (strlen(names[id]) == (size_t)(equals - word) &&
		    !memcmp(names[id], word, equals - word) &&
		    !parse_u64(number, UINT64_MAX, &value))
			conditions_set(ret, id, value);
}

void conditions_read(const struct facts *facts, struct conditions *ret)
{
	const struct fact_value *v = &facts->value[MPW_FACT_CONDITIONS];
	size_t at, len;

	ret->has = 0;
	if (!facts_have(facts, MPW_FACT_CONDITIONS))
		return;
	for (at = 0; at < v->number; at += len + 1) {
		len = strnlen(v->word + at, v->number - at);
		read_word(v->word + at, len, ret);
	}
}

void conditions_write(const struct conditions *c, struct buf *room, struct facts *ret)
{
	int id;

	room->len = 0;
	for (id = 0; id < NR_CONDITIONS; id++) {
		if (!conditions_have(c, id))
			continue;
		buf_puts(room, names[id]);
		buf_putc(room, '=');
		buf_dec(room, c->value[id]);
		buf_putc(room, '\0');
	}
	facts_set_word(ret, MPW_FACT_CONDITIONS, room->data, room->len);
}
