/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conditions: what the kernel goes by when it refuses a call, as numbers with names. They ride on a
 * failed call as the words NAME=NUMBER of one fact.
 */
#ifndef CORE_CONDITIONS_H
#define CORE_CONDITIONS_H

#include "core/fact.h"
#include "wire.h"

/*
 * X(ID, name). Names are in recordings. Numbers are bytes, or as the comment says; one without a
 * number is 1, and is there if it holds.
 */
#define CONDITIONS(X)                                                                           \
	/* of the process, from the kernel side */                                              \
	X(AS_USED, as_used)                                                                     \
	X(AS_LIMIT, as_limit)                                                                   \
	X(DATA_USED, data_used)                                                                 \
	X(DATA_LIMIT, data_limit)                                                               \
	X(DATA_SEGMENT, data_segment)                                                           \
	X(LOCKED_USED, locked_used)                                                             \
	X(MEMLOCK_LIMIT, memlock_limit)                                                         \
	X(MDWE, mdwe)                                                                           \
	X(LOCKS_ALL, locks_all)                                                                 \
	/* of the call's file, or of the mapping at place, an address */                        \
	X(PLACE, place)                                                                         \
	X(HUGE_PAGE, huge_page)                                                                 \
	X(NO_READ, no_read)                                                                     \
	X(NO_WRITE, no_write)                                                                   \
	X(NO_EXEC, no_exec)                                                                     \
	X(APPEND, append)                                                                       \
	X(SEAL, seal)                                                                           \
	/* of the machine, from /proc and /sys: mappings, vm.overcommit_memory, bytes, pages */ \
	X(MAX_MAP_COUNT, max_map_count)                                                         \
	X(OVERCOMMIT, overcommit)                                                               \
	X(MEMORY, memory)                                                                       \
	X(COMMIT_LIMIT, commit_limit)                                                           \
	X(COMMITTED, committed)                                                                 \
	X(MIN_ADDR, min_addr)                                                                   \
	X(HUGE_TOTAL, huge_total)                                                               \
	X(HUGE_FREE, huge_free)                                                                 \
	/* security modules that check calls for memory */                                      \
	X(SELINUX, selinux)                                                                     \
	X(APPARMOR, apparmor)                                                                   \
	X(SMACK, smack)                                                                         \
	X(IPE, ipe)                                                                             \
	X(BPF_LSM, bpf)

enum condition {
#define CONDITION_ID(ID, name) CONDITION_##ID,
	CONDITIONS(CONDITION_ID)
#undef CONDITION_ID
		NR_CONDITIONS
};

/* The conditions that name security modules, as bits. */
#define CONDITIONS_LSM (~0ULL << CONDITION_SELINUX)

struct conditions {
	uint64_t has; /* a bit per enum condition */
	uint64_t value[NR_CONDITIONS];
};

static inline bool conditions_have(const struct conditions *c, enum condition id)
{
	return c->has >> id & 1;
}

static inline void conditions_set(struct conditions *c, enum condition id, uint64_t value)
{
	c->has |= 1ULL << id;
	c->value[id] = value;
}

const char *condition_name(enum condition id);

/* The conditions of a record. */
void conditions_decode(const struct mpw_conditions *wire, struct conditions *ret);
/* The conditions in an event's facts; none that is not well-formed or not known. */
void conditions_read(const struct facts *facts, struct conditions *ret);
/* Give an event these conditions, in room, which must outlive it. */
void conditions_write(const struct conditions *c, struct buf *room, struct facts *ret);

#endif
