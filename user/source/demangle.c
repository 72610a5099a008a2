/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libiberty has a limit for recursion, and none for what it prints: a name of a hundred bytes can
 * stand for gigabytes. Those past the first few are not kept, and nobody waits for them.
 */
#include "source/demangle.h"

#include <string.h>

#include <libiberty/demangle.h>

struct printed {
	struct buf *to;
	size_t room;
};

static void take(const char *text, size_t len, void *ctx)
{
	struct printed *p = ctx;

	len = len > p->room ? p->room : len;
	buf_add(p->to, text, len);
	p->room -= len;
}

bool demangle_is_mangled(const char *name)
{
	return (name[0] == '_' && (name[1] == 'Z' || name[1] == 'R')) &&
	       strlen(name) <= DEMANGLE_MAX;
}

bool demangle(const char *name, struct buf *ret, size_t max)
{
	struct printed p = { ret, max };
	size_t was = ret->len;

	if (!demangle_is_mangled(name))
		return false;
	/* Rust's old names are C++'s as well, with a hash at the end that says nothing. */
	if (rust_demangle_callback(name, DMGL_NO_OPTS, take, &p) && ret->len > was)
		return true;
	ret->len = was;
	p.room = max;
	if (cplus_demangle_v3_callback(name, DMGL_NO_OPTS, take, &p) && ret->len > was)
		return true;
	ret->len = was;
	return false;
}
