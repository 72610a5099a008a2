/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The user ABI: values in arguments and results of the traced calls, the same on x86-64 and arm64,
 * with the kernel header of each. The headers themselves would clash with vmlinux.h in bpf/ and
 * with libc's in user/, and old ones lack new values.
 */
#ifndef MPW_ABI_H
#define MPW_ABI_H

#include <linux/types.h>

enum mpw_abi {
	/* include/uapi/asm-generic/mman-common.h; PROT_READ, WRITE, EXEC are 1, 2, 4 */
	ABI_PROT_EXEC = 4, /* alone, the kernel adds a protection key */
	ABI_PROT_MASK = 7,
	ABI_PROT_GROWS = 0x03000000, /* PROT_GROWSDOWN | PROT_GROWSUP */
	ABI_MAP_FIXED = 0x10,
	ABI_MAP_ANONYMOUS = 0x20,
	ABI_MAP_FIXED_NOREPLACE = 0x100000, /* Linux 4.17 */
	ABI_MADV_DONTFORK = 10,
	ABI_MADV_DOFORK = 11,
	ABI_MADV_GUARD_INSTALL = 102, /* Linux 6.13 */
	ABI_MADV_GUARD_REMOVE = 103,

	/* include/uapi/asm-generic/mman.h */
	ABI_MAP_32BIT = 0x40, /* of x86-64 alone */
	ABI_MAP_GROWSDOWN = 0x100,
	ABI_MAP_STACK = 0x20000,
	ABI_MAP_LOCKED = 0x2000,
	ABI_MAP_NORESERVE = 0x4000,
	ABI_MAP_POPULATE = 0x8000,
	ABI_MAP_HUGETLB = 0x40000,
	ABI_MAP_HUGE_SHIFT = 26, /* log2 of the huge page's bytes; 0: the default */
	ABI_MAP_HUGE_MASK = 0x3f,

	/* include/uapi/linux/mman.h */
	ABI_MAP_PRIVATE = 2,
	ABI_MAP_SHARED = 1, /* also set in MAP_SHARED_VALIDATE */
	ABI_MAP_TYPE = 15,
	ABI_MREMAP_MAYMOVE = 1,
	ABI_MREMAP_FIXED = 2,
	ABI_MREMAP_DONTUNMAP = 4, /* Linux 5.7 */

	/* include/uapi/linux/shm.h */
	ABI_SHM_RDONLY = 010000,
	ABI_SHM_RND = 020000,
	ABI_SHM_EXEC = 0100000,

	/* include/uapi/linux/prctl.h */
	ABI_PR_SET_MM = 35,
	ABI_PR_SET_MM_EXE_FILE = 13, /* options of it */
	ABI_PR_SET_MM_MAP = 14,
	ABI_PR_SET_VMA = 0x53564d41, /* Linux 5.17 */

	/* arch/x86/include/uapi/asm/prctl.h */
	ABI_ARCH_MAP_VDSO_X32 = 0x2001, /* up to _32 and _64 behind it */
	ABI_ARCH_MAP_VDSO_64 = 0x2003,
	ABI_ARCH_SHSTK_ENABLE = 0x5001, /* Linux 6.6 */
	ABI_ARCH_SHSTK_DISABLE = 0x5002,

	/* include/uapi/linux/personality.h */
	ABI_READ_IMPLIES_EXEC = 0x0400000,

	/* include/linux/err.h: MAX_ERRNO */
	ABI_ERRNO_MAX = 4095,
};

/* Pages have a power of two between these; on x86-64 the least, on arm64 as the kernel was built. */
#define PAGE_BYTES_MIN 4096ULL
#define PAGE_BYTES_MAX 65536ULL

/*
 * Bytes of a page of the machine whose memory is looked at. The kernel side is given it before it
 * is loaded; in user space it is this machine's, until a recording is opened that came from
 * another.
 */
#ifdef __bpf__
extern const volatile __u64 page_bytes;
#else
extern __u64 page_bytes;
#endif

static inline _Bool page_bytes_can_be(__u64 bytes)
{
	return bytes >= PAGE_BYTES_MIN && bytes <= PAGE_BYTES_MAX && !(bytes & (bytes - 1));
}

static inline __u64 page_down(__u64 addr)
{
	return addr & ~(page_bytes - 1);
}

static inline __u64 page_up(__u64 addr)
{
	return page_down(addr + page_bytes - 1);
}

/* True if a call's result is an error, -errno. */
static inline _Bool ret_is_error(__s64 ret)
{
	return ret < 0 && ret >= -ABI_ERRNO_MAX;
}

/* True if a brk(2) that asked for a break left it as it was, which is its result. brk(0) asks for none. */
static inline _Bool brk_is_refused(__u64 asked, __s64 ret)
{
	return asked && (__u64)ret != asked;
}

#endif
