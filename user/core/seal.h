/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Seals of a recording. Each transaction ends with one: a hash (SHA-256) over the seal before it,
 * the blocks since then, and the rows that were written beside them. A recording that follows
 * another begins with the last seal of that one. Whoever can write the file can make another chain:
 * a hash that is kept elsewhere, or a signature on it, proves that nobody did.
 *
 * Rows are sealed in two ways. Most are kept in the seal as they were written; of the tables that
 * grow with every change, a stretch: a hash of the rows since the seal before.
 */
#ifndef CORE_SEAL_H
#define CORE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sha2.h>

#include "util/buf.h"

#define SEAL_BYTES SHA256_DIGEST_LENGTH
#define SEAL_HEX   SHA256_DIGEST_STRING_LENGTH /* with its NUL */

/* ---- rows as bytes ---- */

enum row_type {
	ROW_NULL,
	ROW_NUMBER,
	ROW_TEXT,
};

struct row_value {
	enum row_type type;
	int64_t number;
	const char *text; /* borrowed */
	size_t len;
};

#define ROW_VALUES_MAX 64

/* A row of a seal: which statement wrote it, and its values. */
struct sealed_row {
	char code; /* a letter of recording.h */
	unsigned int nr;
	struct row_value value[ROW_VALUES_MAX];
};

void row_put(struct buf *b, const struct row_value *v);
/* Take the row at *at off. 1, 0 at the end, or -EBADMSG. */
int row_next(const char **at, const char *end, struct sealed_row *ret);

/* Rows of one table, hashed in the order of their ids. All zero is none. */
struct stretch {
	SHA2_CTX sha;
	int64_t last; /* the highest id */
	uint64_t nr;  /* rows since the seal before */
};

void stretch_add(struct stretch *s, int64_t id, const char *row, size_t len);
/* Put the hash of the rows, and begin the next stretch. */
void stretch_end(struct stretch *s, char ret_hex[SEAL_HEX]);

/* ---- the chain ---- */

struct chain {
	SHA2_CTX sha;
	uint8_t hash[SEAL_BYTES]; /* the last seal */
};

/* before: the last seal of the recording before; NULL: there is none. */
void chain_begin(struct chain *c, const uint8_t before[SEAL_BYTES]);
/* numbers: columns of the block, from its id to its bytes. */
void chain_block(struct chain *c, const int64_t numbers[7], const void *data, size_t len);
/* Seal all blocks since the last seal, and rows (unpacked). */
void chain_seal(struct chain *c, const void *rows, size_t len);

void seal_hex(const uint8_t hash[SEAL_BYTES], char ret[SEAL_HEX]);
/* 0, or -EINVAL: it is no hash in hexadecimal. */
int seal_parse(const char *hex, uint8_t ret[SEAL_BYTES]);

#endif
