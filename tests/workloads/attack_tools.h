/* SPDX-License-Identifier: BSD-2-Clause */
/* For acts of attack.c: code to run, and memory to put it in. */
#ifndef WORKLOADS_ATTACK_TOOLS_H
#define WORKLOADS_ATTACK_TOOLS_H

#include <sys/mman.h>

#include "expect.h"

#define RW  (PROT_READ | PROT_WRITE)
#define RX  (PROT_READ | PROT_EXEC)
#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)

/*
 * add_one: int f(int x) { return x + 1; }. stage: maps a page rwx by a call of its own. vanish:
 * munmap(first, second argument), then _exit(0). trap: a call, and a breakpoint for who injects it.
 */
#if defined(__x86_64__)
__asm__(".text\n.globl add_one, stage, vanish, trap\n"
	"add_one: lea 1(%rdi), %eax; ret\n"
	"stage: mov $9, %eax; xor %edi, %edi; mov $65536, %esi; mov $7, %edx\n"
	" mov $0x22, %r10d; mov $-1, %r8; xor %r9d, %r9d; syscall; ret\n"
	"vanish: mov $11, %eax; syscall; mov $231, %eax; xor %edi, %edi; syscall\n"
	"trap: syscall; int3\n");
#elif defined(__aarch64__)
__asm__(".text\n.globl add_one, stage, vanish, trap\n"
	"add_one: add w0, w0, #1; ret\n"
	"stage: mov x8, #222; mov x0, #0; mov x1, #65536; mov x2, #7\n"
	" mov x3, #0x22; mov x4, #-1; mov x5, #0; svc #0; ret\n"
	"vanish: mov x8, #215; svc #0; mov x8, #94; mov x0, #0; svc #0\n"
	"trap: svc #0; brk #0\n");
#endif
#define CODE_BYTES 64
extern char add_one[], stage[], vanish[], trap[];

static char *map(size_t n_pages, int prot, int flags)
{
	char *p = mmap(NULL, n_pages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	MUST(p != MAP_FAILED);
	return p;
}

static char *page_of(const void *p)
{
	return (char *)((uintptr_t)p & ~(PAGE - 1));
}

static void put_code(char *to, const char *code)
{
	memcpy(to, code, CODE_BYTES);
	__builtin___clear_cache(to, to + CODE_BYTES);
}

static int call(const char *p, int x)
{
	int (*f)(int);

	memcpy(&f, &p, sizeof(f));
	return f(x);
}

static int memfd(const char *name, size_t n_pages)
{
	int fd = memfd_create(name, 0);

	MUST(fd >= 0 && !ftruncate(fd, n_pages * PAGE));
	return fd;
}

static char *map_fd(int fd, int prot, int flags)
{
	char *p = mmap(NULL, PAGE, prot, flags, fd, 0);

	MUST(p != MAP_FAILED);
	return p;
}

#endif
