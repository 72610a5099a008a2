/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * deny CASE: calls at the edge of what MemoryDenyWriteExecute= refuses. Exits with 13 if one
 * was refused with EACCES or EPERM, 0 if all went well, 77 if this machine can't. "deny list"
 * prints the cases; "deny CASE hold" says "held" and stays when it has made its calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#define R   PROT_READ
#define W   PROT_WRITE
#define X   PROT_EXEC
#define LEN 8192

#define SYS_MSEAL 462 /* Linux 6.10 */

/* A refused call of ours ends the program; refusals inside of libraries do not matter. */
static void *must(void *p)
{
	if (p != MAP_FAILED)
		return p;
	exit(errno == EACCES || errno == EPERM ? 13 : 1);
}

static char *map(int prot)
{
	return must(mmap(NULL, LEN, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static void protect(void *p, size_t len, int prot)
{
	must(mprotect(p, len, prot) ? MAP_FAILED : p);
}

static void wx(void)
{
	map(R | W | X);
}

static void wx_only(void)
{
	map(W | X);
}

static void gain(void)
{
	protect(map(R | W), LEN, R | X);
}

static void gain_later(void)
{
	char *p = map(R | W);

	protect(p, LEN, R);
	protect(p, LEN, R | X);
}

static void gain_none(void)
{
	protect(map(PROT_NONE), LEN, X);
}

static void gain_write(void)
{
	protect(map(R | X), LEN, R | W | X);
}

/* X is never gained: this is why there is a prctl beside the filter. */
static void again(void)
{
	protect(map(R | X), LEN, R | X);
}

static void less(void)
{
	protect(map(R | X), LEN, X);
}

static void drop(void)
{
	protect(map(R | X), LEN, R | W);
}

static void back(void)
{
	char *p = map(R | X);

	protect(p, LEN, R);
	protect(p, LEN, R | X);
}

/* The first half has X already, the second gains it. */
static void half(void)
{
	char *p = map(R | X);

	protect(p + LEN / 2, LEN / 2, R | W);
	protect(p, LEN, R | X);
}

/* The kernel comes to the hole when the first half is done, or refused. */
static void hole(void)
{
	char *p = map(R | W);

	munmap(p + LEN / 2, LEN / 2);
	if (mprotect(p, LEN, R | X) && errno != ENOMEM)
		must(MAP_FAILED);
}

/* No mapping is there at all. */
static void nothing(void)
{
	char *p = map(R | W);

	munmap(p, LEN);
	if (mprotect(p, LEN, R | X) && errno != ENOMEM)
		must(MAP_FAILED);
}

static void empty(void)
{
	protect(map(R | W), 0, R | X);
}

static void bad_file(void)
{
	if (mmap(NULL, LEN, R | W | X, MAP_PRIVATE, -1, 0) == MAP_FAILED && errno != EBADF)
		must(MAP_FAILED);
}

static void pkey(void)
{
	char *p = map(R | W);

	must(syscall(SYS_pkey_mprotect, p, LEN, R | X, -1) ? MAP_FAILED : p);
}

static void attach(int flags)
{
	int id = shmget(IPC_PRIVATE, LEN, IPC_CREAT | 0700), err;
	void *p;

	if (id < 0)
		exit(77);
	p = shmat(id, NULL, flags);
	err = errno;
	shmctl(id, IPC_RMID, NULL);
	errno = err;
	must(p);
}

static void shm_rx(void)
{
	attach(SHM_RDONLY | SHM_EXEC);
}

static void shm_wx(void)
{
	attach(SHM_EXEC);
}

/* One memory writable here and executable there: neither of the two minds. */
static void alias(void)
{
	int fd = memfd_create("alias", 0);

	if (fd < 0 || ftruncate(fd, LEN))
		exit(77);
	must(mmap(NULL, LEN, R | W, MAP_SHARED, fd, 0));
	must(mmap(NULL, LEN, R | X, MAP_SHARED, fd, 0));
}

static void move(void)
{
	char *p = map(R | X);

	must(mremap(p, LEN, 2 * LEN, MREMAP_MAYMOVE));
}

static void seal(void)
{
	char *p = map(R | X);

	if (syscall(SYS_MSEAL, p, LEN, 0))
		exit(77);
}

static void stack(void)
{
	uintptr_t page = (uintptr_t)&page & -getpagesize();

	protect((void *)page, getpagesize(), R | W | X);
}

static void heap(void)
{
	protect(must(sbrk(2 * LEN)), LEN, R | X);
}

/* Text that was written to, as for relocations. */
static void copied(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	char *p = must(mmap(NULL, LEN, R | W, MAP_PRIVATE, fd, 0));

	*p = 1;
	protect(p, LEN, R | X);
}

static void implied(void)
{
	if (personality(READ_IMPLIES_EXEC) < 0)
		exit(77);
}

static void implied_map(void)
{
	implied();
	map(R | W);
}

static void implied_read(void)
{
	implied();
	map(R);
}

static void implied_protect(void)
{
	char *p = map(R | W);

	implied();
	protect(p, LEN, R | W);
}

static void implied_brk(void)
{
	implied();
	must(sbrk(1 << 20));
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "wx", wx },
	{ "wx-only", wx_only },
	{ "gain", gain },
	{ "gain-later", gain_later },
	{ "gain-none", gain_none },
	{ "gain-write", gain_write },
	{ "again", again },
	{ "less", less },
	{ "drop", drop },
	{ "back", back },
	{ "half", half },
	{ "hole", hole },
	{ "nothing", nothing },
	{ "empty", empty },
	{ "bad-file", bad_file },
	{ "pkey", pkey },
	{ "shm-rx", shm_rx },
	{ "shm-wx", shm_wx },
	{ "alias", alias },
	{ "move", move },
	{ "seal", seal },
	{ "stack", stack },
	{ "heap", heap },
	{ "copied", copied },
	{ "implied-map", implied_map },
	{ "implied-read", implied_read },
	{ "implied-protect", implied_protect },
	{ "implied-brk", implied_brk },
};

int main(int argc, char **argv)
{
	const char *wanted = argc > 1 ? argv[1] : "";
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (!strcmp(wanted, "list"))
			puts(cases[i].name);
		if (strcmp(wanted, cases[i].name) != 0)
			continue;
		cases[i].run();
		if (argc > 2) {
			puts("held");
			fflush(stdout);
			pause();
		}
		return 0;
	}
	return strcmp(wanted, "list") ? 2 : 0;
}
