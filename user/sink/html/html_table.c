/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash table of keys beside the JSON that the page gets; see html_table.h. */
#include "sink/html/html_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "util/mem.h"

struct html_item {
	uint32_t nr;
	UT_hash_handle hh;
	uint8_t key[];
};

int html_table_find(struct html_table *t, const void *key, size_t len, uint32_t *ret_nr)
{
	struct html_item *item;

	HASH_FIND(hh, t->items, key, len, item);
	if (item) {
		*ret_nr = item->nr;
		return 0;
	}
	if (t->nr == t->max)
		return -ENOSPC;
	item = mem_alloc(sizeof(*item) + len);
	memcpy(item->key, key, len);
	if (!(t->nr & (t->nr - 1)))
		t->by_nr = mem_grow(t->by_nr, t->nr ? 2 * t->nr : 1, sizeof(*t->by_nr));
	t->by_nr[t->nr] = item;
	item->nr = *ret_nr = t->nr++;
	HASH_ADD_KEYPTR(hh, t->items, item->key, len, item);
	return 1;
}

bool html_table_has(const struct html_table *t, const void *key, size_t len)
{
	struct html_item *item;

	HASH_FIND(hh, t->items, key, len, item);
	return item;
}

const void *html_table_key(const struct html_table *t, uint32_t nr)
{
	return t->by_nr[nr]->key;
}

uint64_t html_table_word(struct html_table *t, const struct buf *json)
{
	uint32_t nr;
	int ret = html_table_find(t, json->data, json->len, &nr);

	if (ret < 0)
		return 0;
	if (ret) {
		buf_add(&t->json, json->data, json->len);
		buf_putc(&t->json, ',');
	}
	return nr + 1ULL;
}

void html_table_done(struct html_table *t)
{
	struct html_item *item, *tmp;

	HASH_ITER(hh, t->items, item, tmp) {
		HASH_DEL(t->items, item);
		free(item);
	}
	free(t->by_nr);
	buf_done(&t->json);
}

void html_number_put(struct buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_putc(b, (char)(v | 0x80));
	buf_putc(b, (char)v);
}
