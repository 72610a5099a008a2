/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, sizes and times, both ways. */
#include "util/fmt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_S 1000000000ULL

#define EXACT_MAX 99999 /* longer numbers are read by nobody */

static const char size_units[] = "BKMGTPE";

void fmt_size(struct buf *b, uint64_t n_bytes)
{
	uint64_t n = n_bytes;
	int unit = 0;

	while (unit < 6 && n >= 1024 && !(n & 1023)) {
		n >>= 10;
		unit++;
	}
	if (n > EXACT_MAX) {
		fmt_size_short(b, n_bytes);
		return;
	}
	buf_dec(b, n);
	if (unit)
		buf_putc(b, size_units[unit]);
}

void fmt_size_short(struct buf *b, uint64_t n_bytes)
{
	uint64_t tenths = 0;
	int unit = 0;

	while (unit < 6 && n_bytes >= 1024) {
		tenths = (n_bytes & 1023) * 10 >> 10;
		n_bytes >>= 10;
		unit++;
	}
	buf_dec(b, n_bytes);
	if (tenths && n_bytes < 1000) {
		buf_putc(b, '.');
		buf_dec(b, tenths);
	}
	if (unit)
		buf_putc(b, size_units[unit]);
}

void fmt_duration(struct buf *b, uint64_t ns)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = { { NS_PER_S, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };
	size_t i = 0;

	while (i < 3 && ns < units[i].ns)
		i++;
	buf_dec(b, ns / units[i].ns);
	if (units[i].ns > 1) {
		buf_putc(b, '.');
		buf_dec_pad(b, ns % units[i].ns * 1000 / units[i].ns, 3);
	}
	buf_putc(b, ' ');
	buf_puts(b, units[i].name);
}

static void put_clock(struct buf *b, const struct tm *tm)
{
	buf_dec_pad(b, tm->tm_hour, 2);
	buf_putc(b, ':');
	buf_dec_pad(b, tm->tm_min, 2);
	buf_putc(b, ':');
	buf_dec_pad(b, tm->tm_sec, 2);
	buf_putc(b, '.');
}

void fmt_time_of_day(struct buf *b, uint64_t wall_ns, bool utc)
{
	time_t s = wall_ns / NS_PER_S;
	struct tm tm;

	if (utc)
		gmtime_r(&s, &tm);
	else
		localtime_r(&s, &tm);
	put_clock(b, &tm);
	buf_dec_pad(b, wall_ns % NS_PER_S / 1000, 6);
}

void fmt_rfc3339(struct buf *b, uint64_t wall_ns)
{
	time_t s = wall_ns / NS_PER_S;
	struct tm tm;

	gmtime_r(&s, &tm);
	buf_dec_pad(b, tm.tm_year + 1900, 4);
	buf_putc(b, '-');
	buf_dec_pad(b, tm.tm_mon + 1, 2);
	buf_putc(b, '-');
	buf_dec_pad(b, tm.tm_mday, 2);
	buf_putc(b, 'T');
	put_clock(b, &tm);
	buf_dec_pad(b, wall_ns % NS_PER_S, 9);
	buf_putc(b, 'Z');
}

void fmt_count(struct buf *b, uint64_t n, const char *noun)
{
	size_t len = strlen(noun);

	buf_dec(b, n);
	buf_putc(b, ' ');
	buf_add(b, noun, len);
	if (n != 1)
		buf_puts(b, noun[len - 1] == 's' ? "es" : "s");
}

const char *fmt_errno(int err, char scratch[16])
{
	const char *name = err > 0 ? strerrorname_np(err) : NULL;
	struct buf b = { .data = scratch, .cap = 16 };

	if (name)
		return name;
	buf_putc(&b, 'E');
	buf_dec(&b, err > 0 && err < 10000 ? err : 0);
	scratch[b.len] = '\0';
	return scratch;
}

/* A decimal number with at most one point, times scale; the rest of the string in *ret_end. */
static int parse_scaled(const char *s, uint64_t scale, uint64_t *ret, const char **ret_end)
{
	uint64_t whole = 0, part = 0, part_scale = scale;
	const char *start = s;

	for (; *s >= '0' && *s <= '9'; s++) {
		if (whole > (UINT64_MAX / scale - 9) / 10)
			return -EINVAL;
		whole = whole * 10 + (*s - '0');
	}
	if (s == start)
		return -EINVAL;
	if (*s == '.' && s[1] >= '0' && s[1] <= '9')
		for (s++; *s >= '0' && *s <= '9'; s++) {
			part_scale /= 10;
			part += (*s - '0') * part_scale;
		}
	*ret = whole * scale + part;
	*ret_end = s;
	return 0;
}

static const char *skip_number(const char *s)
{
	return s + strspn(s, "0123456789.");
}

int parse_duration(const char *s, uint64_t *ret_ns)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = { { "", NS_PER_S },	       { "s", NS_PER_S }, { "ms", 1000000 },
		      { "us", 1000 },	       { "ns", 1 },	  { "m", 60 * NS_PER_S },
		      { "h", 3600 * NS_PER_S } };
	const char *unit = skip_number(s), *end;
	uint64_t ns;
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(unit, units[i].name) != 0)
			continue;
		if (parse_scaled(s, units[i].ns, &ns, &end) || end != unit)
			return -EINVAL;
		*ret_ns = ns;
		return 0;
	}
	return -EINVAL;
}

int parse_size(const char *s, uint64_t *ret_bytes)
{
	static const char letters[] = "kmgt";
	const char *unit = skip_number(s), *end, *found;
	uint64_t scale = 1, bytes;

	if (*unit) {
		found = strchr(letters, *unit | 0x20);
		if (!found ||
		    (unit[1] && strcmp(unit + 1, "iB") != 0 && strcmp(unit + 1, "B") != 0))
			return -EINVAL;
		scale <<= 10 * (found - letters + 1);
	}
	if (parse_scaled(s, scale, &bytes, &end) || end != unit)
		return -EINVAL;
	*ret_bytes = bytes;
	return 0;
}

int parse_u64(const char *s, uint64_t max, uint64_t *ret)
{
	bool hex = s[0] == '0' && (s[1] | 0x20) == 'x';
	unsigned long long v;
	char *end;

	if (*s < '0' || *s > '9')
		return -EINVAL;
	errno = 0;
	v = strtoull(s, &end, hex ? 16 : 10);
	if (*end || (hex && !s[2]))
		return -EINVAL;
	if (errno || v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

int parse_addr(const char *s, size_t len, uint64_t *ret)
{
	char digits[17];

	if (len > 2 && s[0] == '0' && (s[1] | 0x20) == 'x') {
		s += 2;
		len -= 2;
	}
	if (!len || len >= sizeof(digits) || strspn(s, "0123456789abcdefABCDEF") < len)
		return -EINVAL;
	memcpy(digits, s, len);
	digits[len] = '\0';
	*ret = strtoull(digits, NULL, 16);
	return 0;
}
