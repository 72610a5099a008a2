/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mdwe [-f] COMMAND [ARG]...: runs COMMAND as systemd's MemoryDenyWriteExecute= would: by
 * prctl(2), or with -f by a seccomp filter with systemd's conditions. Exits with 77 if this
 * kernel can't.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SET_MDWE	 65 /* Linux 6.3 */
#define REFUSE_EXEC_GAIN 1

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

#define WORD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* Refuses call nr if its third argument has all these bits: five instructions. */
#define DENY(nr, bits)                                                \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 5), WORD(args[2]), \
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits),            \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, bits, 0, 1),      \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM), \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static int set_filter(void)
{
	struct sock_filter f[] = {
		WORD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		WORD(nr),
		DENY(SYS_mmap, PROT_WRITE | PROT_EXEC),
		DENY(SYS_mprotect, PROT_EXEC),
		DENY(SYS_pkey_mprotect, PROT_EXEC),
		DENY(SYS_shmat, SHM_EXEC),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(f) / sizeof(*f), f };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

int main(int argc, char **argv)
{
	int filter = argc > 1 && !strcmp(argv[1], "-f");

	if (argc < 2 + filter)
		return 2;
	if (filter ? set_filter() : prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0)) {
		perror("mdwe");
		return 77;
	}
	execvp(argv[1 + filter], argv + 1 + filter);
	perror(argv[1 + filter]);
	return 127;
}
