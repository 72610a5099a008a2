/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ELF files are whatever somebody mapped: this program's own is read right, and with any
 * of its headers' bytes changed, or its end cut off, it is read without harm.
 */
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/vma.h"
#include "source/elffile.h"

static int relro_of_self(struct dl_phdr_info *info, size_t size, void *ret)
{
	uint64_t *range = ret;
	int i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

		if (ph->p_type != PT_GNU_RELRO)
			continue;
		range[0] = (info->dlpi_addr + ph->p_vaddr) & ~(page_bytes - 1);
		range[1] = (info->dlpi_addr + ph->p_vaddr + ph->p_memsz) & ~(page_bytes - 1);
	}
	range[2] = info->dlpi_addr;
	return 1; /* the program is first */
}

static void reads_itself(void **state)
{
	FILE *f = fopen("/proc/self/exe", "re");
	uint64_t range[3] = { 0 };
	struct elf_facts facts;

	(void)state;
	assert_non_null(f);
	dl_iterate_phdr(relro_of_self, range);
	assert_int_equal(elffile_read(fileno(f), range[2], 0, &facts), 0);
	assert_true(facts.has_relro); /* the Makefile links so */
	assert_int_equal(facts.relro_start, range[0]);
	assert_int_equal(facts.relro_end, range[1]);
	assert_false(facts.wants_exec_stack);
	assert_false(facts.has_text_relocs);
	fclose(f);
}

static FILE *copy_of_self(void)
{
	FILE *from = fopen("/proc/self/exe", "re"), *to = tmpfile();
	char block[65536];
	size_t n;

	assert_non_null(from);
	assert_non_null(to);
	while ((n = fread(block, 1, sizeof(block), from)))
		assert_int_equal(fwrite(block, 1, n, to), n);
	fclose(from);
	assert_int_equal(fflush(to), 0);
	return to;
}

/* Headers, program headers and the dynamic section: the same changes in each run. */
static void survives_changes(void **state)
{
	static const uint64_t values[] = { 0, 1, 0xff, 0x7fff, UINT32_MAX, INT64_MAX, UINT64_MAX };
	FILE *f = copy_of_self();
	struct elf_facts facts;
	size_t at, i;

	(void)state;
	for (at = 0; at < 1024; at += 2) {
		char was[8];

		assert_int_equal(pread(fileno(f), was, 8, at), 8);
		for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
			assert_int_equal(pwrite(fileno(f), &values[i], 8, at), 8);
			elffile_read(fileno(f), 0x400000, i << 12, &facts);
		}
		assert_int_equal(pwrite(fileno(f), was, 8, at), 8);
	}
	assert_int_equal(elffile_read(fileno(f), 0x400000, 0, &facts), 0);
	fclose(f);
}

static void refuses_what_is_cut(void **state)
{
	FILE *f = copy_of_self();
	struct elf_facts facts;
	size_t len;

	(void)state;
	for (len = 700; len--;) {
		assert_int_equal(ftruncate(fileno(f), len), 0);
		elffile_read(fileno(f), 0x400000, 0, &facts);
	}
	assert_int_equal(elffile_read(fileno(f), 0x400000, 0, &facts), -ENOEXEC);
	fclose(f);
}

static void reads_32_bit(void **state)
{
	Elf32_Ehdr h = { .e_phoff = sizeof(h), .e_phnum = 2, .e_phentsize = sizeof(Elf32_Phdr) };
	Elf32_Phdr ph[2] = { { .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W | PF_X },
			     { .p_type = PT_DYNAMIC, .p_offset = 200, .p_filesz = 16 } };
	Elf32_Dyn dyn[2] = { { .d_tag = DT_FLAGS, .d_un.d_val = DF_TEXTREL },
			     { .d_tag = DT_NULL } };
	FILE *f = tmpfile();
	struct elf_facts facts;

	(void)state;
	memcpy(h.e_ident, ELFMAG, SELFMAG);
	h.e_ident[EI_CLASS] = ELFCLASS32;
	h.e_ident[EI_DATA] = ELFDATA2LSB;
	assert_int_equal(pwrite(fileno(f), &h, sizeof(h), 0), sizeof(h));
	assert_int_equal(pwrite(fileno(f), ph, sizeof(ph), sizeof(h)), sizeof(ph));
	assert_int_equal(pwrite(fileno(f), dyn, sizeof(dyn), 200), sizeof(dyn));
	assert_int_equal(elffile_read(fileno(f), 0x400000, 0, &facts), 0);
	assert_true(facts.wants_exec_stack);
	assert_true(facts.has_text_relocs);
	assert_false(facts.has_relro);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_itself),
		cmocka_unit_test(survives_changes),
		cmocka_unit_test(refuses_what_is_cut),
		cmocka_unit_test(reads_32_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
