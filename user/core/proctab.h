/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All processes and their address spaces. Processes are found by pid, address
 * spaces by the kernel's key, which is only good while somebody uses it.
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

/* A new process. One with this pid must not exist. Its mm is NULL until one of the following. */
struct proc *proctab_add(struct proctab *pt, uint32_t pid);
/* A new, empty, unknown address space in place of p's. Others under this key keep theirs. */
void proctab_give_new(struct proctab *pt, struct proc *p, uint64_t key);
/* A copy of from's (fork), without what a child does not get. */
void proctab_give_copy(struct proctab *pt, struct proc *p, uint64_t key, const struct mm *from);
/* The same as another's (vfork, CLONE_VM). */
void proctab_give_shared(struct proctab *pt, struct proc *p, struct mm *mm);
/* Frees p, and its address space with the last who uses it. */
void proctab_remove(struct proctab *pt, struct proc *p);

/* The kernel's key of an address space that was first seen without it. */
void proctab_set_key(struct proctab *pt, struct mm *mm, uint64_t key);
/* The address space that lives under key now, or NULL. */
struct mm *proctab_find_mm(const struct proctab *pt, uint64_t key);

#endif
