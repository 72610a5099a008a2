/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls by a known way of functions, which keep no frame pointer:
 *   stack                main -> outer -> inner -> mprotect, and gone
 *   stack mangled        main -> Code::emit -> Cache::grow<int> -> mprotect, and gone; the first of
 *                        them as Rust's compiler names it, and the second as that of C++
 *   stack jit HOW        main -> enter -> code made at run time -> back -> mprotect, between two
 *                        lines of stdin; HOW it tells the name of that code: plain, evil (an escape
 *                        sequence in it), link, garbage, giant, or none
 */
#pragma GCC optimize("O2", "omit-frame-pointer", "no-optimize-sibling-calls")
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "made.h"

#define NOINLINE __attribute__((noinline, noclone))

static char *page;

NOINLINE int inner(int x)
{
	volatile char room[300];

	room[x] = 1;
	return mprotect(page, getpagesize(), PROT_READ) + room[x];
}

NOINLINE int outer(int x)
{
	return inner(x + 1) + 1;
}

NOINLINE int grow(int x) __asm__("_ZN5Cache4growIiEEiT_");
NOINLINE int emit(int x) __asm__("_RNvMNtCs1234_3jit4codeNtB2_4Code4emit");

NOINLINE int grow(int x)
{
	return mprotect(page, getpagesize(), PROT_READ) + x;
}

NOINLINE int emit(int x)
{
	return grow(x + 1) + 1;
}

NOINLINE void back(void)
{
	if (mprotect(page, getpagesize(), PROT_NONE))
		abort();
}

NOINLINE int enter(void (*code)(void (*)(void)))
{
	code(back);
	return 0;
}

static void tell_name(const char *how, const void *code)
{
	char path[64], target[64], line[128], garbage[4096];
	static const char more[] = "\nffffffffffffffff ffffffffffffffff x\n-1 -1 \n 0 0\n\n";
	int fd, n;

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
	snprintf(target, sizeof(target), "/tmp/perf-%d.target", (int)getpid());
	unlink(path);
	if (!strcmp(how, "none"))
		return;
	fd = open(!strcmp(how, "link") ? target : path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	n = snprintf(line, sizeof(line), "%lx %zx made up%s\n", (unsigned long)code, sizeof(made),
		     !strcmp(how, "evil") ? "\033[31m" : "");
	memset(garbage, 0x81, sizeof(garbage));
	if (!strcmp(how, "garbage")) {
		n = write(fd, garbage, sizeof(garbage));
		n = write(fd, more, sizeof(more) - 1);
	} else {
		n = write(fd, line, n);
	}
	if (!strcmp(how, "giant") && ftruncate(fd, 1LL << 40) && ftruncate(fd, 1LL << 33))
		abort();
	if (!strcmp(how, "link") && symlink(target, path))
		abort();
	close(fd);
}

static int jit(const char *how)
{
	char path[64], line[16];
	void *code = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	make(code);
	mprotect(code, getpagesize(), PROT_READ | PROT_EXEC);
	tell_name(how, code);
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	enter((void (*)(void (*)(void)))code);
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
	unlink(path);
	snprintf(path, sizeof(path), "/tmp/perf-%d.target", (int)getpid());
	unlink(path);
	return 0;
}

int main(int argc, char **argv)
{
	page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	if (argc == 2)
		return emit(argc) - 4;
	return argc > 2 ? jit(argv[2]) : outer(argc) - 2;
}
