/* SPDX-License-Identifier: BSD-2-Clause */
/* Values go straight into the buffer; text that a process chose passes escape_json(). */
#include "sink/json_put.h"

#include <string.h>

#include "core/words.h"
#include "util/escape.h"

void put_key(struct buf *b, const char *key)
{
	if (b->len && b->data[b->len - 1] != '{' && b->data[b->len - 1] != '\n' &&
	    b->data[b->len - 1] != '[')
		buf_putc(b, ',');
	buf_putc(b, '"');
	buf_puts(b, key);
	buf_puts(b, "\":");
}

void put_u64(struct buf *b, const char *key, uint64_t v)
{
	put_key(b, key);
	buf_dec(b, v);
}

void put_bool(struct buf *b, const char *key, bool v)
{
	put_key(b, key);
	buf_puts(b, v ? "true" : "false");
}

void put_string(struct buf *b, const char *key, const char *s, size_t len)
{
	put_key(b, key);
	escape_json(b, s, len);
}

void put_word(struct buf *b, const char *key, const char *s)
{
	put_string(b, key, s, strlen(s));
}

void put_hex(struct buf *b, const char *key, uint64_t v)
{
	put_key(b, key);
	buf_puts(b, "\"0x");
	buf_hex(b, v);
	buf_putc(b, '"');
}

void put_named(struct buf *b, const char *key, const struct object *obj)
{
	struct buf name = { 0 };

	if (!obj) {
		put_key(b, key);
		buf_puts(b, "null");
		return;
	}
	word_mapping_raw(&name, obj);
	put_string(b, key, name.data, name.len);
	buf_done(&name);
}

void put_rights(struct buf *b, const char *key, uint64_t flags)
{
	const struct attr attr = { .flags = flags };

	put_key(b, key);
	if (attr_is_unknown(&attr)) {
		buf_puts(b, "\"unknown\"");
	} else if (!attr_is_mapped(&attr)) {
		buf_puts(b, "null");
	} else {
		buf_putc(b, '"');
		word_prot(b, &attr);
		buf_putc(b, '"');
	}
}

void put_symbol(struct buf *b, const char *symbol, uint64_t off)
{
	if (!symbol)
		return;
	put_word(b, "symbol", symbol);
	put_hex(b, "symbol_offset", off);
}

void put_site(struct buf *b, const char *key, const struct caller *c)
{
	put_key(b, key);
	if (!c->obj && !c->addr) {
		buf_puts(b, "null");
		return;
	}
	buf_putc(b, '{');
	if (c->obj) {
		put_named(b, "module", c->obj);
		put_hex(b, "offset", c->off);
		put_symbol(b, c->symbol, c->symbol_off);
	} else {
		put_hex(b, "addr", c->addr);
	}
	buf_putc(b, '}');
}

void put_doubts(struct buf *b, const struct totals *t)
{
	const struct doubt *n = t->doubts.named, *end = n + t->doubts.nr_named;

	if (t->dropped)
		put_u64(b, "forgotten", t->dropped);
	if (t->doubts.nr_unread)
		put_u64(b, "unread", t->doubts.nr_unread);
	if (t->doubts.nr_given_up)
		put_u64(b, "given_up", t->doubts.nr_given_up);
	if (n == end)
		return;
	put_key(b, "in_doubt");
	for (buf_putc(b, '['); n < end; n++) {
		buf_puts(b, n > t->doubts.named ? ",{" : "{");
		put_u64(b, "pid", n->pid);
		put_string(b, "comm", n->comm, strnlen(n->comm, sizeof(n->comm)));
		put_u64(b, "lost", n->lost);
		put_bool(b, "unread", n->unread);
		if (n->given_up)
			put_u64(b, "given_up", n->given_up);
		if (n->dropped)
			put_bool(b, "dropped", true);
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
}
