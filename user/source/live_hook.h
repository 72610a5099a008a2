/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs on system calls, and the places where they are hooked in: tracepoints, or the calls' own
 * functions.
 */
#ifndef SOURCE_LIVE_HOOK_H
#define SOURCE_LIVE_HOOK_H

#include <stdint.h>

#include "calls.h"

struct bpf_link;
struct btf;
struct live;

#ifdef __x86_64__
#define HOOKED_I386_WRITES	 MPW_I386_WRITE_FUNCTIONS
#define HOOKED_I386_FUNCTIONS(X) MPW_I386_FUNCTIONS(X) MPW_I386_WRITE_FUNCTIONS(X)
#else
#define HOOKED_I386_WRITES(X)	 /* none */
#define HOOKED_I386_FUNCTIONS(X) /* none */
#endif

/* One for each traced call, by its id; those of write.bpf.h and on_leave(); those of 32-bit calls. */
enum hook_id {
	HOOK_LEAVE = MPW_NR_CALLS,
	HOOK_VM_WRITEV,
	HOOK_PTRACE,
	HOOK_OPENAT,
	HOOK_OPEN,
	HOOK_OPENAT2,
	HOOK_CREAT,
#define HOOK_ID(name, nr) HOOK_compat_##name,
	HOOKED_I386_FUNCTIONS(HOOK_ID)
#undef HOOK_ID
		NR_HOOKS
};

struct hook {
	uint64_t place; /* the tracepoint's id, or BTF's of the function; 0: not used, or not there */
	struct bpf_link *link;
};

/*
 * Find the places that are needed, given lv->by_function and what else is known of this kernel.
 * 0; -ENOENT if it has none of the calls; or -errno.
 */
int hooks_find(struct live *lv, const struct btf *btf);
/* Say to libbpf which programs are loaded, and as what. 0, or -errno. */
int hooks_prepare(struct live *lv);
/* 0, or -errno. */
int hooks_attach(struct live *lv);

/* 0 if programs can be hooked into the calls' own functions, or -errno. */
int kernel_hooks_functions(const struct btf *btf);
/* 0 if writes to /proc/PID/mem can be seen; -errno: its opening alone. */
int kernel_sees_mem_write(const struct btf *btf);

#endif
