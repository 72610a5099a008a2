/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Security modules that ask when memory becomes executable: SELinux, by four rights of its policy, and
 * systemd's RestrictFileSystemAccess= (systemd 261), by a BPF program on the same hooks. Both are
 * called by mmap(2), shmat(2) and mprotect(2); for exec, only by the mapping of segments.
 */
#ifndef CORE_LSM_H
#define CORE_LSM_H

#include "core/vma.h"

enum lsm_ask {
	LSM_EXECMEM,
	LSM_EXECHEAP,
	LSM_EXECSTACK,
	LSM_EXECMOD,
	LSM_FSACCESS, /* RestrictFileSystemAccess= refuses, whatever file systems there are */
	NR_LSM_ASKS,
};

/* Bits by enum lsm_ask. */
struct lsm_asks {
	uint8_t sure, maybe;
};

/* A mapping that a call makes, or gives other rights. */
struct lsm_mapping {
	const struct object *obj;
	uint16_t before; /* enum vma_flags; without VMA_MAPPED: the mapping is new */
	uint16_t after;	 /* rights that it is to have, and VMA_SHARED */
	bool in_heap;	 /* set when all of it is between the heap's start and the break */
};

struct lsm_asks lsm_asks(const struct lsm_mapping *m);
/* Add more to asks: what is certain is no maybe any more. */
void lsm_asks_add(struct lsm_asks *asks, struct lsm_asks more);
/* "execmem", …, "fsaccess". */
const char *lsm_ask_name(enum lsm_ask ask);

#endif
