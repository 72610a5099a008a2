/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an ELF file asks of its loader. The file is whatever somebody mapped: nothing in it
 * is believed, and what makes no sense reads as not being there.
 */
#ifndef SOURCE_ELFFILE_H
#define SOURCE_ELFFILE_H

#include <stdbool.h>
#include <stdint.h>

struct elf_facts {
	bool wants_exec_stack;
	bool has_text_relocs;
	bool has_relro;
	uint64_t relro_start, relro_end; /* where it was mapped; equal if that is not known */
};

/*
 * fd is a regular file, of which [off, …) is mapped at start. 0, -ENOEXEC if it is no ELF file
 * of this byte order, or another -errno.
 */
int elffile_read(int fd, uint64_t start, uint64_t off, struct elf_facts *ret);

#endif
