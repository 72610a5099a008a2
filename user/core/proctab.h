/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All processes and their address spaces. Processes are found by pid, address
 * spaces by the kernel's key, which the kernel reuses when nobody lives there.
 */
#ifndef CORE_PROCTAB_H
#define CORE_PROCTAB_H

#include "core/proc.h"

struct proctab;

struct proctab *proctab_new(void);
void proctab_free(struct proctab *pt);

struct proc *proctab_find(struct proctab *pt, uint32_t pid);
/* The process after p in no particular order; the first if p is NULL; NULL at the end. */
struct proc *proctab_next(const struct proctab *pt, const struct proc *p);

/* A new process, whose pid no other has. p->mm is NULL until one of the next three calls. */
struct proc *proctab_add(struct proctab *pt, uint32_t pid);
/* Give p a new address space, of which nothing is known. Others under this key keep theirs. */
void proctab_give_new(struct proctab *pt, struct proc *p, uint64_t key);
/* Give p a copy of the address space from (fork), without VMA_DONTCOPY mappings. */
void proctab_give_copy(struct proctab *pt, struct proc *p, uint64_t key, const struct mm *from);
/* Let p share an address space (vfork, CLONE_VM). */
void proctab_give_shared(struct proctab *pt, struct proc *p, struct mm *mm);
/* Frees p, and its address space with the last user. */
void proctab_remove(struct proctab *pt, struct proc *p);

/* Set the key of an address space that was first seen without one; another with key loses it. */
void proctab_set_key(struct proctab *pt, struct mm *mm, uint64_t key);
/* The address space with this key, or NULL. */
struct mm *proctab_find_mm(const struct proctab *pt, uint64_t key);

#endif
