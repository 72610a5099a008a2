/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The traced system calls, one row each: X(ID, name, number of arguments, start, length,
 * protection). The last three are argument numbers, from 0 on, or -1 for none: the start of the
 * call's range, its bytes, and the wanted protection (PROT_*). The range of mremap is the old one;
 * that of prctl is the one that gets a name by PR_SET_VMA. Some calls are traced for a few of their
 * commands alone: call_counts() in bpf/call.bpf.h.
 *
 * A row makes the wire enum, the BPF program on tp/syscalls/sys_exit_<name> (loaded only where the
 * kernel has that tracepoint), the name table, and the entry in the table of core/apply.c, whose
 * apply_<name>() the build then asks for. Ids are written to recordings: append, never reorder.
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
	X(PRCTL, prctl, 5, 2, 3, -1)                       \
	X(PROCESS_MADVISE, process_madvise, 5, -1, -1, -1) \
	X(ARCH_PRCTL, arch_prctl, 2, -1, -1, -1)           \
	X(IO_SETUP, io_setup, 2, -1, -1, -1)               \
	X(IO_DESTROY, io_destroy, 1, 0, -1, -1)

/*
 * The numbers of these calls at the 32-bit entry, X(number, ID): of i386 on x86-64, of 32-bit ARM
 * on arm64. 90 (the old mmap of i386) and 192 (mmap2) take other arguments, and i386's 117 (ipc) can
 * be shmat and shmdt: see compat.bpf.h.
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
	X(245, IO_SETUP)         \
	X(246, IO_DESTROY)       \
	X(257, REMAP_FILE_PAGES) \
	X(380, PKEY_MPROTECT)    \
	X(384, ARCH_PRCTL)       \
	X(397, SHMAT)            \
	X(398, SHMDT)            \
	X(440, PROCESS_MADVISE)  \
	X(453, MAP_SHADOW_STACK) \
	X(462, MSEAL)

/*
 * The functions of i386's calls, X(name, number), with __ia32_ before the name; those of
 * write.bpf.h apart. Some have had two names: a kernel has one of them.
 */
#define MPW_I386_FUNCTIONS(X)              \
	X(sys_brk, 45)                     \
	X(compat_sys_ia32_mmap, 90)        \
	X(sys_munmap, 91)                  \
	X(compat_sys_ipc, 117)             \
	X(sys_mprotect, 125)               \
	X(sys_mremap, 163)                 \
	X(sys_prctl, 172)                  \
	X(sys_mmap_pgoff, 192)             \
	X(sys_madvise, 219)                \
	X(compat_sys_io_setup, 245)        \
	X(sys_io_destroy, 246)             \
	X(sys_remap_file_pages, 257)       \
	X(sys_pkey_mprotect, 380)          \
	X(sys_arch_prctl, 384)             \
	X(compat_sys_arch_prctl, 384)      \
	X(compat_sys_shmat, 397)           \
	X(sys_shmdt, 398)                  \
	X(sys_process_madvise, 440)        \
	X(compat_sys_process_madvise, 440) \
	X(sys_map_shadow_stack, 453)       \
	X(sys_mseal, 462)

#define MPW_I386_WRITE_FUNCTIONS(X)   \
	X(compat_sys_ptrace, 26)      \
	X(sys_process_vm_writev, 348) \
	X(compat_sys_process_vm_writev, 348)

#define MPW_ARM_CALLS(X)         \
	X(45, BRK)               \
	X(91, MUNMAP)            \
	X(125, MPROTECT)         \
	X(163, MREMAP)           \
	X(172, PRCTL)            \
	X(192, MMAP)             \
	X(220, MADVISE)          \
	X(243, IO_SETUP)         \
	X(244, IO_DESTROY)       \
	X(253, REMAP_FILE_PAGES) \
	X(305, SHMAT)            \
	X(306, SHMDT)            \
	X(394, PKEY_MPROTECT)    \
	X(440, PROCESS_MADVISE)  \
	X(453, MAP_SHADOW_STACK) \
	X(462, MSEAL)

enum mpw_call {
#define MPW_CALL_ID(ID, ...) MPW_CALL_##ID,
	MPW_CALLS(MPW_CALL_ID)
#undef MPW_CALL_ID
		MPW_NR_CALLS
};

#endif
