/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which build of a file was run: asked of the running system when the file is first
 * mapped as code, and again at a few later mappings if the process was too short-lived
 * to answer. It is kept for all segments. The table is as bounded as objects are.
 */
#include <stdlib.h>

#include <uthash.h>

#include "sink/record/record_private.h"
#include "util/mem.h"

#define MAX_TRIES 4

struct build {
	const struct object *obj;
	unsigned int nr_tries;
	char *id; /* NULL: not known */
	UT_hash_handle hh;
};

struct record_builds {
	record_build_id_fn *ask; /* or NULL */
	struct build *builds;
};

struct record_builds *record_builds_new(record_build_id_fn *ask)
{
	struct record_builds *b = mem_alloc(sizeof(*b));

	b->ask = ask;
	return b;
}

void record_builds_free(struct record_builds *b)
{
	struct build *build, *next;

	HASH_ITER(hh, b->builds, build, next) {
		HASH_DEL(b->builds, build);
		free(build->id);
		free(build);
	}
	free(b);
}

static struct build *build_find(const struct record_builds *b, const struct object *obj)
{
	struct build *build;

	HASH_FIND_PTR(b->builds, &obj, build);
	return build;
}

const char *record_builds_find(const struct record_builds *b, const struct object *obj)
{
	const struct build *build = build_find(b, obj);

	return build ? build->id : NULL;
}

bool record_builds_learn(struct record_builds *b, const struct change *ch)
{
	const struct object *obj = ch->after.obj;
	struct buf id = { 0 };
	struct build *build;

	if (!b->ask || !(ch->after.flags & VMA_X) ||
	    (obj->kind != OBJECT_FILE && obj->kind != OBJECT_MEMFD))
		return false;
	build = build_find(b, obj);
	if (!build) {
		build = mem_alloc(sizeof(*build));
		build->obj = obj;
		HASH_ADD_PTR(b->builds, obj, build);
	}
	if (build->id || build->nr_tries++ >= MAX_TRIES)
		return false;
	b->ask(ch->proc->pid, ch->start, ch->end, obj, &id);
	if (id.len)
		build->id = mem_strdup(buf_str(&id));
	buf_done(&id);
	return build->id;
}
