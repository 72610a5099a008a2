/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts: values for the rows of include/facts.h, of an event or a process. */
#ifndef CORE_FACT_H
#define CORE_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts.h"
#include "util/buf.h"

/* Bytes of a word at most: a longer one is cut, and refused in a recording. */
#define FACT_WORD_MAX 4096

/* Facts that come with a process's identity: at an exec, a fork, a snapshot. */
#define FACTS_OF_IDENTITY (1U << MPW_FACT_UID | 1U << MPW_FACT_NS_PID | 1U << MPW_FACT_MNT_NS)

/* Facts of events; the others are of processes. */
#define FACT_BIT_EVENT(id) | 1U << (id)
#define FACT_BIT_PROCESS(id)
#define FACT_EVENT_BIT(ID, name, type, of, about) FACT_BIT_##of(MPW_FACT_##ID)
#define FACTS_OF_EVENTS				  (0 MPW_FACTS(FACT_EVENT_BIT))

enum fact_type { FACT_NUMBER, FACT_WORD, FACT_WORDS };

/* A fact belongs to one event, or to a process until another event says otherwise. */
enum fact_of { FACT_OF_EVENT, FACT_OF_PROCESS };

struct fact_value {
	uint64_t number;  /* the value; for words, their length in bytes */
	const char *word; /* raw bytes from outside; not NUL-ended */
};

/* All zero: none. */
struct facts {
	uint32_t has; /* a bit per enum mpw_fact: values without their bit mean nothing */
	struct fact_value value[MPW_NR_FACTS];
};

/* The names of all facts as one string, each behind a space. */
#define FACT_SPACE_NAME(ID, name, type, of, about) " " #name
#define FACT_NAMES				   MPW_FACTS(FACT_SPACE_NAME)

const char *fact_name(enum mpw_fact id);
enum fact_type fact_type(enum mpw_fact id);
enum fact_of fact_of(enum mpw_fact id);
/* The id of a fact's name, or -ENOENT. */
int fact_find(const char *name, size_t len);

/* Text for lines: escaped, with a space between the words of a list. */
void fact_put_text(struct buf *b, enum mpw_fact id, const struct fact_value *v);
/* A JSON number, string or array of strings. */
void fact_put_json(struct buf *b, enum mpw_fact id, const struct fact_value *v);

static inline bool facts_have(const struct facts *f, enum mpw_fact id)
{
	return f->has >> id & 1;
}

static inline void facts_set(struct facts *f, enum mpw_fact id, uint64_t number)
{
	f->has |= 1U << id;
	f->value[id].number = number;
}

/* word is borrowed. */
static inline void facts_set_word(struct facts *f, enum mpw_fact id, const char *word, size_t len)
{
	f->has |= 1U << id;
	f->value[id] = (struct fact_value){ len < FACT_WORD_MAX ? len : FACT_WORD_MAX, word };
}

/* The number of a fact; 0 if f has none. */
static inline uint64_t facts_number(const struct facts *f, enum mpw_fact id)
{
	return facts_have(f, id) ? f->value[id].number : 0;
}

/* Add a copy of from's facts of a process to own, whose words facts_done() frees. */
void facts_learn(struct facts *own, const struct facts *from);
/* Bytes of all words of f. */
size_t facts_bytes(const struct facts *f);
/* Remove one fact from own. */
void facts_drop(struct facts *own, enum mpw_fact id);
void facts_done(struct facts *own);

#endif
