/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiles a comm glob: see commglob.h for the automaton. */
#include "core/commglob.h"

#include <errno.h>
#include <string.h>

#define MAX_TOKENS 31

/* Compile a set like "[a-z]"; p is behind the bracket. Returns the rest of the glob, or NULL. */
static const char *compile_set(const char *p, uint32_t bit, struct commglob *g)
{
	bool set[256] = { false }, negate = *p == '!' || *p == '^';
	const char *first;
	int c;

	if (negate)
		p++;
	for (first = p; *p && (*p != ']' || p == first); p++) {
		unsigned char from = *p, to = from;

		if (p[1] == '-' && p[2] && p[2] != ']') {
			to = p[2];
			p += 2;
		}
		for (c = from; c <= to; c++)
			set[c] = true;
	}
	if (*p != ']')
		return NULL;
	for (c = 1; c < 256; c++)
		if (set[c] != negate)
			g->accepts[c] |= bit;
	return p + 1;
}

int commglob_compile(const char *pattern, struct commglob *ret)
{
	struct commglob g = { .loops = 0 };
	unsigned int nr = 0;
	const char *p = pattern;
	int c;

	while (*p) {
		uint32_t bit = 1U << nr;

		if (*p == '*') {
			g.loops |= bit;
			p++;
			continue;
		}
		if (nr == MAX_TOKENS)
			return -EINVAL;
		nr++;
		if (*p == '[') {
			p = compile_set(p + 1, bit, &g);
			if (!p)
				return -EINVAL;
			continue;
		}
		if (*p == '?') {
			for (c = 1; c < 256; c++)
				g.accepts[c] |= bit;
		} else {
			if (*p == '\\' && p[1])
				p++;
			g.accepts[(unsigned char)*p] |= bit;
		}
		p++;
	}
	g.final = 1U << nr;
	*ret = g;
	return 0;
}

bool commglob_matches(const struct commglob *g, const char *comm)
{
	uint32_t here = 1;

	for (; *comm; comm++) {
		uint32_t next = (here & g->accepts[(unsigned char)*comm]) << 1;

		here = next | (here & g->loops);
	}
	return here & g->final;
}
