/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Landlock would be the natural means against writing, but it takes away /proc/<pid>/map_files and
 * /proc/<pid>/root of all other processes, too. So files are opened as nobody (the kernel's "fsuid",
 * so that nobody may not send signals here), for reading alone.
 */
#include "source/reader_jail.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/limit.h"

#define NOBODY	     65534
#define MEMORY_BYTES (64ULL << 20) /* beyond what the process has at its start */
#define FILE_BYTES   (1ULL << 30)  /* of a copy, with its holes */
#define MAX_FILES    64
#define JAIL_NICE    (-10) /* as the tracer, which waits */

#ifndef CAP_CHECKPOINT_RESTORE
#define CAP_CHECKPOINT_RESTORE 40 /* Linux 5.9: map_files may be followed */
#endif

#ifdef __x86_64__
#define OUR_ARCH AUDIT_ARCH_X86_64
#else
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

static int keep_one_fd(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), i;

	if (null < 0)
		return -1;
	for (i = 0; i < 3; i++)
		if (fd != i)
			dup2(null, i);
	if (fd != 3 && dup2(fd, 3) < 0)
		return -1;
	return syscall(SYS_close_range, 4, ~0U, 0) ? -1 : 3;
}

static void keep_caps(void)
{
	static const unsigned int keep[] = { CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE,
					     CAP_CHECKPOINT_RESTORE };
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = { 0 };
	uint32_t wanted[2] = { 0 };
	size_t i;

	if (syscall(SYS_capget, &h, d))
		return;
	for (i = 0; i < sizeof(keep) / sizeof(*keep); i++)
		wanted[keep[i] / 32] |= 1U << keep[i] % 32;
	for (i = 0; i < 2; i++) {
		d[i].permitted &= wanted[i];
		d[i].effective = d[i].permitted;
		d[i].inheritable = 0;
	}
	syscall(SYS_capset, &h, d);
}

/*
 * Root's own files may not be written by nobody. Only who may read the files of everybody can do
 * without being root; that capability is no more effective then, until keep_caps().
 */
static void become_nobody(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = { 0 };

	if (syscall(SYS_capget, &h, d) || !(d[0].permitted >> CAP_DAC_READ_SEARCH & 1))
		return;
	setgroups(0, NULL);
	setfsgid(NOBODY);
	setfsuid(NOBODY);
}

static void bound(int what, uint64_t most)
{
	const struct rlimit l = { most, most };

	setrlimit(what, &l);
}

int reader_jail_enter(int fd)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXFSZ, SIGTSTP };
	size_t i;

	for (i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
	setsid();
	prctl(PR_SET_NAME, "mprotwatch-read");
	if (chdir("/"))
		return -1;
	fd = keep_one_fd(fd);
	limit_memory(MEMORY_BYTES, NULL);
	setpriority(PRIO_PROCESS, 0, JAIL_NICE);
	bound(RLIMIT_CORE, 0);
	bound(RLIMIT_FSIZE, FILE_BYTES);
	bound(RLIMIT_NOFILE, MAX_FILES);
	become_nobody();
	keep_caps();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return fd;
}

/* ---- system calls ---- */

#define DATA(field)  offsetof(struct seccomp_data, field)
#define LOAD(at)     BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
#define DENIED	     (SECCOMP_RET_ERRNO | EPERM)
#define ALLOW(call)  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), RETURN(SECCOMP_RET_ALLOW)
/* Allowed if the third argument has none of these bits. Arguments have their low half first. */
#define ALLOW_WITHOUT(call, bits)                                                   \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 4), LOAD(DATA(args[2])), \
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, 1), RETURN(DENIED), \
		RETURN(SECCOMP_RET_ALLOW)

#define WRITES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))

void reader_jail_lock(void)
{
	static struct sock_filter rules[] = {
		LOAD(DATA(arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0),
		RETURN(DENIED),
		LOAD(DATA(nr)),
		ALLOW(recvfrom),
		ALLOW(recvmsg),
		ALLOW(sendmsg),
		ALLOW(pread64),
		ALLOW(read),
		ALLOW(pwrite64),
		ALLOW_WITHOUT(openat, WRITES),
		ALLOW(openat2), /* of perf maps: its flags are out of reach here */
		ALLOW(close),
		ALLOW(fstat),
#ifdef SYS_newfstatat
		ALLOW(newfstatat),
#endif
		ALLOW(statx),
		ALLOW(memfd_create),
		ALLOW(ftruncate),
		ALLOW(fcntl),
		ALLOW(ioctl), /* PAGEMAP_SCAN; of devices none is open */
		ALLOW_WITHOUT(mmap, PROT_EXEC),
		ALLOW(munmap),
		ALLOW(mremap),
		ALLOW(madvise),
		ALLOW(brk),
		ALLOW(futex),
		ALLOW(getrandom),
		ALLOW(rt_sigreturn),
		ALLOW(exit_group),
		RETURN(DENIED),
	};
	const struct sock_fprog filter = { sizeof(rules) / sizeof(*rules), rules };

	syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
}
