/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Has pages of many kinds behind its mappings: changed code, guard regions, locked and huge pages, a
 * policy of NUMA. Says what it has, "READY pid", and waits for the end of stdin.
 */
#include <sys/syscall.h>

#include "expect.h"

#define GUARD_INSTALL 102 /* MADV_GUARD_INSTALL, Linux 6.13 */
#define HUGE_BYTES    (2UL << 20)
#define BIND	      2 /* MPOL_BIND */

static char *anon(size_t n_bytes)
{
	char *p = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(p != MAP_FAILED);
	return p;
}

/* A page of code that is not the file's any more. */
static void change_text(void)
{
	int fd = file_make("text.data", 4);
	char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

	MUST(p != MAP_FAILED);
	p[PAGE] = 1;
	MUST(!mprotect(p, 4 * PAGE, PROT_READ | PROT_EXEC));
	tell("TEXT %lx\n", (unsigned long)p);
}

static void guard(void)
{
	char *p = anon(16 * PAGE);

	memset(p, 1, 16 * PAGE);
	if (!madvise(p + 4 * PAGE, 3 * PAGE, GUARD_INSTALL))
		tell("GUARD %lx\n", (unsigned long)p);
}

static void lock(void)
{
	char *p = anon(5 * PAGE);

	if (!mlock(p, 5 * PAGE))
		tell("LOCKED %lx\n", (unsigned long)p);
}

static void huge(void)
{
	char *p = anon(2 * HUGE_BYTES);
	char *at = (char *)(((uintptr_t)p + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1));

	madvise(p, 2 * HUGE_BYTES, MADV_HUGEPAGE);
	*at = 1;
	tell("HUGE %lx\n", (unsigned long)p);
}

static void reserved(void)
{
	char *p = mmap(NULL, HUGE_BYTES, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (p == MAP_FAILED)
		return;
	*p = 1;
	tell("RESERVED %lx\n", (unsigned long)p);
}

static void bind_to_node(void)
{
	char *p = anon(6 * PAGE);
	unsigned long nodes = 1;

	if (syscall(SYS_mbind, p, 6 * PAGE, BIND, &nodes, 8, 0))
		return;
	memset(p, 1, 6 * PAGE);
	tell("NODE %lx\n", (unsigned long)p);
}

int main(void)
{
	MUST(!setenv("MPW_STEPS", "1", 1));
	change_text();
	guard();
	lock();
	huge();
	reserved();
	bind_to_node();
	tell("READY %d\n", getpid());
	while (step())
		;
	return 0;
}
