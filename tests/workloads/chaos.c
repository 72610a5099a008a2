/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chaos SEED [OPERATIONS [THREADS [rest|filter...]]]: every call that changes mappings, at random,
 * in one arena of addresses: over holes, over several mappings, fixed over what is
 * there, failing half-way. The same seed with one thread makes the same calls.
 * Prints nothing that is expected: it is for --verify.
 *
 *	filter	under a seccomp filter that answers some of the calls in the kernel's place
 *	rest	wait at the end, so that the mirror can be compared
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif
#define NR_PAGES  1024
#define PAGE	  ((unsigned long)getpagesize())
#define HUGE	  (2UL << 20)
#define GROWSDOWN 0x01000000 /* PROT_GROWSDOWN */
#define NR_PLACES 16
#define SYS_MSEAL 462
#define ANSWERED  7   /* added to a length of whole pages: the filter answers the call */
#define GUARDS	  102 /* MADV_GUARD_INSTALL; 103 removes them */
#define NR_GROWN  600 /* pages below a mapping that grows: more than the kernel's gap */

static char *arena;
static int memfd, file_ro = -1, shm, pkey = -1;
static unsigned long nr_operations = 20000;
static int nr_threads = 1;
static int is_filtered;
static char *grown;		   /* where a mapping grows down, and nothing else is */
static char *heap_floor;	   /* what malloc() has is below */
static pthread_barrier_t all_made; /* a new stack must not come to lie in the arena's holes */
static uint64_t first_seed;

/* A thread's: what it rolls, and the mappings whose place the kernel chose. */
struct dice {
	uint64_t state;
	struct {
		char *at;
		size_t len;
	} place[NR_PLACES];
};

static unsigned int roll(struct dice *d, unsigned int n)
{
	d->state = d->state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (d->state >> 33) % n;
}

static char *some_place(struct dice *d, size_t *len)
{
	unsigned int first = roll(d, NR_PAGES), n = 1 + roll(d, roll(d, 8) ? 6 : 64);

	if (first + n > NR_PAGES)
		n = NR_PAGES - first;
	*len = n * PAGE;
	return arena + first * PAGE;
}

