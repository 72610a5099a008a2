/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A table of names that were asked for, which is bounded: those that find no room stay as they are
 * in the file.
 */
#include "source/naming.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "source/demangle.h"
#include "source/reader.h"
#include "util/buf.h"
#include "util/mem.h"

#define MAX_MANGLED 65536
#define MAX_TRIES   4 /* with no answer */

struct mangled {
	char *name;	   /* as the file has it */
	const char *plain; /* of object_symbol(); NULL: not known */
	unsigned int nr_tries;
	UT_hash_handle hh;
};

struct naming {
	struct reader *reader;
	struct object_table *objects;
	struct mangled *all;
};

static void ask(struct naming *n, const struct proc *p, struct mangled *m)
{
	struct buf plain = { 0 };
	int err = reader_demangle(n->reader, p->pid, facts_number(&p->facts, MPW_FACT_UID), m->name,
				  &plain);

	m->nr_tries += err == -EAGAIN ? 1 : MAX_TRIES;
	if (!err)
		m->plain = object_symbol(n->objects, buf_str(&plain));
	buf_done(&plain);
}

/* NULL: it is not known. */
static const char *plain_of(struct naming *n, const struct proc *p, const char *name)
{
	struct mangled *m;

	HASH_FIND_STR(n->all, name, m);
	if (!m) {
		if (HASH_COUNT(n->all) >= MAX_MANGLED)
			return NULL;
		m = mem_alloc(sizeof(*m));
		m->name = mem_strdup(name);
		HASH_ADD_STR(n->all, name, m);
	}
	if (!m->plain && m->nr_tries < MAX_TRIES)
		ask(n, p, m);
	return m->plain;
}

const char *naming_of(struct naming *n, const struct proc *p, const char *raw, size_t len,
		      char room[STACK_SYMBOL_MAX + 1])
{
	char name[DEMANGLE_MAX + 1];
	const char *ret = NULL;

	if (len <= DEMANGLE_MAX) {
		memcpy(name, raw, len);
		name[len] = '\0';
		if (demangle_is_mangled(name))
			ret = plain_of(n, p, name);
	}
	if (ret)
		return ret;
	len = len > STACK_SYMBOL_MAX ? STACK_SYMBOL_MAX : len;
	memcpy(room, raw, len);
	room[len] = '\0';
	ret = object_symbol(n->objects, room);
	return ret ? ret : room;
}

struct naming *naming_new(struct reader *r, struct object_table *objects)
{
	struct naming *n = mem_alloc(sizeof(*n));

	n->reader = r;
	n->objects = objects;
	return n;
}

void naming_free(struct naming *n)
{
	struct mangled *m, *next;

	HASH_ITER(hh, n->all, m, next) {
		HASH_DEL(n->all, m);
		free(m->name);
		free(m);
	}
	free(n);
}
