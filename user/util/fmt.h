/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, sizes and times as people write and read them. */
#ifndef UTIL_FMT_H
#define UTIL_FMT_H

#include <stdbool.h>

#include "util/buf.h"

/*
 * 4096 -> "4K", 1536 KiB -> "1536K", 3 GiB -> "3G": exact, with the largest unit that divides; where that
 * takes more than five digits, as fmt_size_short().
 */
void fmt_size(struct buf *b, uint64_t n_bytes);
/* Sizes rounded down for people, with at most one decimal: "1.5M", "12.3G". */
void fmt_size_short(struct buf *b, uint64_t n_bytes);
/* 1234567 -> "1.235 ms"; for durations in tables and axes. */
void fmt_duration(struct buf *b, uint64_t ns);
/* ns since 1970 -> "12:03:04.512311", local time or UTC. */
void fmt_time_of_day(struct buf *b, uint64_t wall_ns, bool utc);
/* ns since 1970 -> "2026-11-24T12:03:04.512311204Z" (RFC 3339, UTC). */
void fmt_rfc3339(struct buf *b, uint64_t wall_ns);
/* 1, "process" -> "1 process"; 2 -> "2 processes". */
void fmt_count(struct buf *b, uint64_t n, const char *noun);
/* "EACCES" for EACCES; "E1234" for unknown numbers. The text is static, or in scratch. */
const char *fmt_errno(int err, char scratch[16]);

/* "10", "10s", "1.5m", "200ms", "3us", "5ns", "2h" (no unit: seconds). 0, or -EINVAL. */
int parse_duration(const char *s, uint64_t *ret_ns);
/* "64", "64K", "16M", "1G" (also KiB…, lower case). 0, or -EINVAL. */
int parse_size(const char *s, uint64_t *ret_bytes);
/* Decimal or 0x…; the whole string. 0, -EINVAL, or -ERANGE if above max. */
int parse_u64(const char *s, uint64_t max, uint64_t *ret);

/* An address: len hexadecimal digits, with or without 0x before them. 0, or -EINVAL. */
int parse_addr(const char *s, size_t len, uint64_t *ret);

#endif
