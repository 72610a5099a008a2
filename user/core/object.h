/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of interned objects. Names are kept once and live as long as the
 * table. As many as OBJECT_TABLE_BYTES hold are kept; past that new names are folded
 * into one "(too many names)" object per kind, and counted.
 */
#ifndef CORE_OBJECT_H
#define CORE_OBJECT_H

#include <stddef.h>

#include "core/vma.h"

#define OBJECT_TABLE_BYTES (32u << 20)

struct object_table;

struct object_table *object_table_new(void);
void object_table_free(struct object_table *t);
uint64_t object_table_dropped(const struct object_table *t);

/* The object with key's fields; key and key->name need not live on. Never NULL. */
const struct object *object_intern(struct object_table *t, const struct object *key);

/* Which build of the file it is: what was known before does not hold any more. */
void object_set_build(struct object_table *t, const struct object *obj, const char *build_id);

/*
 * Are these the same thing, whatever it is called now? Files and memory objects by device and
 * inode (a rename or an unlink is no change of a mapping), others by kind and name.
 */
bool object_same(const struct object *a, const struct object *b);

/* [heap], [stack], and anonymous memory without a name. */
const struct object *object_simple(struct object_table *t, enum object_kind kind);

/* Make an object from a name as /proc/<pid>/maps shows it (unescaped): kind is taken from its form. */
const struct object *object_from_maps(struct object_table *t, const char *name, size_t len,
				      uint32_t dev, uint64_t ino);

#endif
