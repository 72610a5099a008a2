/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interning: one object for each set of fields but the build, found by hash. Names
 * come from outside, so the table has a cap; names past it are counted and left out,
 * and past a second cap inodes, too, so that few objects stand for all that come. Two
 * accounts are charged with each new name: its process's and its user's.
 */
#include "core/object.h"

#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "util/buf.h"
#include "util/mem.h"
#include "wire.h"

#define NR_KINDS     (OBJECT_UNKNOWN + 1)
#define SWEEP_BYTES  (OBJECT_TABLE_BYTES / 4) /* that were added since the last sweep */
#define MAX_SYMBOLS  (1u << 17)		      /* as many as a recording has frames */
#define SYMBOL_BYTES (64u << 20)

enum { OF_PROCESS, OF_USER, NR_ACCOUNTS };

struct account {
	uint64_t key;
	size_t bytes; /* of its names in the table */
	UT_hash_handle hh;
};

struct entry {
	struct object obj; /* first: a pointer to an entry's object is a pointer to the entry */
	struct account *accounts[NR_ACCOUNTS]; /* NULL: nobody's */
	UT_hash_handle hh;
};

struct symbol_name {
	UT_hash_handle hh;
	char name[];
};

struct object_table {
	struct entry *entries; /* by hash of the fields, see key_hash() */
	const struct object *simple[NR_KINDS];
	size_t bytes;	 /* size of entries and names */
	size_t max;	 /* bytes */
	size_t sweep_at; /* bytes, when the next sweep is due */
	struct account *accounts;
	uint32_t pid, uid; /* who is charged; pid 0: nobody */
	uint64_t dropped;
	uint32_t dropped_pid;
	struct symbol_name *symbols;
	size_t symbol_bytes;
};

struct object_table *object_table_new(void)
{
	struct object_table *t = mem_alloc(sizeof(*t));

	t->max = OBJECT_TABLE_BYTES;
	t->sweep_at = SWEEP_BYTES;
	return t;
}

void object_table_limit(struct object_table *t, size_t max)
{
	t->max = max;
}

static size_t bytes_of(const struct entry *e)
{
	return sizeof(*e) + e->obj.name_len + 1 +
	       (e->obj.build_id ? strlen(e->obj.build_id) + 1 : 0);
}

static void account_release(struct object_table *t, struct account *a, size_t bytes)
{
	if (!a)
		return;
	a->bytes -= bytes;
	if (a->bytes)
		return;
	HASH_DEL(t->accounts, a);
	free(a);
}

static void entry_free(struct object_table *t, struct entry *e)
{
	size_t charged = sizeof(*e) + e->obj.name_len + 1;
	int i;

	HASH_DEL(t->entries, e);
	t->bytes -= bytes_of(e);
	for (i = 0; i < NR_ACCOUNTS; i++)
		account_release(t, e->accounts[i], charged);
	free((char *)e->obj.name);
	free((char *)e->obj.build_id);
	free(e);
}

void object_table_free(struct object_table *t)
{
	struct symbol_name *s, *s_next;
	struct entry *e, *next;

	if (!t)
		return;
	HASH_ITER(hh, t->entries, e, next)
		entry_free(t, e);
	HASH_ITER(hh, t->symbols, s, s_next) {
		HASH_DEL(t->symbols, s);
		free(s);
	}
	free(t);
}

uint64_t object_table_dropped(const struct object_table *t, uint32_t *ret_pid)
{
	*ret_pid = t->dropped_pid;
	return t->dropped;
}

/* ---- who is charged ---- */

void object_table_charge(struct object_table *t, uint32_t pid, uint32_t uid)
{
	t->pid = pid;
	t->uid = uid;
}

static struct account *account_find(const struct object_table *t, int which)
{
	uint64_t key = (uint64_t)which << 32 | (which == OF_USER ? t->uid : t->pid);
	struct account *a = NULL;

	if (t->pid)
		HASH_FIND(hh, t->accounts, &key, sizeof(key), a);
	return a;
}

static struct account *account_of(struct object_table *t, int which)
{
	struct account *a = account_find(t, which);

	if (a || !t->pid)
		return a;
	a = mem_alloc(sizeof(*a));
	a->key = (uint64_t)which << 32 | (which == OF_USER ? t->uid : t->pid);
	HASH_ADD(hh, t->accounts, key, sizeof(a->key), a);
	return a;
}

/* True if names find no room: the table has times as many bytes as it may, or the charged have. */
static bool is_full(const struct object_table *t, size_t times)
{
	static const size_t shares[] = { OBJECT_SHARE_BYTES, OBJECT_USER_BYTES };
	const struct account *a;
	int i;

	if (t->bytes >= times * t->max)
		return true;
	for (i = 0; i < NR_ACCOUNTS && t->bytes >= t->max / 2; i++) {
		a = account_find(t, i);
		if (a && a->bytes >= times * shares[i])
			return true;
	}
	return false;
}

/* ---- who holds what ---- */

bool object_table_sweep_is_due(const struct object_table *t)
{
	return t->bytes >= t->sweep_at;
}

void object_hold(const struct object *obj)
{
	if (obj)
		((struct object *)obj)->held = true; /* the table's own: not const here */
}

