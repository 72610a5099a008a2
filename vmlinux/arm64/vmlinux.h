/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The kernel's types on arm64. */
#ifndef VMLINUX_H
#define VMLINUX_H

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct user_pt_regs {
	unsigned long long regs[31];
	unsigned long long sp, pc, pstate;
};

struct pt_regs {
	struct user_pt_regs user_regs;
	unsigned long long orig_x0;
	int syscallno;
};

struct thread_info {
	unsigned long flags;
};

struct thread_struct {
	unsigned long fault_code; /* ESR of the last fault */
};

#pragma clang attribute pop

#include "../types.h"

#endif
