/* SPDX-License-Identifier: BSD-2-Clause */
/* Hash tables by key, and the objects that rows of all kinds name; see record_things.h. */
#include "sink/record/record_things.h"

#include <stdlib.h>
#include <string.h>

#include "sink/record/record_private.h"
#include "util/mem.h"

#define MAX_OBJECTS (1u << 18)

struct record_objects {
	struct record_db *db;
	struct things things;
};

struct thing *things_find(struct things *t, const void *key, size_t len, bool *ret_new)
{
	struct thing *it = t->last;

	*ret_new = false;
	if (it && it->hh.keylen == len && !memcmp(it->key, key, len))
		return it;
	HASH_FIND(hh, t->all, key, len, it);
	if (!it) {
		if (HASH_COUNT(t->all) >= t->max)
			things_done(t);
		it = mem_alloc(sizeof(*it) + len);
		memcpy(it->key, key, len);
		it->number = ++t->nr_written;
		HASH_ADD_KEYPTR(hh, t->all, it->key, len, it);
		*ret_new = true;
	}
	t->last = it;
	return it;
}

void things_done(struct things *t)
{
	struct thing *it, *next;

	HASH_ITER(hh, t->all, it, next) {
		HASH_DEL(t->all, it);
		free(it);
	}
	t->last = NULL;
}

static struct thing *object_find(struct record_objects *o, const struct object *obj)
{
	struct thing *t;
	bool new;

	t = things_find(&o->things, &obj, sizeof(obj), &new);
	if (new)
		record_db_row(o->db, STMT_OBJECT, "iiiiiiss", (uint64_t)t->number,
			      (uint64_t)obj->kind, (uint64_t)obj->dev, obj->ino,
			      (uint64_t)obj->deleted, (uint64_t)obj->inode_unknown, obj->name,
			      obj->build_id);
	return t;
}

uint32_t record_objects_number(struct record_objects *o, const struct object *obj)
{
	return obj ? object_find(o, obj)->number : 0;
}

bool record_objects_build_is_new(struct record_objects *o, const struct object *obj)
{
	struct thing *t;
	bool is_new;

	if (!obj->build_id)
		return false;
	t = object_find(o, obj);
	is_new = !t->has_build;
	t->has_build = true;
	return is_new;
}

struct record_objects *record_objects_new(struct record_db *db)
{
	struct record_objects *o = mem_alloc(sizeof(*o));

	o->db = db;
	o->things.max = MAX_OBJECTS;
	return o;
}

void record_objects_free(struct record_objects *o)
{
	things_done(&o->things);
	free(o);
}
