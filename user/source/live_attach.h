/* SPDX-License-Identifier: BSD-2-Clause */
/* Tracepoints: where they are, and how programs are attached to them. */
#ifndef SOURCE_LIVE_ATTACH_H
#define SOURCE_LIVE_ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_program;
struct bpf_link;
struct btf;

/*
 * A directory fd of tracefs, or -errno. Where tracefs is not mounted, it is mounted for this
 * process alone: no path and no other process ever sees it (fsmount(2), Linux 5.2).
 */
int tracefs_open(void);
/* True if tracefs is mounted where all can see it. */
bool tracefs_is_mounted(void);

/* The id of events/syscalls/NAME. 0, or -errno: -ENOENT if this kernel does not have it. */
int tracefs_syscall_id(int tracefs_fd, const char *name, uint64_t *ret_id);

/* Attaches prog, for all processes on all CPUs. 0, or -errno. */
int tracepoint_attach(struct bpf_program *prog, uint64_t id, struct bpf_link **ret);

/*
 * The kernel's BTF. NULL: none, with errno as of btf__load_vmlinux_btf(), which reads it page by page;
 * since Linux 6.16 it can be mapped.
 */
struct btf *kernel_btf(void);

/*
 * 0 if a program can run at the exit of the kernel's function "name", or -errno. The answer is
 * found by loading and attaching one: some kernels refuse at either step.
 */
int fexit_probe(const struct btf *btf, const char *name);

#endif
