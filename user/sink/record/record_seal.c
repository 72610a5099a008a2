/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seals of a recording as it is written (core/seal.h). Each statement that writes rows has a
 * letter here, by which a seal names it: letters are in recordings, and never used again.
 */
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "core/seal.h"
#include "sink/record/record_private.h"
#include "util/mem.h"

/* Statements without a letter write what the chain has otherwise, or read. */
static const char letters[NR_STMTS] = {
	[STMT_META] = 'm',	[STMT_CLOCK] = 'k',	     [STMT_NAME_CALL] = 'c',
	[STMT_NAME_KIND] = 'd', [STMT_OBJECT] = 'o',	     [STMT_OBJECT_BUILD] = 'b',
	[STMT_PROCESS] = 'p',	[STMT_PROCESS_UPDATE] = 'u', [STMT_PROCESS_EXIT] = 'x',
	[STMT_THREAD] = 't',	[STMT_STATE] = 's',	     [STMT_SITE] = 'i',
	[STMT_FRAME] = 'f',	[STMT_STACK] = 'q',	     [STMT_CHANGE] = 'C',
	[STMT_FAILURE] = 'F',	[STMT_LIFE] = 'l',	     [STMT_WRITING] = 'W',
	[STMT_LOSS] = 'n',	[STMT_FINDING] = 'v',	     [STMT_EVIDENCE] = 'e',
	[STMT_FAULT] = 'y',
};

const struct record_stretch record_stretches[NR_STRETCHES] = {
	{ STMT_CHANGE, "change", true },
	{ STMT_FAILURE, "failure", false },
	{ STMT_WRITING, "writing", false },
};

struct record_seal {
	struct chain chain;
	struct stretch stretches[NR_STRETCHES];
	struct buf row, rows, packed;
	ZSTD_CCtx *zstd;
	int64_t last_block;
	bool has_blocks; /* since the last seal */
};

struct record_seal *record_seal_new(const uint8_t *before)
{
	struct record_seal *s = mem_alloc(sizeof(*s));

	chain_begin(&s->chain, before);
	s->zstd = ZSTD_createCCtx();
	return s;
}

void record_seal_free(struct record_seal *s)
{
	if (!s)
		return;
	ZSTD_freeCCtx(s->zstd);
	buf_done(&s->row);
	buf_done(&s->rows);
	buf_done(&s->packed);
	free(s);
}

void record_seal_value(struct record_seal *s, const struct row_value *v)
{
	row_put(&s->row, v);
}

static void keep_row(struct record_seal *s, char letter, unsigned int nr_values)
{
	buf_putc(&s->rows, letter);
	buf_putc(&s->rows, nr_values);
	buf_add(&s->rows, s->row.data, s->row.len);
}

void record_seal_row(struct record_seal *s, enum record_stmt id, unsigned int nr_values,
		     int64_t row_id)
{
	int i;

	for (i = 0; i < NR_STRETCHES; i++)
		if (record_stretches[i].stmt == id)
			stretch_add(&s->stretches[i], row_id, s->row.data, s->row.len);
	if (letters[id] >= 'a')
		keep_row(s, letters[id], nr_values);
	s->row.len = 0;
}

void record_seal_block(struct record_seal *s, int64_t id, const int64_t numbers[6],
		       const void *data, size_t len)
{
	int64_t all[7] = { id };

	memcpy(all + 1, numbers, 6 * sizeof(*numbers));
	chain_block(&s->chain, all, data, len);
	s->last_block = id;
	s->has_blocks = true;
}

static void keep_stretches(struct record_seal *s)
{
	char hex[SEAL_HEX];
	int i;

	for (i = 0; i < NR_STRETCHES; i++) {
		struct stretch *t = &s->stretches[i];
		const struct row_value values[] = { { .type = ROW_NUMBER, .number = t->last },
						    { .type = ROW_NUMBER, .number = t->nr },
						    { ROW_TEXT, 0, hex, SEAL_HEX - 1 } };
		size_t k;

		if (!t->nr)
			continue;
		stretch_end(t, hex);
		for (k = 0; k < 3; k++)
			row_put(&s->row, &values[k]);
		keep_row(s, letters[record_stretches[i].stmt], 3);
		s->row.len = 0;
	}
}

bool record_seal_close(struct record_seal *s, struct sealed *ret)
{
	size_t bound, n;

	keep_stretches(s);
	if (!s->rows.len && !s->has_blocks)
		return false;
	bound = ZSTD_compressBound(s->rows.len);
	s->packed.len = 0;
	n = ZSTD_compressCCtx(s->zstd, buf_reserve(&s->packed, bound), bound, s->rows.data,
			      s->rows.len, 1);
	chain_seal(&s->chain, s->rows.data, s->rows.len);
	*ret = (struct sealed){ .block = s->last_block,
				.bytes = s->rows.len,
				.data = s->packed.data,
				.len = ZSTD_isError(n) ? 0 : n };
	memcpy(ret->hash, s->chain.hash, SEAL_BYTES);
	s->rows.len = 0;
	s->has_blocks = false;
	return true;
}

enum record_stmt record_seal_stmt(char letter)
{
	int id;

	for (id = 0; id < NR_STMTS; id++)
		if (letters[id] == letter)
			return id;
	return NR_STMTS;
}
