/* SPDX-License-Identifier: BSD-2-Clause */
/* Hash tables by key, and the objects that rows of all kinds name; see record_things.h. */
#include "sink/record/record_things.h"

#include <stdlib.h>
#include <string.h>

#include "core/words.h"
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

const char *record_raw(struct buf *raw, const struct buf *shown, const char *name, size_t len)
{
	size_t i;

	if (shown->len == len && (!len || !memcmp(shown->data, name, len)))
		return NULL;
	for (i = 0; i < len; i++)
		buf_printf(raw, "%02x", (unsigned char)name[i]);
	return buf_str(raw);
}

void record_objects_forget(struct record_objects *o)
{
	struct thing *it, *next;

	HASH_ITER(hh, o->things.all, it, next) {
		const struct object *obj;

		memcpy(&obj, it->key, sizeof(obj));
		if (obj->held)
			continue;
		HASH_DEL(o->things.all, it);
		free(it);
	}
	o->things.last = NULL;
}

static void put_object(struct record_objects *o, uint32_t number, const struct object *obj)
{
	struct buf shown = { 0 }, raw = { 0 };

	word_mapping(&shown, obj, 0);
	record_db_row(o->db, STMT_OBJECT, "iiiiiisssIi", (uint64_t)number, (uint64_t)obj->kind,
		      (uint64_t)obj->dev, obj->ino, (uint64_t)obj->deleted,
		      (uint64_t)obj->inode_unknown, buf_str(&shown), obj->build_id,
		      record_raw(&raw, &shown, obj->name, obj->name_len), (uint64_t)obj->mnt_ns,
		      (uint64_t)obj->marks);
	buf_done(&shown);
	buf_done(&raw);
}

static struct thing *object_find(struct record_objects *o, const struct object *obj)
{
	struct thing *t;
	bool new;

	t = things_find(&o->things, &obj, sizeof(obj), &new);
	if (new)
		put_object(o, t->number, obj);
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