static void do_mmap(struct dice *d)
{
	size_t len;
	char *at = some_place(d, &len);
	int prot = roll(d, 8), flags = MAP_FIXED;

	if (roll(d, 6) == 0)
		flags = MAP_FIXED_NOREPLACE;
	switch (roll(d, 7)) {
	case 0:
		mmap(at, len, prot, flags | MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		break;
	case 1:
		mmap(at, len, prot, flags | MAP_SHARED, memfd, roll(d, 64) * PAGE);
		break;
	case 2:
		mmap(at, len, prot & ~PROT_WRITE, flags | MAP_SHARED, file_ro, roll(d, 8) * PAGE);
		break;
	case 3: /* may be refused: shared and writable of a file opened for reading */
		mmap(at, len, prot, flags | (roll(d, 2) ? MAP_SHARED : MAP_PRIVATE), file_ro, 0);
		break;
	case 4:
		mmap(at, len, prot, flags | MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0);
		break;
	default:
		mmap(at, len, prot, flags | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		break;
	}
}

/* Where the kernel likes; every second time what was there before goes, a page less or more. */
static void do_mmap_anywhere(struct dice *d)
{
	unsigned int i = roll(d, NR_PLACES);
	size_t len = (1 + roll(d, 16)) * PAGE;

	if (d->place[i].at) {
		munmap(d->place[i].at, d->place[i].len);
		d->place[i].at = NULL;
		return;
	}
	d->place[i].at = mmap(NULL, len, roll(d, 8), MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	d->place[i].len = len;
	if (d->place[i].at == MAP_FAILED)
		d->place[i].at = NULL;
}

/* Huge pages, of which no part can be changed: all calls fail that try, so they soon go again. */
static void do_huge(struct dice *d)
{
	char *at = arena + roll(d, NR_PAGES * PAGE / HUGE) * HUGE;

	if (roll(d, 4) == 0)
		mmap(at, HUGE, roll(d, 8),
		     MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1, 0);
	else
		munmap(at, HUGE);
}

static void do_mremap(struct dice *d)
{
	size_t old_len, new_len;
	char *from = some_place(d, &old_len), *to = some_place(d, &new_len);

	switch (roll(d, 6)) {
	case 0:
		mremap(from, old_len, new_len, 0);
		break;
	case 1:
		mremap(from, 0, new_len, MREMAP_MAYMOVE | MREMAP_FIXED, to);
		break;
	case 2:
		mremap(from, old_len, old_len, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
		       to);
		break;
	default:
		mremap(from, old_len, new_len, MREMAP_MAYMOVE | MREMAP_FIXED, to);
		break;
	}
}

static void do_shm(struct dice *d)
{
	size_t len;
	char *at = some_place(d, &len);

	if (roll(d, 2))
		shmat(shm, at, SHM_REMAP | (roll(d, 2) ? SHM_RDONLY : 0));
	else
		shmdt(at);
}

static void do_brk(struct dice *d)
{
	static const long steps[] = { 1, 4096, 70000, -4096, -50000, 300000, -1 };
	char *to = (char *)syscall(SYS_brk, 0) + steps[roll(d, 7)];

	syscall(SYS_brk, to < heap_floor ? heap_floor : to);
}

/* Splits that change no right; and guard regions, which are in no list of mappings. */
static void do_advice(struct dice *d)
{
	static const int advice[] = { MADV_NOHUGEPAGE, MADV_HUGEPAGE,	MADV_DONTDUMP,
				      MADV_DODUMP,     MADV_WIPEONFORK, MADV_KEEPONFORK,
				      GUARDS,	       GUARDS,		GUARDS + 1 };
	size_t len;
	char *at = some_place(d, &len);
	unsigned int i = roll(d, 12);

	if (i < 9)
		madvise(at, len, advice[i]);
	else if (i < 11)
		syscall(SYS_mlock2, at, len % (8 * PAGE), 1 /* MLOCK_ONFAULT */);
	else
		munlock(at, len);
}

/* A mapping that grows by faults, with changes in what has grown. One thread: others map there. */
static void do_growth(struct dice *d)
{
	char *top = grown + (NR_GROWN - 1) * PAGE;
	unsigned int i, n = 2 + roll(d, 40);

	if (nr_threads > 1)
		return;
	munmap(grown, NR_GROWN * PAGE);
	if (mmap(top, PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0) == MAP_FAILED)
		return;
	for (i = 0; i < n; i++)
		*(volatile char *)(top - i * PAGE) = 1;
	mprotect(top - roll(d, n) * PAGE, PAGE, roll(d, 8));
	if (roll(d, 2))
		mprotect(top - (n - 1) * PAGE, (1 + roll(d, n)) * PAGE, PROT_READ);
	mmap(grown, NR_GROWN * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

/* Calls that the filter answers with "done". */
static void do_answered(struct dice *d)
{
	size_t len;
	char *at = some_place(d, &len);

	if (!is_filtered)
		return;
	switch (roll(d, 5)) {
	case 0:
		munmap(at, len + ANSWERED);
		break;
	case 1:
		mremap(at, len + ANSWERED, len, MREMAP_MAYMOVE);
		break;
	case 2:
		madvise(at, len + ANSWERED, roll(d, 2) ? MADV_DONTFORK : GUARDS);
		break;
	default:
		mprotect(at, len + ANSWERED, roll(d, 8));
		break;
	}
}

static void set_filter(void)
{
	static const struct sock_filter f[] = {
		FILTER_WORD(nr),
		FILTER_IS(SYS_munmap, 4, 0),
		FILTER_IS(SYS_mremap, 3, 0),
		FILTER_IS(SYS_madvise, 2, 0),
		FILTER_IS(SYS_mprotect, 1, 0),
		FILTER_RET(SECCOMP_RET_ALLOW),
		FILTER_WORD(args[1]),
		FILTER_AND(0xfff),
		FILTER_IS(ANSWERED, 0, 1),
		FILTER_RET(SECCOMP_RET_ERRNO),
		FILTER_RET(SECCOMP_RET_ALLOW),
	};

	if (FILTER_SET(f, 0)) {
		perror("chaos: seccomp");
		exit(1);
	}
}

static void do_child(struct dice *d)
{
	pid_t pid = roll(d, 2) ? fork() : vfork();

	if (pid == 0) {
		size_t len;
		char *at = some_place(d, &len);

		syscall(SYS_mprotect, at, len, PROT_READ);
		if (roll(d, 2))
			execl("/bin/true", "true", NULL);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void operate(struct dice *d)
{
	size_t len;
	char *at = some_place(d, &len);

	switch (roll(d, 30)) {
	case 0 ... 4:
		do_mmap(d);
		break;
	case 5 ... 6:
		munmap(at, len);
		break;
	case 7 ... 12:
		mprotect(at, len, roll(d, 8) | (roll(d, 32) ? 0 : GROWSDOWN));
		break;
	case 13:
		syscall(SYS_pkey_mprotect, at, len, roll(d, 8), roll(d, 2) ? pkey : -1);
		break;
	case 14 ... 16:
		do_mremap(d);
		break;
	case 17:
		do_brk(d);
		break;
	case 18:
		do_shm(d);
		break;
	case 19:
		syscall(SYS_remap_file_pages, at, len, 0, roll(d, 16), 0);
		break;
	case 20:
		madvise(at, len, roll(d, 2) ? MADV_DONTFORK : MADV_DOFORK);
		break;
	case 21:
		prctl(PR_SET_VMA, 0, at, len, roll(d, 2) ? "chaos" : NULL);
		break;
	case 22:
		if (roll(d, 64) == 0)
			do_child(d);
		break;
	case 23: /* sealed places stay: so few, and at the arena's end */
		if (roll(d, 256) == 0)
			syscall(SYS_MSEAL, arena + (NR_PAGES - 1 - roll(d, 32)) * PAGE, PAGE, 0);
		mprotect(at, len, PROT_READ | PROT_WRITE);
		break;
	case 24:
		do_mmap_anywhere(d);
		break;
	case 25:
		if (roll(d, 16) == 0)
			do_huge(d);
		break;
	case 26 ... 27:
		do_advice(d);
		break;
	case 28:
		if (roll(d, 8) == 0)
			do_growth(d);
		break;
	case 29:
		do_answered(d);
		break;
	}
}

static void *run(void *arg)
{
	struct dice d = { .state = first_seed * 1000 + (uintptr_t)arg };
	unsigned long i;

	pthread_barrier_wait(&all_made);
	for (i = 0; i < nr_operations; i++)
		operate(&d);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread[16];
	int i, rests = 0;

	if (argc < 2)
		return 2;
	first_seed = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		nr_operations = strtoul(argv[2], NULL, 10);
	if (argc > 3)
		nr_threads = atoi(argv[3]);
	/* Beginning at a huge page, and with room behind it: shmat(2) may map over its end. */
	arena = mmap(NULL, NR_PAGES * PAGE + 2 * HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		     0);
	memfd = memfd_create("chaos", 0);
	shm = shmget(IPC_PRIVATE, 16 * PAGE, IPC_CREAT | 0600);
	file_ro = open("/proc/self/exe", O_RDONLY);
	if (arena == MAP_FAILED || memfd < 0 || shm < 0 || file_ro < 0 ||
	    ftruncate(memfd, 128 * PAGE) || nr_threads < 1 || nr_threads > 16) {
		perror("chaos");
		return 1;
	}
	arena = (char *)(((uintptr_t)arena + HUGE - 1) & ~(HUGE - 1));
	pkey = pkey_alloc(0, 0);
	grown = mmap(NULL, NR_GROWN * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (i = 4; i < argc; i++) {
		is_filtered |= !strcmp(argv[i], "filter");
		rests |= !strcmp(argv[i], "rest");
	}
	if (is_filtered)
		set_filter();
	heap_floor = sbrk(0);
	pthread_barrier_init(&all_made, NULL, nr_threads);
	for (i = 1; i < nr_threads; i++)
		pthread_create(&thread[i], NULL, run, (void *)(uintptr_t)i);
	run(NULL);
	for (i = 1; i < nr_threads; i++)
		pthread_join(thread[i], NULL);
	shmctl(shm, IPC_RMID, NULL);
	if (rests) { /* so that the mirror can be compared with /proc */
		dprintf(1, "AT REST %d\n", getpid());
		pause();
	}
	return 0;
}
