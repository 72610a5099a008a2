/* SPDX-License-Identifier: BSD-2-Clause */
/* Members of JSON objects, for all outputs that write them. Keys are our own words. */
#ifndef SINK_JSON_PUT_H
#define SINK_JSON_PUT_H

#include "core/change.h"
#include "core/sink.h"
#include "util/buf.h"

/* The key with its colon, after a comma if the member is not the first. */
void put_key(struct buf *b, const char *key);
void put_u64(struct buf *b, const char *key, uint64_t v);
void put_bool(struct buf *b, const char *key, bool v);
void put_hex(struct buf *b, const char *key, uint64_t v); /* "0x…" */
/* Text from anywhere, escaped. */
void put_string(struct buf *b, const char *key, const char *s, size_t len);
void put_word(struct buf *b, const char *key, const char *s);
/* Name of a mapped object; null if obj is NULL. */
void put_named(struct buf *b, const char *key, const struct object *obj);
/* Rights out of enum vma_flags: "rw-"; null if nothing is mapped; or "unknown". */
void put_rights(struct buf *b, const char *key, uint64_t flags);
/* "symbol" and "symbol_offset" of a frame or caller; nothing where symbol is NULL. */
void put_symbol(struct buf *b, const char *symbol, uint64_t off);
/* Place of a caller: {"module":…,"offset":…}, else {"addr":…}; null if neither is known. */
void put_site(struct buf *b, const char *key, const struct caller *c);
/* Members that say which verdicts are not certain; nothing if all are. */
void put_doubts(struct buf *b, const struct totals *t);

#endif
