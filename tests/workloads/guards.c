/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guard regions (MADV_GUARD_INSTALL, Linux 6.13), and all that moves, copies or removes them. Prints
 * "GUARD start end" for each that there is at the end, "WIPED" for
 * one that a child lacks, and rests, up to a signal or its parent's end.
 *
 *	guards [early]		early: rest once before, up to a line on stdin
 *	guards many		more of them than are remembered
 *	guards named		does the kernel name them (PAGEMAP_SCAN)?
 */
#include "expect.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE  103
#endif

#define RW (PROT_READ | PROT_WRITE)

static char *pages(unsigned long n)
{
	char *p = mmap(NULL, (n + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(p != MAP_FAILED && !mprotect(p + PAGE, n * PAGE, RW));
	return p + PAGE;
}

static void told(const char *p, unsigned long n)
{
	tell("GUARD %lx %lx\n", (unsigned long)p, (unsigned long)p + n * PAGE);
}

static void install(char *p, unsigned long n)
{
	MUST(!madvise(p, n * PAGE, MADV_GUARD_INSTALL));
}

static void install_and_remove(void)
{
	char *p = pages(16);

	install(p + PAGE, 4);
	MUST(!madvise(p + 2 * PAGE, PAGE, MADV_GUARD_REMOVE));
	told(p + PAGE, 1);
	told(p + 3 * PAGE, 2);
	/* a protection goes over it and leaves it, munmap and MAP_FIXED take it away */
	install(p + 8 * PAGE, 6);
	MUST(!mprotect(p + 8 * PAGE, 2 * PAGE, PROT_READ));
	MUST(!munmap(p + 10 * PAGE, PAGE));
	MUST(mmap(p + 11 * PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
	     MAP_FAILED);
	told(p + 8 * PAGE, 2);
	told(p + 12 * PAGE, 2);
}

static void move(void)
{
	char *p = pages(8), *q;

	install(p + 2 * PAGE, 2);
	q = mremap(p, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
	MUST(q != MAP_FAILED);
	told(q + 2 * PAGE, 2);
	p = pages(4);
	install(p, 1);
	q = (char *)syscall(SYS_mremap, p, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
			    0);
	MUST(q != MAP_FAILED);
	told(q, 1);
}

/* process_madvise on oneself may do it, too (6.13); its ranges are not in its arguments. */
static void by_process_madvise(void)
{
	char *p = pages(8);
	struct iovec iov[] = { { p, PAGE }, { p + 4 * PAGE, 2 * PAGE } };
	int fd = syscall(SYS_pidfd_open, getpid(), 0);

	if (fd >= 0 && syscall(SYS_process_madvise, fd, iov, 2, MADV_GUARD_INSTALL, 0) > 0) {
		told(p, 1);
		told(p + 4 * PAGE, 2);
	}
}

/* A child has its parent's, but for those in memory that it finds wiped. */
static void child(void)
{
	char *p = pages(4), *q = pages(4);
	pid_t pid;

	install(p, 2);
	install(q, 2);
	MUST(!madvise(q, 4 * PAGE, MADV_WIPEONFORK));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		tell("CHILD %d\n", getpid());
		for (;;)
			pause();
	}
	told(p, 2);
	tell("WIPED %lx %lx\n", (unsigned long)q, (unsigned long)q + 2 * PAGE);
}

static void rest(void)
{
	tell("AT REST %d\n", getpid());
	for (;;)
		pause();
}

static void many(void)
{
	unsigned long i, n = 140000;
	char *p = mmap(NULL, n * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	MUST(p != MAP_FAILED);
	for (i = 0; i < n; i += 2)
		install(p + i * PAGE, 1);
	for (i = 0; i < n; i += 2000) /* what comes afterwards is seen */
		MUST(!mprotect(p + (i + 1) * PAGE, PAGE, PROT_READ));
}

static bool are_named(const char *p)
{
	struct region {
		uint64_t start, end, categories;
	} r;
	uint64_t arg[12] = {
		sizeof(arg), 0, (uintptr_t)p, (uintptr_t)p + PAGE, 0, (uintptr_t)&r, 1, 0, 0,
		1 << 8,	     0, 1 << 8
	};

	return ioctl(open("/proc/self/pagemap", O_RDONLY), _IOWR('f', 16, arg), arg) == 1;
}

int main(int argc, char **argv)
{
	char *p = pages(4);
	char c;

	if (madvise(p, PAGE, MADV_GUARD_INSTALL)) {
		tell("SKIP no guard regions here (6.13)\n");
		return 77;
	}
	if (argc > 1 && !strcmp(argv[1], "named")) {
		tell("%s\n", are_named(p) ? "yes" : "no");
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "many")) {
		many();
		rest();
	}
	told(p, 1);
	if (argc > 1) {
		tell("EARLY %d\n", getpid());
		MUST(read(0, &c, 1) == 1);
	}
	install_and_remove();
	move();
	by_process_madvise();
	child();
	usleep(200000);
	rest();
}
