/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events as bytes, and bytes as the same events again: what a recording keeps for
 * replay. Numbers are LEB128, most of them as differences from the event before, so
 * that a call in a storm takes some 15 bytes, which a compressor then makes 4 of.
 *
 * Bytes come in blocks. Packing starts anew with each, and needs nothing from the
 * one before; only objects live outside of it, and are named by number.
 */
#ifndef CORE_PACK_H
#define CORE_PACK_H

#include "core/event.h"
#include "core/object.h"
#include "util/buf.h"

/*
 * An event: a byte with its kind (enum event_type), the number of bytes that follow, and in these
 * flags, time and who; what its kind asks for; what its flags ask for; and facts up to its end.
 * A reader that does not know a kind steps over all behind "who", and one that does not know a
 * fact over that: both may be added without another version, as long as mirrors are right
 * without them. Kinds that a reader may step over leave alone what struct pack_memory remembers
 * beside time and who.
 *
 * Version 2 had one number in place of kind, length and flags: the kind in the low
 * PACK_V2_KIND_BITS, the flags above; uid and ns_pid were part of the identity, and there were
 * no other facts.
 */
enum pack_flags {
	PACK_RANGE = 1 << 0,
	PACK_OWN_RANGE = 1 << 1, /* [lo, hi) is what pack_own_range() says */
	PACK_RACY = 1 << 2,
	PACK_IDENTITY = 1 << 3,
	PACK_SIBLING = 1 << 4,
	PACK_CHECK = 1 << 5,
	PACK_FROM_MAPS = 1 << 6,
	PACK_UNREAD = 1 << 7,
	PACK_STACK = 1 << 8, /* behind a call: the number of its stack */
	PACK_KNOWN = (1 << 9) - 1,
};

#define PACK_V2_KIND_BITS 3
#define PACK_V2_LAST_KIND EVENT_FAULT

/*
 * A fact is a number with its id above this bit, and then a number; with the bit, that is how
 * many bytes of a word follow.
 */
#define PACK_WORD 1

/* The first number of a call: its id above these. */
enum pack_call {
	PACK_RIE = 1,
	PACK_FILE = 2,
	PACK_COMPAT = 4,
	PACK_TRACED = 8,
	PACK_CALL_SHIFT = 4
};

/* Behind a mapping's flags (without VMA_MAPPED): it has a protection key. */
#define PACK_PKEY (1 << 7)

/* Who, and from where, repeat: both sides keep the last few, and one byte names one of them. */
#define PACK_NR_WHOS  64
#define PACK_NR_SITES 128

struct pack_who {
	uint32_t pid, tid;
	uint64_t mm;
	char comm[17];
};

struct pack_site {
	uint64_t ip, link;
};

/* What both sides remember within a block. All zero is the start. */
struct pack_memory {
	uint64_t ts_ns, addr;
	struct pack_who who[PACK_NR_WHOS];
	struct pack_site site[PACK_NR_SITES];
};

/* The number of an object, from 1 on. */
typedef uint32_t pack_number_fn(void *ctx, const struct object *obj);

/* Adds ev to b. Its mappings are cut to [lo, hi), which is all that is ever looked at. */
void pack_event(struct buf *b, struct pack_memory *m, const struct event *ev,
		pack_number_fn *number, void *ctx);
/* The same of a call whose stack has that number, from 1 on; 0: none. */
void pack_event_stack(struct buf *b, struct pack_memory *m, const struct event *ev, uint32_t stack,
		      pack_number_fn *number, void *ctx);

struct unpacker {
	unsigned int version; /* of the recording */
	const unsigned char *at, *end;
	const struct object *const *objects; /* by number less one */
	size_t nr_objects;
	const struct stack *stacks; /* the same */
	size_t nr_stacks;
	struct pack_memory memory;
	struct vma_seen *seen; /* grows */
	size_t cap;
	uint64_t nr_events_skipped, nr_facts_skipped; /* of kinds and ids that are not known here */
};

/* Begin with a block; the rest of u is kept. */
void unpack_begin(struct unpacker *u, const void *data, size_t len);
/*
 * The next event, borrowed until the next call. 1, 0 at the block's end, or -EINVAL: these are
 * not what pack_event() wrote. Whatever the bytes are, an event that comes is one that could be.
 */
int unpack_event(struct unpacker *u, struct event *ret);
void unpacker_done(struct unpacker *u);

/*
 * The range of PACK_OWN_RANGE: the pages of the first two arguments. A rule of the format, whatever
 * these arguments are: recordings mean what they meant, even if a row of calls.h is corrected.
 */
static inline void pack_own_range(const struct event_call *c, uint64_t *ret_lo, uint64_t *ret_hi)
{
	*ret_lo = page_down(c->arg[0]);
	*ret_hi = page_up(c->arg[0] + c->arg[1]);
}

#endif
