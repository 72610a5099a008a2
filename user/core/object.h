/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of interned objects. Names are kept once, until a sweep finds that nobody holds them; who
 * never sweeps has them as long as the table. Past OBJECT_TABLE_BYTES new names are counted, and left
 * out: such objects are called "(too many names)", and are marked as folded. Past twice as many bytes
 * inodes are left out, too. Kind, deleted, marks, and a well-known directory where anybody may write
 * stay.
 *
 * When the table is more than half full, a process has OBJECT_SHARE_BYTES, and a user OBJECT_USER_BYTES:
 * what exceeds them is left out likewise.
 */
#ifndef CORE_OBJECT_H
#define CORE_OBJECT_H

#include <stddef.h>

#include "core/vma.h"

#define OBJECT_TABLE_BYTES (32u << 20)
#define OBJECT_SHARE_BYTES (OBJECT_TABLE_BYTES / 32)
#define OBJECT_USER_BYTES  (OBJECT_TABLE_BYTES / 8)

struct object_table;

struct object_table *object_table_new(void);
void object_table_free(struct object_table *t);
/* Names of a recording, which can't be swept: they are those of all its time, up to this. */
#define OBJECT_REPLAY_BYTES (256u << 20)

/* Names take max bytes at most, in place of OBJECT_TABLE_BYTES. */
void object_table_limit(struct object_table *t, size_t max);
/* Number of names that were folded. *ret_pid: the process of the latest; 0: not known. */
uint64_t object_table_dropped(const struct object_table *t, uint32_t *ret_pid);
/* New names are those of a process, and of its user, from now on; 0: of nobody. */
void object_table_charge(struct object_table *t, uint32_t pid, uint32_t uid);

/*
 * A sweep: when it is due, at a time when no event is under way, all who keep objects hold them; then
 * those who only look them up drop what is not held, and the rest is freed.
 */
bool object_table_sweep_is_due(const struct object_table *t);
void object_hold(const struct object *obj); /* NULL: nothing happens */
void object_table_sweep(struct object_table *t);

/* The object with key's fields; key and key->name need not live on. Never NULL. */
const struct object *object_intern(struct object_table *t, const struct object *key);

/* The object, as the claim of a process about its program. */
const struct object *object_claim(struct object_table *t, const struct object *obj);

/* The well-known directory where anybody may write that a file's name begins with, or NULL. */
const char *object_open_dir(const struct object *obj);

/* Set the build-id of a file (hexadecimal), in place of an older one. */
void object_set_build(struct object_table *t, const struct object *obj, const char *build_id);

/*
 * True if both are one thing, whatever its name is now: files and memory objects are compared by
 * device and inode (a rename or an unlink is no change of a mapping), others by kind and name.
 */
bool object_same(const struct object *a, const struct object *b);

/*
 * The name of a function in such objects (STACK_SYMBOL_MAX), which lives as long as the table; equal
 * names are one pointer. NULL: there is no room for it.
 */
const char *object_symbol(struct object_table *t, const char *name);

/* The object without a name of its own: [heap], [stack], or nameless anonymous memory. */
const struct object *object_simple(struct object_table *t, enum object_kind kind);

/*
 * An object from a name as /proc/<pid>/maps shows it, unescaped: the name's form says the kind.
 * mnt_ns is that of object.mnt_ns, which only paths get.
 */
const struct object *object_from_maps(struct object_table *t, const char *name, size_t len,
				      uint32_t dev, uint64_t ino, uint32_t mnt_ns);

#endif
