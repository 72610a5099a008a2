/* SPDX-License-Identifier: BSD-2-Clause */
/* Members of JSON objects, for the report's rows. */
#ifndef SINK_REPORT_PUT_H
#define SINK_REPORT_PUT_H

#include "core/change.h"
#include "util/buf.h"

/* A member's name, after a comma if it is not the first. */
void put_key(struct buf *b, const char *key);
void put_u64(struct buf *b, const char *key, uint64_t v);
void put_bool(struct buf *b, const char *key, bool v);
void put_hex(struct buf *b, const char *key, uint64_t v); /* "0x…" */
void put_string(struct buf *b, const char *key, const char *s, size_t len);
/* The name of what is mapped; null if it is not known. */
void put_named(struct buf *b, const char *key, const struct object *obj);
/* "rw-"; null if not mapped, "unknown". */
void put_rights(struct buf *b, const char *key, uint64_t flags);
/* {"module":…,"offset":…}, {"addr":…}, or null. */
void put_site(struct buf *b, const char *key, const struct caller *c);

#endif
