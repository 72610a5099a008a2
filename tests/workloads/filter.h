/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Seccomp filters of workloads. FILTER_SET() gives the calling thread one, on top of those that it
 * has; filter_service() gives it those of a service that systemd hardens.
 */
#ifndef WORKLOADS_FILTER_H
#define WORKLOADS_FILTER_H

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define FILTER_ARCH AUDIT_ARCH_X86_64
#else
#define FILTER_ARCH AUDIT_ARCH_AARCH64
#endif

/* Instructions. A jump skips as many of them as it says, if the word is the value or not. */
#define FILTER_WORD(field)  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define FILTER_AND(bits)    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits)
#define FILTER_RET(action)  BPF_STMT(BPF_RET | BPF_K, action)
#define FILTER_GO(skip)	    BPF_JUMP(BPF_JMP | BPF_JA, skip, 0, 0)
#define FILTER_IS(k, t, f)  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, t, f)
#define FILTER_HAS(k, t, f) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, k, t, f)

/* Refuses call nr: two instructions. */
#define FILTER_DENY(nr) FILTER_IS(nr, 0, 1), FILTER_RET(SECCOMP_RET_ERRNO | EPERM)
/* Refuses call nr if its third argument has all these bits: six instructions. */
#define FILTER_DENY_BITS(nr, bits)                                                          \
	FILTER_IS(nr, 0, 5), FILTER_WORD(args[2]), FILTER_AND(bits), FILTER_IS(bits, 0, 1), \
		FILTER_RET(SECCOMP_RET_ERRNO | EPERM), FILTER_RET(SECCOMP_RET_ALLOW)

/* 0, the listener's descriptor if the flags ask for one, or -1 with errno. */
static inline int filter_set(const struct sock_filter *f, unsigned short len, unsigned int flags)
{
	struct sock_fprog prog = { len, (struct sock_filter *)f };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

#define FILTER_SET(f, flags) filter_set(f, sizeof(f) / sizeof(*(f)), flags)

/* Lets everything pass. */
static inline int filter_nothing(void)
{
	static const struct sock_filter f[] = { FILTER_RET(SECCOMP_RET_ALLOW) };

	return FILTER_SET(f, 0);
}

/* SystemCallArchitectures=native */
static inline int filter_native(void)
{
	static const struct sock_filter f[] = {
		FILTER_WORD(arch),
		FILTER_IS(FILTER_ARCH, 1, 0),
		FILTER_RET(SECCOMP_RET_KILL_PROCESS),
		FILTER_RET(SECCOMP_RET_ALLOW),
	};

	return FILTER_SET(f, 0);
}

/* MemoryDenyWriteExecute=yes */
static inline int filter_mdwe(void)
{
	static const struct sock_filter f[] = {
		FILTER_WORD(arch),
		FILTER_IS(FILTER_ARCH, 1, 0),
		FILTER_RET(SECCOMP_RET_ALLOW),
		FILTER_WORD(nr),
		FILTER_DENY_BITS(SYS_mmap, PROT_WRITE | PROT_EXEC),
		FILTER_DENY_BITS(SYS_mprotect, PROT_EXEC),
		FILTER_DENY_BITS(SYS_pkey_mprotect, PROT_EXEC),
		FILTER_DENY_BITS(SYS_shmat, SHM_EXEC),
		FILTER_RET(SECCOMP_RET_ALLOW),
	};

	return FILTER_SET(f, 0);
}

/* SystemCallFilter=~@clock @debug @keyring @module @mount @raw-io @reboot @swap, and some more */
static inline int filter_names(void)
{
	static const struct sock_filter f[] = {
		FILTER_WORD(nr),
		FILTER_DENY(SYS_acct),
		FILTER_DENY(SYS_add_key),
		FILTER_DENY(SYS_adjtimex),
		FILTER_DENY(SYS_bpf),
		FILTER_DENY(SYS_chroot),
		FILTER_DENY(SYS_clock_adjtime),
		FILTER_DENY(SYS_clock_settime),
		FILTER_DENY(SYS_delete_module),
		FILTER_DENY(SYS_fanotify_init),
		FILTER_DENY(SYS_fanotify_mark),
		FILTER_DENY(SYS_finit_module),
		FILTER_DENY(SYS_fsconfig),
		FILTER_DENY(SYS_fsmount),
		FILTER_DENY(SYS_fsopen),
		FILTER_DENY(SYS_fspick),
		FILTER_DENY(SYS_init_module),
		FILTER_DENY(SYS_io_uring_enter),
		FILTER_DENY(SYS_io_uring_register),
		FILTER_DENY(SYS_io_uring_setup),
		FILTER_DENY(SYS_ioprio_set),
		FILTER_DENY(SYS_kcmp),
		FILTER_DENY(SYS_kexec_load),
		FILTER_DENY(SYS_keyctl),
		FILTER_DENY(SYS_migrate_pages),
		FILTER_DENY(SYS_mlock),
		FILTER_DENY(SYS_mlock2),
		FILTER_DENY(SYS_mlockall),
		FILTER_DENY(SYS_mount),
		FILTER_DENY(SYS_move_mount),
		FILTER_DENY(SYS_move_pages),
		FILTER_DENY(SYS_munlock),
		FILTER_DENY(SYS_munlockall),
		FILTER_DENY(SYS_name_to_handle_at),
		FILTER_DENY(SYS_open_by_handle_at),
		FILTER_DENY(SYS_open_tree),
		FILTER_DENY(SYS_perf_event_open),
		FILTER_DENY(SYS_personality),
		FILTER_DENY(SYS_pidfd_getfd),
		FILTER_DENY(SYS_pivot_root),
		FILTER_DENY(SYS_process_vm_readv),
		FILTER_DENY(SYS_process_vm_writev),
		FILTER_DENY(SYS_ptrace),
		FILTER_DENY(SYS_quotactl),
		FILTER_DENY(SYS_reboot),
		FILTER_DENY(SYS_request_key),
		FILTER_DENY(SYS_sched_setaffinity),
		FILTER_DENY(SYS_sched_setattr),
		FILTER_DENY(SYS_sched_setparam),
		FILTER_DENY(SYS_sched_setscheduler),
		FILTER_DENY(SYS_set_mempolicy),
		FILTER_DENY(SYS_setdomainname),
		FILTER_DENY(SYS_sethostname),
		FILTER_DENY(SYS_setns),
		FILTER_DENY(SYS_setpriority),
		FILTER_DENY(SYS_settimeofday),
		FILTER_DENY(SYS_swapoff),
		FILTER_DENY(SYS_swapon),
		FILTER_DENY(SYS_syslog),
		FILTER_DENY(SYS_umount2),
		FILTER_DENY(SYS_unshare),
		FILTER_DENY(SYS_userfaultfd),
		FILTER_DENY(SYS_vhangup),
		FILTER_RET(SECCOMP_RET_ALLOW),
	};

	return FILTER_SET(f, 0);
}

/* All three, each a filter of its own, as there. 0, or -1 with errno. */
static inline int filter_service(void)
{
	return filter_native() || filter_names() || filter_mdwe() ? -1 : 0;
}

#endif
