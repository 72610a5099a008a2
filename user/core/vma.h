/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The attributes of a range of addresses, and the object behind it. Values only;
 * sets of mappings live in aspace.h.
 */
#ifndef CORE_VMA_H
#define CORE_VMA_H

#include <stdbool.h>
#include <stdint.h>

#include "abi.h"

enum object_kind {
	OBJECT_ANON,	    /* private anonymous memory: name is X of [anon:X], or empty */
	OBJECT_HEAP,	    /* [heap] */
	OBJECT_STACK,	    /* [stack] */
	OBJECT_SPECIAL,	    /* [vdso], [vvar], …: name has the brackets */
	OBJECT_FILE,	    /* a file with a path */
	OBJECT_MEMFD,	    /* /memfd:NAME (deleted) */
	OBJECT_SYSV,	    /* /SYSVkey (deleted): ino is the segment's id */
	OBJECT_SHARED_ANON, /* /dev/zero (deleted) */
	OBJECT_UNKNOWN,	    /* memory is mapped, and what it is of is not known yet */
};

/* These numbers are in recordings. */
enum object_mark {
	OBJECT_OPEN = 1 << 0,	/* anybody may write to the file, or to its directory */
	OBJECT_CUT = 1 << 1,	/* the name lacks its outer part */
	OBJECT_FOLDED = 1 << 2, /* the name found no room: it is a word for many */
	OBJECT_CLAIM = 1 << 3,	/* a program that its process chose itself (PR_SET_MM_EXE_FILE) */
	OBJECT_MARKS = (1 << 4) - 1,
};

/*
 * One thing that can be mapped, interned: equal pointers mean the same object
 * under the same name. Owned by the object table (object.h), alive as long as it, or until nobody
 * holds it.
 */
struct object {
	enum object_kind kind;
	uint32_t dev; /* see dev_make(); 0: none */
	uint64_t ino;
	uint32_t mnt_ns; /* inode of the mount namespace in which the name leads to the file, or
			  * MPW_MNT_NS_NONE; 0: it is the tracer's, or is not known */
	uint8_t marks;	 /* enum object_mark */
	bool deleted;
	bool inode_unknown; /* set when nobody saw dev and ino: a shared anonymous mapping by
			     * arguments alone */
	bool held;	    /* for object_hold() */
	uint32_t name_len;
	const char *name; /* as in /proc/<pid>/maps, unescaped and without " (deleted)"; raw bytes
			   * from outside, NUL-ended */
	const char *build_id; /* hexadecimal; NULL: not known. No part of the object's identity */
};

/* Device numbers, as the kernel has them: MKDEV() of include/linux/kdev_t.h. */
#define DEV_MINOR_BITS 20

static inline uint32_t dev_make(uint32_t major, uint32_t minor)
{
	return major << DEV_MINOR_BITS | minor;
}

static inline uint32_t dev_major(uint32_t dev)
{
	return dev >> DEV_MINOR_BITS;
}

static inline uint32_t dev_minor(uint32_t dev)
{
	return dev & ((1u << DEV_MINOR_BITS) - 1);
}

enum vma_flags {
	VMA_R = 1, /* R, W, X have the values of PROT_READ, PROT_WRITE, PROT_EXEC */
	VMA_W = 2,
	VMA_X = 4,
	VMA_WX = VMA_W | VMA_X,
	VMA_PROT = VMA_R | VMA_WX,
	VMA_SHARED = 1 << 3,
	VMA_GROWSDOWN = 1 << 4,
	VMA_DONTCOPY = 1 << 5, /* a forked child does not get it */
	VMA_SEALED = 1 << 6,
	VMA_MAPPED = 1 << 7,
	VMA_UNKNOWN = 1 << 8, /* nobody knows whether it is mapped; no other flag is set */
	VMA_GUARD = 1 << 9,   /* any access faults, whatever the rights: MADV_GUARD_INSTALL */
};

/* State of a range. All zero: unmapped. */
struct attr {
	uint16_t flags; /* enum vma_flags */
	uint8_t pkey;
	uint64_t off;		  /* bytes, of the range's start in the file; 0 if anonymous */
	const struct object *obj; /* non-NULL if and only if mapped */
};

static inline bool attr_is_mapped(const struct attr *a)
{
	return a->flags & VMA_MAPPED;
}
static inline bool attr_is_unknown(const struct attr *a)
{
	return a->flags & VMA_UNKNOWN;
}

/* True if the object has pages at offsets, which count when ranges are joined. */
static inline bool object_has_offsets(const struct object *o)
{
	return o->kind >= OBJECT_FILE && o->kind != OBJECT_UNKNOWN;
}

#endif
