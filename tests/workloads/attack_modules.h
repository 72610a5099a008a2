/* SPDX-License-Identifier: BSD-2-Clause */
/* Acts of attack.c on text and RELRO of modules. */
#ifndef WORKLOADS_ATTACK_MODULES_H
#define WORKLOADS_ATTACK_MODULES_H

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

#include "attack_tools.h"

/* A page of libc's text where nothing is called meanwhile. */
static char *libc_page(void)
{
	char *p = dlsym(RTLD_DEFAULT, "regexec");

	MUST(p);
	return page_of(p);
}

/* Patches a function of its own. */
static void act_patch(void)
{
	char *at = page_of(add_one);

	MUST(!mprotect(at, 2 * PAGE, RWX));
	put_code(add_one, add_one);
	MUST(!mprotect(at, 2 * PAGE, RX));
	MUST(call(add_one, 1) == 2);
}

/* Patches a function of libc's. */
static void act_patch_libc(void)
{
	char *at = libc_page();

	MUST(!mprotect(at, PAGE, RW));
	MUST(!mprotect(at, PAGE, RX));
}

struct relro {
	const char *name;
	char *start;
	size_t bytes;
};

static int find_relro(struct dl_phdr_info *info, size_t size, void *ctx)
{
	struct relro *r = ctx;
	int i;

	(void)size;
	if (*r->name ? !strstr(info->dlpi_name, r->name) : *info->dlpi_name)
		return 0;
	for (i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_GNU_RELRO) {
			r->start = page_of((char *)info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
			r->bytes = PAGE;
		}
	return 1;
}

/* The table of libc's calls becomes writable; its own, if name is empty. */
static void undo_relro(const char *name)
{
	struct relro r = { .name = name };

	dl_iterate_phdr(find_relro, &r);
	MUST(r.bytes && !mprotect(r.start, r.bytes, RW));
}

static void act_relro(void)
{
	undo_relro("libc.so");
}

/* RELRO undone by a gadget in the loader, with the loader's address as the word on the stack. */
static void act_rop(void)
{
#if defined(__x86_64__)
	struct relro r = { .name = "libc.so" };
	unsigned long base = getauxval(AT_BASE);
	const unsigned char *p = (const unsigned char *)base + PAGE; /* its text */
	long result = SYS_mprotect;

	dl_iterate_phdr(find_relro, &r);
	MUST(r.bytes && base);
	while (memcmp(p, "\x0f\x05\x48\x3d", 4) || p[10] != 0xc3) /* syscall; cmp; jae; ret */
		p++;
	__asm__ volatile("sub $128, %%rsp; lea 1f(%%rip), %%rcx; push %%rcx; push %5; jmp *%1\n"
			 "1: add $128, %%rsp"
			 : "+a"(result)
			 : "r"(p), "D"(r.start), "S"(r.bytes), "d"(PROT_READ | PROT_WRITE),
			   "r"(p + 10)
			 : "rcx", "r11", "memory", "cc");
	MUST(!result);
#else
	_exit(77);
#endif
}

/* Over text of libc, which goes on as it was. */
static void act_stomp(void)
{
	static char copy[1 << 16];
	char *page = libc_page();

	memcpy(copy, page, PAGE);
	MUST(mmap(page, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page);
	memcpy(page, copy, PAGE);
	MUST(!mprotect(page, PAGE, RX));
}

static void act_stomp2(void)
{
	static char copy[1 << 16];
	char *page = libc_page();

	memcpy(copy, page, PAGE);
	MUST(!munmap(page, PAGE));
	MUST(mmap(page, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page);
	memcpy(page, copy, PAGE);
	MUST(!mprotect(page, PAGE, RX));
}

#endif
