/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers are hashed as eight bytes, the lowest first, whatever the machine's order is. */
#include "core/seal.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define NUMBER_BYTES_MAX 8
#define TAG_NULL	 0x10
#define TAG_TEXT	 0x20

static uint64_t get_le(const char *at, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | (uint8_t)at[n];
	return v;
}

/* ---- rows ---- */

/* A byte that says how many follow: as few as the number needs. */
static void put_number(struct buf *b, int64_t number)
{
	uint64_t zigzag = (uint64_t)number << 1 ^ (uint64_t)(number >> 63);
	uint64_t le = htole64(zigzag);
	unsigned int n = zigzag ? (71 - __builtin_clzll(zigzag)) / 8 : 0;
	char *at = buf_reserve(b, 1 + sizeof(le));

	at[0] = n;
	memcpy(at + 1, &le, sizeof(le));
	b->len += 1 + n;
}

void row_put(struct buf *b, const struct row_value *v)
{
	uint32_t len = htole32(v->len);

	switch (v->type) {
	case ROW_NULL:
		buf_putc(b, TAG_NULL);
		return;
	case ROW_NUMBER:
		put_number(b, v->number);
		return;
	case ROW_TEXT:
		buf_putc(b, TAG_TEXT);
		buf_add(b, &len, sizeof(len));
		buf_add(b, v->text, v->len);
		return;
	}
}

static int take_value(const char **at, const char *end, struct row_value *v)
{
	uint8_t tag;
	uint64_t n;

	if (*at == end)
		return -EBADMSG;
	tag = *(*at)++;
	*v = (struct row_value){ .type = ROW_NULL };
	if (tag == TAG_NULL)
		return 0;
	if (tag == TAG_TEXT && end - *at >= 4) {
		v->type = ROW_TEXT;
		v->len = get_le(*at, 4);
		*at += 4;
		v->text = *at;
		if (v->len > (size_t)(end - *at))
			return -EBADMSG;
		*at += v->len;
		return 0;
	}
	if (tag > NUMBER_BYTES_MAX || tag > end - *at)
		return -EBADMSG;
	n = get_le(*at, tag);
	v->type = ROW_NUMBER;
	v->number = (int64_t)(n >> 1 ^ -(n & 1));
	*at += tag;
	return 0;
}

int row_next(const char **at, const char *end, struct sealed_row *ret)
{
	unsigned int i;

	if (*at == end)
		return 0;
	if (end - *at < 2 || (uint8_t)(*at)[1] > ROW_VALUES_MAX)
		return -EBADMSG;
	ret->code = (*at)[0];
	ret->nr = (uint8_t)(*at)[1];
	*at += 2;
	for (i = 0; i < ret->nr; i++)
		if (take_value(at, end, &ret->value[i]))
			return -EBADMSG;
	return 1;
}

void stretch_add(struct stretch *s, int64_t id, const char *row, size_t len)
{
	if (!s->nr++)
		SHA256Init(&s->sha);
	SHA256Update(&s->sha, (const uint8_t *)row, len);
	s->last = id;
}

void stretch_end(struct stretch *s, char ret_hex[SEAL_HEX])
{
	uint8_t hash[SEAL_BYTES];

	if (!s->nr)
		SHA256Init(&s->sha);
	SHA256Final(hash, &s->sha);
	seal_hex(hash, ret_hex);
	s->nr = 0;
}

/* ---- the chain ---- */

static void add_number(struct chain *c, uint64_t v)
{
	uint64_t le = htole64(v);

	SHA256Update(&c->sha, (const uint8_t *)&le, sizeof(le));
}

static void begin_seal(struct chain *c)
{
	SHA256Init(&c->sha);
	SHA256Update(&c->sha, c->hash, sizeof(c->hash));
}

void chain_begin(struct chain *c, const uint8_t before[SEAL_BYTES])
{
	memset(c->hash, 0, sizeof(c->hash));
	if (before)
		memcpy(c->hash, before, sizeof(c->hash));
	begin_seal(c);
}

void chain_block(struct chain *c, const int64_t numbers[7], const void *data, size_t len)
{
	int i;

	for (i = 0; i < 7; i++)
		add_number(c, numbers[i]);
	add_number(c, len);
	SHA256Update(&c->sha, data, len);
}

void chain_seal(struct chain *c, const void *rows, size_t len)
{
	add_number(c, 0); /* no block has this id */
	add_number(c, len);
	SHA256Update(&c->sha, rows, len);
	SHA256Final(c->hash, &c->sha);
	begin_seal(c);
}

static const char digits[] = "0123456789abcdef";

void seal_hex(const uint8_t hash[SEAL_BYTES], char ret[SEAL_HEX])
{
	int i;

	for (i = 0; i < SEAL_BYTES; i++) {
		ret[2 * i] = digits[hash[i] >> 4];
		ret[2 * i + 1] = digits[hash[i] & 15];
	}
	ret[2 * i] = '\0';
}

int seal_parse(const char *hex, uint8_t ret[SEAL_BYTES])
{
	int i;

	if (strlen(hex) != 2 * SEAL_BYTES || strspn(hex, digits) != 2 * SEAL_BYTES)
		return -EINVAL;
	for (i = 0; i < SEAL_BYTES; i++)
		ret[i] = (strchr(digits, hex[2 * i]) - digits) << 4 |
			 (strchr(digits, hex[2 * i + 1]) - digits);
	return 0;
}
