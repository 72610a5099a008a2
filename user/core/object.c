/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interning: one object for each (kind, device, inode, deleted, name), found by
 * hash. Names come from outside, so the table has a cap; past it all new names
 * of a kind are one object, and are counted.
 */
#include "core/object.h"

#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "util/mem.h"

#define NR_KINDS (OBJECT_SHARED_ANON + 1)

struct entry {
	struct object obj; /* first: a pointer to an entry's object is a pointer to the entry */
	UT_hash_handle hh;
};

struct object_table {
	struct entry *entries; /* by hash of the fields, see key_hash() */
	const struct object *simple[NR_KINDS];
	const struct object *overflow[NR_KINDS];
	size_t bytes; /* size of entries and names */
	uint64_t dropped;
};

struct object_table *object_table_new(void)
{
	return mem_alloc(sizeof(struct object_table));
}

void object_table_free(struct object_table *t)
{
	struct entry *e, *next;

	if (!t)
		return;
	HASH_ITER(hh, t->entries, e, next) {
		HASH_DEL(t->entries, e);
		free((char *)e->obj.name);
		free((char *)e->obj.build_id);
		free(e);
	}
	free(t);
}

uint64_t object_table_dropped(const struct object_table *t)
{
	return t->dropped;
}

/* FNV-1a over all fields that key_equal() compares. */
static unsigned int key_hash(const struct object *o)
{
	const uint64_t words[] = { o->ino, o->dev,
				   (uint64_t)o->kind << 2 | o->deleted << 1 | o->inode_unknown };
	uint64_t h = 14695981039346656037ULL;
	size_t i;

	for (i = 0; i < sizeof(words); i++)
		h = (h ^ ((const unsigned char *)words)[i]) * 1099511628211ULL;
	for (i = 0; i < o->name_len; i++)
		h = (h ^ (unsigned char)o->name[i]) * 1099511628211ULL;
	return h ^ h >> 32;
}

static bool key_equal(const struct object *a, const struct object *b)
{
	return a->kind == b->kind && a->dev == b->dev && a->ino == b->ino &&
	       a->deleted == b->deleted && a->inode_unknown == b->inode_unknown &&
	       a->name_len == b->name_len && !memcmp(a->name, b->name, a->name_len);
}

static const struct object *add(struct object_table *t, const struct object *key, unsigned int hash)
{
	struct entry *e = mem_alloc(sizeof(*e));
	char *name = mem_alloc(key->name_len + 1);

	memcpy(name, key->name, key->name_len);
	e->obj = *key;
	e->obj.name = name;
	e->obj.build_id = NULL;
	t->bytes += sizeof(*e) + key->name_len + 1;
	/* the key is the whole object, for uthash; key_equal() compares */
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, t->entries, &e->obj, sizeof(e->obj), hash, e);
	return &e->obj;
}

static const struct object *find(const struct object_table *t, const struct object *key,
				 unsigned int hash)
{
	unsigned int bucket;
	UT_hash_handle *h;

	if (!t->entries)
		return NULL;
	HASH_TO_BKT(hash, t->entries->hh.tbl->num_buckets, bucket);
	for (h = t->entries->hh.tbl->buckets[bucket].hh_head; h; h = h->hh_next) {
		const struct entry *e = ELMT_FROM_HH(t->entries->hh.tbl, h);

		if (h->hashv == hash && key_equal(&e->obj, key))
			return &e->obj;
	}
	return NULL;
}

const struct object *object_intern(struct object_table *t, const struct object *key)
{
	struct object overflow = { .kind = key->kind, .name = "(too many names)", .name_len = 16 };
	unsigned int hash = key_hash(key);
	const struct object *o = find(t, key, hash);

	if (o)
		return o;
	if (t->bytes < OBJECT_TABLE_BYTES)
		return add(t, key, hash);
	t->dropped++;
	if (!t->overflow[key->kind])
		t->overflow[key->kind] = add(t, &overflow, key_hash(&overflow));
	return t->overflow[key->kind];
}

void object_set_build(struct object_table *t, const struct object *obj, const char *build_id)
{
	struct entry *e = (struct entry *)obj; /* the table's own: not const here */

	if (obj->build_id && !strcmp(obj->build_id, build_id))
		return;
	if (!obj->build_id)
		t->bytes += strlen(build_id) + 1;
	free((char *)obj->build_id);
	e->obj.build_id = mem_strdup(build_id);
}

bool object_same(const struct object *a, const struct object *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || a->kind < OBJECT_FILE)
		return false;
	if (a->inode_unknown || b->inode_unknown)
		return a->name_len == b->name_len && !memcmp(a->name, b->name, a->name_len);
	return a->ino && a->ino == b->ino && a->dev == b->dev;
}

const struct object *object_simple(struct object_table *t, enum object_kind kind)
{
	static const char
		*const names[NR_KINDS] = { [OBJECT_HEAP] = "[heap]", [OBJECT_STACK] = "[stack]" };
	struct object key = { .kind = kind, .name = names[kind] ? names[kind] : "" };

	if (!t->simple[kind]) {
		key.name_len = strlen(key.name);
		t->simple[kind] = object_intern(t, &key);
	}
	return t->simple[kind];
}

static bool takes(const char **name, size_t *len, const char *prefix, const char *suffix)
{
	size_t p = strlen(prefix), s = strlen(suffix);

	if (*len < p + s || memcmp(*name, prefix, p) || memcmp(*name + *len - s, suffix, s))
		return false;
	*name += p;
	*len -= p + s;
	return true;
}

const struct object *object_from_maps(struct object_table *t, const char *name, size_t len,
				      uint32_t dev, uint64_t ino)
{
	struct object key = { .dev = dev, .ino = ino, .name = name, .name_len = len };
	const char *rest = name;
	size_t rest_len = len;

	if (!ino && !dev) {
		if (!len)
			return object_simple(t, OBJECT_ANON);
		if (takes(&rest, &rest_len, "[anon:", "]")) {
			key.kind = OBJECT_ANON;
			key.name = rest;
			key.name_len = rest_len;
			return object_intern(t, &key);
		}
		if (takes(&rest, &rest_len, "[heap]", ""))
			return object_simple(t, OBJECT_HEAP);
		if (takes(&rest, &rest_len, "[stack", ""))
			return object_simple(t, OBJECT_STACK);
		if (name[0] == '[') {
			key.kind = OBJECT_SPECIAL;
			return object_intern(t, &key);
		}
	}
	key.kind = OBJECT_FILE;
	if (takes(&rest, &rest_len, "[anon_shmem:", "]")) {
		key.kind = OBJECT_SHARED_ANON;
		key.name = "/dev/zero";
		key.name_len = 9;
		key.deleted = true;
		return object_intern(t, &key);
	}
	if (takes(&rest, &rest_len, "", " (deleted)")) {
		key.deleted = true;
		key.name_len = rest_len;
		if (rest_len >= 7 && !memcmp(name, "/memfd:", 7))
			key.kind = OBJECT_MEMFD;
		else if (rest_len == 13 && !memcmp(name, "/SYSV", 5))
			key.kind = OBJECT_SYSV;
		else if (rest_len == 9 && !memcmp(name, "/dev/zero", 9) && !dev_major(dev))
			key.kind = OBJECT_SHARED_ANON;
	}
	return object_intern(t, &key);
}
