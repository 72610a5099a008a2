/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small "JIT": writes code, makes it executable, runs it, and again, while its
 * heap grows; loads settings into a page which it then locks; and keeps one page that
 * is writable and executable at once. Takes about a second. The demo traces it.
 */
#include <pthread.h>
#include <sys/prctl.h>

#include "expect.h"

#define NR_ROUNDS 8

/* return x + 1 (int f(int x)) */
#if defined(__x86_64__)
static const unsigned char code[] = { 0x8d, 0x47, 0x01, 0xc3 };
#elif defined(__aarch64__)
static const unsigned char code[] = { 0x00, 0x04, 0x00, 0x11, 0xc0, 0x03, 0x5f, 0xd6 };
#endif

static int call(char *p, int x)
{
	int (*f)(int);

	__builtin___clear_cache(p, p + sizeof(code));
	memcpy(&f, &p, sizeof(f));
	return f(x);
}

static void *map(size_t n_pages, int prot)
{
	void *p = mmap(NULL, n_pages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(p != MAP_FAILED);
	return p;
}

static void name(void *p, size_t n_pages, const char *as)
{
	prctl(0x53564d41 /* PR_SET_VMA */, 0, p, n_pages * PAGE, as); /* not every kernel can */
}

int main(void)
{
	char *jit = map(16, PROT_READ | PROT_WRITE), *settings = map(3, PROT_READ | PROT_WRITE);
	char *both = map(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	int i, x = 0;

	MUST(!munmap(settings + 2 * PAGE, PAGE));
	name(jit, 16, "jit");
	name(settings, 2, "settings");
	strcpy(settings, "colour = blue");
	MUST(!mprotect(settings, 2 * PAGE, PROT_READ));
	memcpy(both, code, sizeof(code));
	x = call(both, x);
	for (i = 0; i < NR_ROUNDS; i++) {
		size_t n_pages = 4 + (size_t)i;

		MUST(!mprotect(jit, n_pages * PAGE, PROT_READ | PROT_WRITE));
		memcpy(jit, code, sizeof(code));
		MUST(sbrk(n_pages * 32 * PAGE) != (void *)-1);
		usleep(60000);
		MUST(!mprotect(jit, n_pages * PAGE, PROT_READ | PROT_EXEC));
		x = call(jit, x);
		usleep(60000);
	}
	MUST(mprotect(settings, 3 * PAGE, PROT_READ | PROT_WRITE) == -1); /* runs into a hole */
	MUST(!munmap(both, PAGE));
	return x != NR_ROUNDS + 1;
}
