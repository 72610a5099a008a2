/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values of the user ABI in arguments of calls: asm-generic/mman-common.h, linux/mman.h,
 * linux/shm.h, linux/prctl.h.
 */
#ifndef CORE_ABI_H
#define CORE_ABI_H

enum {
	ABI_PROT_MASK = 7,
	ABI_PROT_GROWS = 0x03000000,
	ABI_MAP_SHARED = 1, /* also set in MAP_SHARED_VALIDATE */
	ABI_MAP_FIXED = 0x10,
	ABI_MAP_ANONYMOUS = 0x20,
	ABI_MAP_GROWSDOWN = 0x100,
	ABI_MAP_STACK = 0x20000,
	ABI_MAP_FIXED_NOREPLACE = 0x100000,
	ABI_SHM_RDONLY = 010000,
	ABI_SHM_EXEC = 0100000,
	ABI_MAP_HUGETLB = 0x40000,
	ABI_MREMAP_FIXED = 2,
	ABI_MREMAP_DONTUNMAP = 4,
	ABI_MADV_DONTFORK = 10,
};

#endif
