/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiles globs: see commglob.h for the automaton. */
#include "core/commglob.h"

#include <errno.h>
#include <string.h>

#define NR_BITS	   64
#define MAX_TOKENS 15 /* a name has no more bytes */

/* Compile a set like "[a-z]"; p is behind the bracket. Returns the rest of the glob, or NULL. */
static const char *compile_set(const char *p, uint64_t bit, struct commglob *g)
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

/* Compile one token at p. Returns the rest of the globs, or NULL. */
static const char *compile_token(const char *p, uint64_t bit, struct commglob *g)
{
	int c;

	if (*p == '[')
		return compile_set(p + 1, bit, g);
	if (*p == '?') {
		for (c = 1; c < 256; c++)
			g->accepts[c] |= bit;
		return p + 1;
	}
	if (*p == '\\' && p[1])
		p++;
	g->accepts[(unsigned char)*p] |= bit;
	return p + 1;
}

/* Compile one glob, from bit nr on. Returns the rest, from a comma on, or NULL. */
static const char *compile_glob(const char *p, unsigned int nr, struct commglob *g)
{
	const unsigned int first = nr;

	g->firsts |= 1ULL << nr;
	while (p && *p && *p != ',') {
		if (*p == '*') {
			g->loops |= 1ULL << nr;
			p++;
			continue;
		}
		if (nr == NR_BITS - 1 || nr - first == MAX_TOKENS)
			return NULL;
		p = compile_token(p, 1ULL << nr++, g);
	}
	g->finals |= 1ULL << nr;
	return p;
}

int commglob_add(struct commglob *g, const char *globs)
{
	struct commglob new = *g;
	const char *p = globs;
	unsigned int nr;

	do {
		nr = new.finals ? NR_BITS - __builtin_clzll(new.finals) : 0;
		p += p > globs; /* the comma */
		if (nr == NR_BITS || (*globs && (!*p || *p == ',')))
			return -EINVAL;
		p = compile_glob(p, nr, &new);
		if (!p)
			return -EINVAL;
	} while (*p);
	*g = new;
	return 0;
}

bool commglob_matches(const struct commglob *g, const char *comm)
{
	uint64_t here = g->firsts;

	for (; *comm; comm++) {
		uint64_t next = (here & g->accepts[(unsigned char)*comm]) << 1;

		here = next | (here & g->loops);
	}
	return here & g->finals;
}
