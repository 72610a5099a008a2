/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault ACT: touches memory that it may not, and mostly ends by that.
 *
 *	write    a page that was made read-only before, and something else since
 *	exec     code whose right to run was taken away
 *	unmap    what was unmapped
 *	never    a page that never was writable
 *	wild     where nothing ever was
 *	handled  as write, eight times, but it has a handler that gives the right back
 *	child    as write, of what the parent made read-only before the fork
 *	sent     sends itself a SIGSEGV: no access at all
 */
#include <signal.h>
#include <sys/wait.h>

#include "expect.h"

static char *page;

static char *map(int prot)
{
	char *p = mmap(NULL, 4 * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(p != MAP_FAILED);
	return p;
}

static void give_back(int sig)
{
	(void)sig;
	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
}

static void lock(void)
{
	page = map(PROT_READ | PROT_WRITE);
	page[0] = 1;
	MUST(!mprotect(page, 4 * PAGE, PROT_READ));
	MUST(!mprotect(page, PAGE, PROT_READ | PROT_EXEC));
}

static void run(void *at)
{
	void (*f)(void);

	memcpy(&f, &at, sizeof(f));
	f();
}

int main(int argc, char **argv)
{
	const char *act = argc > 1 ? argv[1] : "";
	int i;

	if (!strcmp(act, "write")) {
		lock();
		*(volatile char *)(page + 8) = 2;
	} else if (!strcmp(act, "exec")) {
		page = map(PROT_READ | PROT_EXEC);
		MUST(!mprotect(page, PAGE, PROT_READ));
		run(page);
	} else if (!strcmp(act, "unmap")) {
		page = map(PROT_READ);
		MUST(!munmap(page, 2 * PAGE));
		i = *(volatile char *)(page + PAGE);
	} else if (!strcmp(act, "never")) {
		page = map(PROT_READ);
		*(volatile char *)page = 2;
	} else if (!strcmp(act, "wild")) {
		*(volatile char *)16 = 2;
	} else if (!strcmp(act, "handled")) {
		MUST(signal(SIGSEGV, give_back) != SIG_ERR);
		lock();
		for (i = 0; i < 8; i++) {
			MUST(!mprotect(page, PAGE, PROT_READ));
			*(volatile char *)page = 2;
		}
		return 0;
	} else if (!strcmp(act, "child")) {
		lock();
		if (!fork())
			*(volatile char *)page = 2;
		wait(NULL);
		return 0;
	} else if (!strcmp(act, "sent")) {
		lock();
		raise(SIGSEGV);
	}
	return 2;
}
