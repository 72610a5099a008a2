/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Landlock would be the natural means against writing, but it takes away /proc/<pid>/map_files and
 * /proc/<pid>/root of all other processes, too. So files are opened as nobody (the kernel's "fsuid",
 * so that nobody may not send signals here), for reading alone.
 */
#include "source/reader_jail.h"

#include <fcntl.h>
#include <grp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "util/allow.h"
#include "util/caps.h"
#include "util/detach.h"
#include "util/limit.h"

#define NOBODY	     65534
#define MEMORY_BYTES (64ULL << 20) /* beyond what the process has at its start */
#define FILE_BYTES   (1ULL << 30)  /* of a copy, with its holes */
#define MAX_FILES    64
#define JAIL_NICE    (-10) /* as the tracer, which waits */

/*
 * Root's own files may not be written by nobody. Only who may read the files of everybody can do
 * without being root; that capability is no more effective then, until caps_keep().
 */
static void become_nobody(void)
{
	if (!(caps_permitted() & CAP_SET(CAP_DAC_READ_SEARCH)))
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
	fd = detach(fd);
	prctl(PR_SET_NAME, "mprotwatch-read");
	if (chdir("/"))
		return -1;
	limit_memory(MEMORY_BYTES, NULL);
	setpriority(PRIO_PROCESS, 0, JAIL_NICE);
	bound(RLIMIT_CORE, 0);
	bound(RLIMIT_FSIZE, FILE_BYTES);
	bound(RLIMIT_NOFILE, MAX_FILES);
	become_nobody();
	caps_keep(CAP_SET(CAP_DAC_READ_SEARCH) | CAP_SET(CAP_SYS_PTRACE) |
		  CAP_SET(CAP_CHECKPOINT_RESTORE));
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return fd;
}

/* ---- system calls ---- */

#define WRITES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))

void reader_jail_lock(void)
{
	static const struct allow_rule rules[] = {
		ALLOW(recvfrom),
		ALLOW(recvmsg),
		ALLOW(sendmsg),
		ALLOW(pread64),
		ALLOW(read),
		ALLOW(pwrite64),
		WITHOUT(openat, 2, WRITES),
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
		WITHOUT(mmap, 2, PROT_EXEC),
		ALLOW(munmap),
		ALLOW(mremap),
		ALLOW(madvise),
		ALLOW(brk),
		ALLOW(futex),
		ALLOW(getrandom),
		ALLOW(rt_sigreturn),
		ALLOW(exit_group),
	};
	const struct allow_list all = ALLOW_LIST(rules);

	allow_only(&all, 1, REST_REFUSED);
}
