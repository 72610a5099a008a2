/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The traced system calls, one row each: X(ID, name, number of arguments, and which of them, from
 * 0 on, say where the range is that the call is about, how many bytes it has, and which protection
 * (PROT_*) is asked for; -1: none of them does).
 *
 * A row makes the wire enum, the BPF program on tp/syscalls/sys_exit_<name>
 * (loaded only where the kernel has that tracepoint), the name table, and the
 * entry in the pipeline's table, whose apply_<name>() the build then asks for.
 * Ids are written to recordings: append, never reorder.
 *
 * Of mremap it is the old range; of prctl, which is traced for PR_SET_VMA alone, what gets a name.
 */
#ifndef MPW_CALLS_H
#define MPW_CALLS_H

#define MPW_NR_ARGS 6 /* of any system call at most */

#define MPW_CALLS(X)                                       \
	X(MMAP, mmap, 6, 0, 1, 2)                          \
	X(MUNMAP, munmap, 2, 0, 1, -1)                     \
	X(MPROTECT, mprotect, 3, 0, 1, 2)                  \
	X(PKEY_MPROTECT, pkey_mprotect, 4, 0, 1, 2)        \
	X(BRK, brk, 1, 0, -1, -1)                          \
	X(MREMAP, mremap, 5, 0, 1, -1)                     \
	X(SHMAT, shmat, 3, 1, -1, -1)                      \
	X(SHMDT, shmdt, 1, 0, -1, -1)                      \
	X(REMAP_FILE_PAGES, remap_file_pages, 5, 0, 1, -1) \
	X(MSEAL, mseal, 3, 0, 1, -1)                       \
	X(MAP_SHADOW_STACK, map_shadow_stack, 3, 0, 1, -1) \
	X(MADVISE, madvise, 3, 0, 1, -1)                   \
	X(PRCTL, prctl, 5, 2, 3, -1)

/*
 * The same calls by the 32-bit entry of x86-64, by their i386 numbers: X(number, ID).
 * bpf/compat.bpf.h knows where 90 (the old mmap) and 192 (mmap2) have their arguments
 * elsewhere, and that 117 (ipc) is shmat and shmdt too.
 */
#define MPW_I386_CALLS(X)        \
	X(45, BRK)               \
	X(90, MMAP)              \
	X(91, MUNMAP)            \
	X(125, MPROTECT)         \
	X(163, MREMAP)           \
	X(172, PRCTL)            \
	X(192, MMAP)             \
	X(219, MADVISE)          \
	X(257, REMAP_FILE_PAGES) \
	X(380, PKEY_MPROTECT)    \
	X(397, SHMAT)            \
	X(398, SHMDT)            \
	X(453, MAP_SHADOW_STACK) \
	X(462, MSEAL)

enum mpw_call {
#define MPW_CALL_ID(ID, ...) MPW_CALL_##ID,
	MPW_CALLS(MPW_CALL_ID)
#undef MPW_CALL_ID
		MPW_NR_CALLS
};

#endif
