/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The traced side of the benchmark. Reads "WORD COUNT" lines from stdin, makes
 * that many calls, and answers with nanoseconds per call. "map N" builds an
 * address space of about N mappings that never merge, for the cost at that size.
 *
 *	worker [allows|looks]	under a seccomp filter: one that always allows mprotect, or one that
 *				looks at its protection first, as systemd's MemoryDenyWriteExecute=
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../workloads/filter.h"

#define PAGE ((unsigned long)getpagesize())

static char *page; /* the one that is toggled */
static char *many; /* pages of the big address space */
static unsigned long nr_many;

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

/* Every second page gets another protection, so that each page is a mapping of its own. */
static void build_mappings(unsigned long nr)
{
	unsigned long i;

	if (many)
		munmap(many, nr_many * PAGE);
	nr_many = nr;
	many = mmap(NULL, nr * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (many == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	for (i = 0; i < nr; i += 2)
		if (mprotect(many + i * PAGE, PAGE, PROT_NONE)) {
			perror("mprotect");
			exit(1);
		}
}

static void toggle(char *p, unsigned long count)
{
	unsigned long i;

	for (i = 0; i < count; i++)
		mprotect(p, PAGE, i & 1 ? PROT_READ : PROT_READ | PROT_WRITE);
}

static void set_filter(int looks)
{
	const struct sock_filter f[] = {
		FILTER_WORD(nr),
		FILTER_IS(looks ? SYS_mprotect : ~0U, 0, 2),
		FILTER_WORD(args[2]),
		FILTER_HAS(PROT_EXEC, 1, 0),
		FILTER_RET(SECCOMP_RET_ALLOW),
		FILTER_RET(SECCOMP_RET_ERRNO | EPERM),
	};

	if (FILTER_SET(f, 0)) {
		perror("seccomp");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	unsigned long count, i;
	char word[16];
	double start;

	page = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return 1;
	page += PAGE;
	if (argc > 1)
		set_filter(!strcmp(argv[1], "looks"));
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (scanf("%15s %lu", word, &count) == 2) {
		start = now_ns();
		if (!strcmp(word, "mprotect")) {
			toggle(page, count);
		} else if (!strcmp(word, "getppid")) {
			for (i = 0; i < count; i++)
				syscall(SYS_getppid);
		} else if (!strcmp(word, "map")) {
			build_mappings(count);
		} else if (!strcmp(word, "spread")) { /* toggles all over the big address space */
			for (i = 0; i < count; i++)
				mprotect(many + (i * 7919 % (nr_many / 2)) * 2 * PAGE, PAGE,
					 i / (nr_many / 2) & 1 ? PROT_NONE :
								 PROT_READ | PROT_WRITE);
		}
		printf("%.1f\n", count ? (now_ns() - start) / count : 0);
	}
	return 0;
}
