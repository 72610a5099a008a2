/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events as the bytes of a recording, and back. Numbers are LEB128, most of them
 * as differences from the event before, so that a call in a storm takes some 15
 * bytes, of which a compressor then makes 4.
 *
 * Bytes come in blocks, each of which can be read without the blocks before; only
 * objects live outside of blocks, and are named by number.
 */
#ifndef CORE_PACK_H
#define CORE_PACK_H

#include "core/event.h"
#include "core/object.h"
#include "util/buf.h"

/*
 * An event is a byte with its kind (enum event_type), the number of bytes that follow, and in these
 * bytes: flags, time, ids; the fields of its kind; the parts that its flags name; and facts up to
 * the end. A reader that does not know a kind steps over all behind the ids, and over a fact that
 * it does not know: both can be added without a new version, as long as mirrors are right without
 * them. A kind that readers may step over must change nothing in struct pack_memory but time and
 * ids.
 *
 * Version 3 had fewer calls and flags. Version 2 had one number in place of kind, length and flags: the kind in the low
 * PACK_V2_KIND_BITS, the flags above; uid and ns_pid were part of the identity, and there were no
 * other facts.
 */
enum pack_flags {
	PACK_RANGE = 1 << 0,
	PACK_OWN_RANGE = 1 << 1, /* [lo, hi) follows from the arguments: pack_own_range() */
	PACK_RACY = 1 << 2,
	PACK_IDENTITY = 1 << 3,
	PACK_SIBLING = 1 << 4,
	PACK_CHECK = 1 << 5,
	PACK_FROM_MAPS = 1 << 6,
	PACK_UNREAD = 1 << 7,
	PACK_STACK =
		1 << 8, /* behind a call, and from version 4 on a fault: the number of its stack */
	PACK_UNPROVEN = 1 << 9, /* from version 4 on */
	PACK_URING = 1 << 10,
	PACK_KNOWN = (1 << 11) - 1,
};

#define PACK_V2_KIND_BITS 3
#define PACK_V2_LAST_KIND EVENT_FAULT

/*
 * A fact is a number with its id above this bit, and then a second number: the value or, with the
 * bit set, how many bytes of a word follow.
 */
#define PACK_WORD 1

/*
 * The program of an event's process stands among the facts, so that readers that do not know of it
 * step over it: the number of an object.
 */
#define PACK_EXE 63

/* The first number of a call: these bits, and above them its id. */
enum pack_call {
	PACK_RIE = 1,
	PACK_FILE = 2,
	PACK_COMPAT = 4,
	PACK_TRACED = 8,
	PACK_CALL_SHIFT = 4
};

/* In a mapping's flags (which lack VMA_MAPPED): a protection key follows. */
#define PACK_PKEY (1 << 7)

/* Ids and call sites repeat: both sides keep the last few, and one number names one of them. */
#define PACK_NR_IDS   64
#define PACK_NR_SITES 128

struct pack_ids {
	uint32_t pid, tid;
	uint64_t mm;
	char comm[17];
};

struct pack_site {
	uint64_t ip, link;
};

/* The memory of writer and reader within a block. A block starts with all zero. */
struct pack_memory {
	uint64_t ts_ns, addr;
	struct pack_ids ids[PACK_NR_IDS];
	struct pack_site site[PACK_NR_SITES];
};

/* The number of an object, from 1 on. */
typedef uint32_t pack_number_fn(void *ctx, const struct object *obj);

/*
 * Append ev to b; stack is the number of a call's stack, from 1 on, or 0. Mappings are cut to
 * [lo, hi): nobody looks further.
 */
void pack_event(struct buf *b, struct pack_memory *m, const struct event *ev, uint32_t stack,
		pack_number_fn *number, void *ctx);

struct unpacker {
	unsigned int version; /* of the recording */
	const unsigned char *at, *end;
	const struct object *const *objects; /* by number less one */
	size_t nr_objects;
	const struct stack *stacks; /* by number less one */
	size_t nr_stacks;
	struct pack_memory memory;
	struct vma_seen *seen; /* grows */
	size_t cap;
	uint64_t nr_events_skipped, nr_facts_skipped; /* of unknown kinds and ids */
};

/* Begin a block; data is borrowed. The caller has set version, objects and stacks. */
void unpack_begin(struct unpacker *u, const void *data, size_t len);
/*
 * The next event, borrowed until the next call. 1; 0 at the block's end; -EINVAL for bytes that
 * pack_event() did not write. Whatever the bytes are, ret is an event that a source could give.
 */
int unpack_event(struct unpacker *u, struct event *ret);
void unpacker_done(struct unpacker *u);

/*
 * The range of PACK_OWN_RANGE: the pages of the first two arguments, whatever these mean. The rule
 * is part of the format: it must stay even if a row of calls.h is corrected, for older recordings.
 */
static inline void pack_own_range(const struct event_call *c, uint64_t *ret_lo, uint64_t *ret_hi)
{
	*ret_lo = page_down(c->arg[0]);
	*ret_hi = page_up(c->arg[0] + c->arg[1]);
}

#endif
