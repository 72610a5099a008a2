/* SPDX-License-Identifier: BSD-2-Clause */
/* Matches step by step; on a mismatch only the last star takes one byte more. */
#include "util/glob.h"

#include <string.h>

/* The end of the set that begins at p, behind its bracket; NULL if there is none. */
static const char *set_end(const char *p)
{
	p += *p == '!' || *p == '^';
	return *p ? strchr(p + 1, ']') : NULL;
}

/* True if the set at p, behind its bracket, whose end is known, has c. */
static bool set_has(const char *p, const char *end, unsigned char c)
{
	bool negate = *p == '!' || *p == '^', has = false;

	for (p += negate; p < end; p++) {
		unsigned char from = *p, to = from;

		if (p[1] == '-' && p + 2 < end) {
			to = p[2];
			p += 2;
		}
		has |= from <= c && c <= to;
	}
	return has != negate;
}

/* True if c matches the one token at *p; moves *p behind it. */
static bool step(const char **p, bool is_first, unsigned char c)
{
	const char *end = **p == '[' && !is_first ? set_end(*p + 1) : NULL;
	bool ret;

	if (end) {
		ret = set_has(*p + 1, end, c);
		*p = end + 1;
		return ret;
	}
	if (**p == '\\' && (*p)[1])
		++*p;
	else if (**p == '?')
		c = '?';
	return (unsigned char)*(*p)++ == c;
}

bool glob_matches(const char *glob, const char *s, size_t len)
{
	const char *p = glob, *star = NULL, *end = s + len, *from = s;

	while (s < end || *p) {
		if (*p == '*') {
			star = ++p;
			from = s;
			continue;
		}
		if (s < end && *p && step(&p, p == glob, *s)) {
			s++;
			continue;
		}
		if (!star || from == end)
			return false;
		p = star;
		s = ++from;
	}
	return true;
}

bool glob_matches_path(const char *glob, const char *s, size_t len)
{
	const char *base = memrchr(s, '/', len);

	if (glob_matches(glob, s, len))
		return true;
	return base && !strchr(glob, '/') && glob_matches(glob, base + 1, s + len - base - 1);
}