void object_table_sweep(struct object_table *t)
{
	struct entry *e, *next;
	int i;

	for (i = 0; i < NR_KINDS; i++)
		object_hold(t->simple[i]);
	HASH_ITER(hh, t->entries, e, next) {
		if (!e->obj.held)
			entry_free(t, e);
		else
			e->obj.held = false;
	}
	t->sweep_at = t->bytes + SWEEP_BYTES;
}

/* ---- interning ---- */

/* FNV-1a over all fields that key_equal() compares. */
static unsigned int key_hash(const struct object *o)
{
	const uint64_t words[] = { o->ino, o->dev, o->mnt_ns,
				   (uint64_t)o->kind << 10 | (uint64_t)o->marks << 2 |
					   o->deleted << 1 | o->inode_unknown };
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
	       a->mnt_ns == b->mnt_ns && a->marks == b->marks && a->name_len == b->name_len &&
	       !memcmp(a->name, b->name, a->name_len);
}

static const struct object *add(struct object_table *t, const struct object *key, unsigned int hash)
{
	struct entry *e = mem_alloc(sizeof(*e));
	char *name = mem_alloc(key->name_len + 1);
	int i;

	memcpy(name, key->name, key->name_len);
	e->obj = *key;
	e->obj.name = name;
	e->obj.build_id = NULL;
	e->obj.held = false;
	t->bytes += bytes_of(e);
	for (i = 0; i < NR_ACCOUNTS; i++) {
		e->accounts[i] = account_of(t, i);
		if (e->accounts[i])
			e->accounts[i]->bytes += bytes_of(e);
	}
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

/* Directories of common systems in which anybody may make files. */
static const char *const open_dirs[] = { "/dev/shm/", "/tmp/", "/var/tmp/", "/run/user/" };

const char *object_open_dir(const struct object *obj)
{
	size_t i;

	for (i = 0; obj->kind == OBJECT_FILE && i < sizeof(open_dirs) / sizeof(*open_dirs); i++)
		if (!strncmp(obj->name, open_dirs[i], strlen(open_dirs[i])))
			return open_dirs[i];
	return NULL;
}

/* An object for a key that finds no room: it has all that detectors look at, but no name. */
static const struct object *fold(struct object_table *t, const struct object *key)
{
	const char *dir = object_open_dir(key);
	struct object like = *key;
	const struct object *o;
	struct buf name = { 0 };

	buf_puts(&name, dir ? dir : "");
	buf_puts(&name, "(too many names)");
	like.name = buf_str(&name);
	like.name_len = name.len;
	like.marks |= OBJECT_FOLDED;
	if (is_full(t, 2)) {
		like.dev = like.ino = 0;
		like.inode_unknown = key->kind >= OBJECT_FILE;
		like.mnt_ns = key->mnt_ns ? MPW_MNT_NS_NONE : 0;
	}
	o = find(t, &like, key_hash(&like));
	o = o ? o : add(t, &like, key_hash(&like));
	buf_done(&name);
	return o;
}

const struct object *object_intern(struct object_table *t, const struct object *key)
{
	unsigned int hash = key_hash(key);
	const struct object *o = find(t, key, hash);

	if (o)
		return o;
	if (!is_full(t, 1))
		return add(t, key, hash);
	t->dropped++;
	t->dropped_pid = t->pid;
	return fold(t, key);
}

const struct object *object_claim(struct object_table *t, const struct object *obj)
{
	struct object key = *obj;

	key.marks |= OBJECT_CLAIM;
	return object_intern(t, &key);
}

void object_set_build(struct object_table *t, const struct object *obj, const char *build_id)
{
	struct entry *e = (struct entry *)obj; /* the table's own: not const here */

	if (obj->build_id && !strcmp(obj->build_id, build_id))
		return;
	t->bytes -= bytes_of(e);
	free((char *)obj->build_id);
	e->obj.build_id = mem_strdup(build_id);
	t->bytes += bytes_of(e);
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
	static const char *const names[NR_KINDS] = { [OBJECT_HEAP] = "[heap]",
						     [OBJECT_STACK] = "[stack]",
						     [OBJECT_UNKNOWN] = "[unknown]" };
	struct object key = { .kind = kind, .name = names[kind] ? names[kind] : "" };

	if (t->simple[kind])
		return t->simple[kind];
	key.name_len = strlen(key.name);
	t->simple[kind] = find(t, &key, key_hash(&key));
	if (!t->simple[kind]) /* it finds room always */
		t->simple[kind] = add(t, &key, key_hash(&key));
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
				      uint32_t dev, uint64_t ino, uint32_t mnt_ns)
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
	if (key.kind == OBJECT_FILE && len && name[0] == '/')
		key.mnt_ns = mnt_ns;
	return object_intern(t, &key);
}

const char *object_symbol(struct object_table *t, const char *name)
{
	size_t len = strlen(name);
	struct symbol_name *s;

	HASH_FIND(hh, t->symbols, name, len, s);
	if (s)
		return s->name;
	if (HASH_COUNT(t->symbols) >= MAX_SYMBOLS || len > SYMBOL_BYTES - t->symbol_bytes)
		return NULL;
	t->symbol_bytes += len;
	s = mem_alloc(sizeof(*s) + len + 1);
	memcpy(s->name, name, len + 1);
	HASH_ADD_KEYPTR(hh, t->symbols, s->name, len, s);
	return s->name;
}
