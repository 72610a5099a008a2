/* SPDX-License-Identifier: BSD-2-Clause */
/* Names that a hostile program can choose: of itself, of files, of anonymous memory; and long ones. */
#include <sys/prctl.h>
#include <sys/stat.h>

#include "expect.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA	     0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

static void map_file(const char *name, const char *say)
{
	int fd = file_make(name, 1);
	char *p = (char *)SEEN_OK(say, mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));

	close(fd);
	SEEN_OK("mprotect", mprotect(p, PAGE, PROT_READ | PROT_WRITE));
	MUST(!unlink(name));
}

/* About n_bytes of path below here; then back, and all is removed. */
static void deep(int n_bytes)
{
	char name[201];
	int depth, i;

	memset(name, 'd', sizeof(name) - 1);
	name[200] = '\0';
	depth = n_bytes / 201;
	for (i = 0; i < depth; i++)
		MUST(!mkdir(name, 0700) && !chdir(name));
	map_file("leaf", "mmap");
	for (i = 0; i < depth; i++)
		MUST(!chdir("..") && !rmdir(name));
}

static void memfd(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	MUST(fd >= 0 && !ftruncate(fd, PAGE));
	SEEN_OK("mmap", mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0));
	close(fd);
}

int main(void)
{
	char *p;

	prctl(PR_SET_NAME, "\033[2J\nx\t\"'<&\\\xff");
	map_file("esc\033]0;owned\007\033[31m", "mmap");
	map_file("line\nmprotwatch: 0 lost\rx", "mmap");
	map_file("utf8 \xc3\xa9\xe2\x9c\x93 bad \xc3\x28 \xff\xfe \xed\xa0\x80 over \xc0\xaf",
		 "mmap");
	map_file("bidi \xe2\x80\xae"
		 "gnp.exe \xe2\x80\x8b",
		 "mmap");
	map_file("quote\"back\\slash<b>&amp; $(id) `id` %s%n", "mmap");
	map_file("ends (deleted)", "mmap");
	map_file("[heap]", "mmap");
	memfd("\033[2Jjit\nx");
	memfd("x (deleted)");
	p = seen_pages(2, PROT_READ);
	prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p, PAGE, "a name of mine");
	SEEN_OK("mprotect", mprotect(p, PAGE, PROT_READ | PROT_WRITE));
	deep(1000);
	deep(3600);
	return 0;
}
