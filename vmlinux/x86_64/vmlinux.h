/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The kernel's types on x86-64. */
#ifndef VMLINUX_H
#define VMLINUX_H

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip,
		cs, sp;
};

struct thread_info {
	unsigned int status;
};

struct thread_struct {
	unsigned long error_code; /* of the last fault */
};

#pragma clang attribute pop

#include "../types.h"

#endif
